import { getJobStatus, type JobManager } from "@spacedrive/jobs";
import {
  describeIssues,
  localUser,
  parseJobId,
  parseLibraryId,
  parseMethod,
  SpacedriveError,
  type Wire,
} from "@spacedrive/wire";
import {
  createJSONRPCNotification,
  createJSONRPCSuccessResponse,
  JSONRPCServer,
  type JSONRPCRequest,
  type JSONRPCResponse,
} from "json-rpc-2.0";
import type { z } from "zod";
import { toMessage } from "./job-update-message.js";
import {
  callParams,
  cancelParams,
  followParams,
  helloParams,
  type helloReply,
  METHODS,
  PROTOCOL_VERSION,
  protocolUnsupported,
  RPC_CODES,
  type RequestId,
} from "./protocol.js";
import { errorResponse, RpcFault } from "./rpc-error.js";

/** What the socket gives access to. */
export interface HostServices {
  readonly wire: Wire;
  readonly jobs: JobManager;
  readonly dataDir: string;
}

/** One request, and the connection it came by. */
export interface RpcContext {
  /** Aborted when the request is given up, its client has gone, or the host closes. */
  readonly signal: AbortSignal;
  /** Null for a notification. */
  readonly id: RequestId;
  greeted(client: string): void;
  isGreeted(): boolean;
  /** Gives up the request with this id. */
  cancel(id: RequestId): void;
  /** Resolves once the client has taken enough to be sent more. */
  notify(message: JSONRPCRequest): Promise<void>;
}

/** The methods of the socket: the protocol's own, and every operation on Wire. */
export function createRpcMethods({ wire, jobs, dataDir }: HostServices): JSONRPCServer<RpcContext> {
  // What fails is answered; the dispatcher has logged what is worth it.
  const server = new JSONRPCServer<RpcContext>({ errorListener: () => {} });
  server.mapErrorToJSONRPCErrorResponse = errorResponse;
  server.applyMiddleware(async (next, request, context): Promise<JSONRPCResponse | null> => {
    if (!context.isGreeted() && request.method !== METHODS.hello) {
      throw new RpcFault(
        RPC_CODES.invalidRequest,
        new SpacedriveError("INVALID_INPUT", `The first request of a connection is "${METHODS.hello}".`),
      );
    }
    if (server.hasMethod(request.method)) return next(request, context);
    const output = await callWire(wire, request, context);
    return request.id === undefined ? null : createJSONRPCSuccessResponse(request.id, output);
  });

  server.addMethod(METHODS.hello, (params: unknown, context): z.output<typeof helloReply> => {
    const { protocol, client } = parse(helloParams, params, METHODS.hello);
    if (protocol !== PROTOCOL_VERSION) throw protocolUnsupported("The client", protocol);
    context.greeted(client);
    return { protocol: PROTOCOL_VERSION, pid: process.pid, data_dir: dataDir };
  });
  server.addMethod(METHODS.cancel, (params: unknown, context) => {
    context.cancel(parse(cancelParams, params, METHODS.cancel).id);
  });
  server.addMethod(METHODS.followJob, async (params: unknown, context) => {
    const job = await jobs.get(parseJobId(parse(followParams, params, METHODS.followJob).job_id));
    for await (const update of job.updates({ signal: context.signal })) {
      await context.notify(
        createJSONRPCNotification(METHODS.jobUpdated, { follow: context.id, update: toMessage(update) }),
      );
    }
    // With the answer, since a host may close once its job has ended. Where the manager closed, this says so.
    return wire.call(getJobStatus, { job_id: job.id }, { caller: localUser, library: job.library });
  });
  return server;
}

async function callWire(wire: Wire, request: JSONRPCRequest, { signal }: RpcContext): Promise<unknown> {
  if (!/^(query|action):/.test(request.method)) {
    const name = JSON.stringify(request.method.slice(0, 200));
    throw new RpcFault(
      RPC_CODES.methodNotFound,
      new SpacedriveError("NOT_FOUND", `The host has no method ${name}: operations begin with "query:" or "action:".`),
    );
  }
  parseMethod(request.method);
  const { input = {}, library } = parse(callParams, request.params ?? {}, request.method);
  return wire.call(request.method, input, {
    caller: localUser,
    library: library === undefined || library === null ? null : parseLibraryId(library),
    signal,
  });
}

function parse<Schema extends z.ZodType>(schema: Schema, params: unknown, method: string): z.output<Schema> {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  throw new RpcFault(
    RPC_CODES.invalidParams,
    new SpacedriveError("INVALID_INPUT", `"${method}" does not take these params: ${describeIssues(parsed.error)}`),
  );
}
