import { SpacedriveError } from "@spacedrive/wire";
import { z } from "zod";

/** The socket in the data directory. */
export const SOCKET_NAME = "host.sock";

/** What this release speaks. A released number never changes meaning. */
export const PROTOCOL_VERSION = 1;

/** What is no operation on Wire. Methods of operations begin with `query:` or `action:`. */
export const METHODS = {
  /** The first request of a connection; answers who is there. */
  hello: "host.hello",
  /** A notification: gives up the request with this id. */
  cancel: "host.cancel",
  /** Sends `host.job_updated` notifications until the job ends or is paused, and answers then. */
  followJob: "host.follow_job",
  /** A notification from the host. */
  jobUpdated: "host.job_updated",
  /** The host's last notification: requests that it does not answer after this were not begun. */
  closing: "host.closing",
} as const;

/** What one peer can ask of the other at most. The defaults are part of the protocol's documentation. */
export interface SocketLimits {
  /** One message, both ways: the largest sidecar in base64 and its envelope. */
  readonly maxMessageBytes: number;
  /** Unfinished messages of all connections together. */
  readonly maxUnfinishedBytes: number;
  readonly maxConnections: number;
  /** Requests of one connection at the same time, and requests in one batch. */
  readonly maxRequests: number;
  /** From connecting to the hello. */
  readonly helloMs: number;
  /** From a message's first byte to its last, and how long a peer may leave what it is sent unread. */
  readonly stallMs: number;
  /** How long requests that are under way have to end once the host closes. */
  readonly closeMs: number;
}

export const SOCKET_LIMITS: SocketLimits = {
  maxMessageBytes: 48 * 1024 * 1024,
  maxUnfinishedBytes: 192 * 1024 * 1024,
  maxConnections: 128,
  maxRequests: 64,
  helloMs: 10_000,
  stallMs: 30_000,
  closeMs: 1_000,
};

const requestId = z.union([z.string().max(256), z.number(), z.null()]);

/** A request, or, without an id, a notification. */
export const requestMessage = z.object({
  jsonrpc: z.literal("2.0"),
  id: requestId.optional(),
  method: z.string(),
  params: z.unknown().optional(),
});

/** The id of a request that is told apart from a notification, which has none. */
export type RequestId = z.output<typeof requestId>;
export type RequestMessage = z.output<typeof requestMessage>;

export const helloParams = z.object({
  protocol: z.int(),
  /** Who it is, for the host's log: `sdx 1.0.0`. */
  client: z.string().max(200).default("unknown"),
});
export const helloReply = z.object({
  protocol: z.int(),
  pid: z.int(),
  data_dir: z.string(),
});

export const callParams = z.object({ input: z.unknown().optional(), library: z.string().nullish() });
export const cancelParams = z.object({ id: requestId });
export const followParams = z.object({ job_id: z.string() });

/** JSON-RPC's own codes. What Spacedrive refuses or fails at is `server`, with the envelope as `data`. */
export const RPC_CODES = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  server: -32000,
} as const;

export function protocolUnsupported(who: string, theirs: number): SpacedriveError {
  return new SpacedriveError(
    "PROTOCOL_UNSUPPORTED",
    `${who} speaks version ${theirs} of the socket's protocol, and this is version ${PROTOCOL_VERSION}. Use the same release of both.`,
    { details: { known: [PROTOCOL_VERSION] } },
  );
}
