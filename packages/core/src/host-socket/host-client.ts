import type { Socket } from "node:net";
import { getJobStatus, type JobUpdate } from "@spacedrive/jobs";
import {
  formatMethod,
  type JobId,
  type LibraryId,
  type OperationDefinition,
  type OperationScope,
  parseJson,
  SpacedriveError,
  toSpacedriveError,
} from "@spacedrive/wire";
import { JSONRPCClient } from "json-rpc-2.0";
import { z } from "zod";
import { openClientSocket } from "./client-socket.js";
import { fromMessage, jobUpdateMessage } from "./job-update-message.js";
import { LineWriter } from "./line-writer.js";
import { MessageReader, UnfinishedBytes } from "./message-reader.js";
import { helloReply, METHODS, PROTOCOL_VERSION, protocolUnsupported, SOCKET_LIMITS } from "./protocol.js";
import { errorFromResponse, hostClosing } from "./rpc-error.js";
import { UpdateInbox } from "./update-inbox.js";
import { orAborted, within } from "./within.js";

export interface HostClientOptions {
  /** The data directory whose host is wanted. */
  readonly dataDir: string;
  /** Who is calling, for the host's log. */
  readonly client?: string;
  /** How long the host has to answer the hello; one that is still opening its libraries answers when it is done. Default 10,000. */
  readonly helloMs?: number;
}

/** A call to a host in another process. */
export interface HostCallOptions {
  /** Needed where the operation's scope is `library`. */
  readonly library?: LibraryId | null;
  /** Gives the call up, here and in the host. */
  readonly signal?: AbortSignal;
}

const response = z.object({
  id: z.union([z.string(), z.number(), z.null()]),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
});
const notification = z.object({ method: z.string(), params: z.unknown().optional() });

/** A connection to the process that has a data directory open. */
export class HostClient implements AsyncDisposable {
  /** The host's process. */
  #pid = 0;
  readonly #socket: Socket;
  readonly #writer: LineWriter;
  readonly #reader: MessageReader;
  /** What it is to send comes with it as text already. */
  readonly #rpc: JSONRPCClient<string>;
  readonly #inboxes = new Map<number, UpdateInbox>();
  readonly #ended = Promise.withResolvers<void>();
  #lastId = 0;
  /** Set once the host has said that it closes: what it does not answer it has not begun. */
  #farewell: SpacedriveError | null = null;
  /** Why nothing can be asked any more. */
  #lost: SpacedriveError | null = null;

  private constructor(socket: Socket) {
    const { maxMessageBytes } = SOCKET_LIMITS;
    this.#socket = socket;
    this.#writer = new LineWriter(socket);
    // A batch of answers can be longer than one; this client sends none.
    this.#reader = new MessageReader(maxMessageBytes, new UnfinishedBytes(maxMessageBytes));
    this.#rpc = new JSONRPCClient(async (_message, text) => {
      await this.#writer.write(text);
    });
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("error", (cause) => this.#lose(this.#farewell ?? wentAway(cause)));
    socket.on("close", () => {
      this.#lose(this.#farewell ?? wentAway(null));
      this.#ended.resolve();
    });
    socket.resume();
  }

  /** For {@link connectToHost}. */
  static async connect(options: HostClientOptions): Promise<HostClient> {
    const { dataDir, client = `node ${process.version}`, helloMs = SOCKET_LIMITS.helloMs } = options;
    const connected = new HostClient(await openClientSocket(dataDir));
    const tooLate = AbortSignal.timeout(helloMs);
    try {
      const answer = await connected.#request(METHODS.hello, { protocol: PROTOCOL_VERSION, client }, tooLate);
      const hello = helloReply.safeParse(answer);
      if (!hello.success) throw notOurs();
      if (hello.data.protocol !== PROTOCOL_VERSION) throw protocolUnsupported("The host", hello.data.protocol);
      connected.#pid = hello.data.pid;
      return connected;
    } catch (error) {
      await connected.close();
      if (!tooLate.aborted) throw error;
      throw new SpacedriveError("HOST_UNREACHABLE", `The host of "${dataDir}" did not answer within ${helloMs} ms.`);
    }
  }

  /** Of the host's process. */
  get pid(): number {
    return this.#pid;
  }

  /**
   * Calls an operation of the host as the local user. By definition the call is typed; by method string it takes and
   * returns `unknown`.
   *
   * @throws SpacedriveError what the operation throws; `CLOSED` where the host closes, and the call was not begun or given
   * up; `HOST_UNREACHABLE` where it went away, and what became of the call is not known; `PAYLOAD_TOO_LARGE`,
   * `REPLY_TOO_LARGE`, `BUSY`, `CANCELLED`.
   */
  call<Scope extends OperationScope, Input extends z.ZodType, Output extends z.ZodType>(
    operation: OperationDefinition<"query" | "action", Scope, Input, Output>,
    input: z.input<Input>,
    options?: HostCallOptions,
  ): Promise<z.output<Output>>;
  call(method: string, input: unknown, options?: HostCallOptions): Promise<unknown>;
  async call(target: string | OperationDefinition, input: unknown, options: HostCallOptions = {}): Promise<unknown> {
    const method = typeof target === "string" ? target : formatMethod(target);
    const params = { input, library: options.library ?? null };
    const output = await this.#request(method, params, options.signal ?? null);
    return typeof target === "string" ? output : outputOf(target, output);
  }

  /**
   * How a job of the host stands, at once and after each change, until it is completed, failed, cancelled or paused, or
   * `signal` aborts. Changes that come faster than they are taken are merged. It returns the job as
   * `query:jobs.get_status.v1` tells it, or null where `signal` aborted.
   *
   * @throws SpacedriveError `NOT_FOUND`, `CLOSED` where the host closes: the job goes on at its next start;
   * `HOST_UNREACHABLE`.
   */
  async *follow(
    job: JobId,
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<JobUpdate, z.output<typeof getJobStatus.output> | null, undefined> {
    const id = ++this.#lastId;
    const inbox = new UpdateInbox();
    const leaving = new AbortController();
    const signal = options.signal === undefined ? leaving.signal : AbortSignal.any([leaving.signal, options.signal]);
    let final: unknown = null;
    this.#inboxes.set(id, inbox);
    this.#request(METHODS.followJob, { job_id: job }, signal, id).then(
      (answer) => {
        final = answer;
        inbox.end(null);
      },
      (error: unknown) => inbox.end(signal.aborted ? null : toSpacedriveError(error, "INTERNAL", "Following failed.")),
    );
    try {
      yield* inbox.take();
      return signal.aborted ? null : outputOf(getJobStatus, final);
    } finally {
      leaving.abort();
      this.#inboxes.delete(id);
    }
  }

  /** Gives up what is under way, and disconnects. Twice is harmless. */
  async close(): Promise<void> {
    this.#lose(new SpacedriveError("CLOSED", "The connection to the host has been closed."));
    this.#socket.destroySoon();
    await within(SOCKET_LIMITS.closeMs, this.#ended.promise);
    this.#socket.destroy();
    await this.#ended.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #request(
    method: string,
    params: Readonly<Record<string, unknown>>,
    signal: AbortSignal | null,
    id: number = ++this.#lastId,
  ): Promise<unknown> {
    if (this.#lost !== null) throw this.#lost;
    const request = { jsonrpc: "2.0", id, method, params } as const;
    const given = this.#rpc.requestAdvanced(request, textOf(request));
    const { result, error } = await (signal === null ? given : orAborted(given, signal).catch(() => this.#giveUp(id)));
    if (error === undefined) return result;
    throw this.#lost ?? errorFromResponse(error);
  }

  #giveUp(id: number): never {
    const params = { id };
    if (this.#lost === null)
      this.#rpc.notify(METHODS.cancel, params, JSON.stringify({ jsonrpc: "2.0", method: METHODS.cancel, params }));
    throw this.#lost ?? new SpacedriveError("CANCELLED", "The call to the host was given up.");
  }

  #onData(chunk: Buffer): void {
    try {
      for (const text of this.#reader.read(chunk)) this.#receive(parseJson(text ?? "", "The host's message"));
    } catch (cause) {
      this.#lose(notOurs(cause));
      this.#socket.destroy();
    }
  }

  #receive(message: unknown): void {
    const told = notification.safeParse(message);
    if (told.success) {
      this.#onNotification(told.data.method, told.data.params);
      return;
    }
    const answer = response.parse(message);
    // What is said to nobody is said of the connection.
    if (answer.id === null) this.#lose(answer.error === undefined ? notOurs() : errorFromResponse(answer.error));
    else if (answer.error === undefined) {
      this.#rpc.receive({ jsonrpc: "2.0", id: answer.id, result: answer.result ?? null });
    } else this.#rpc.receive({ jsonrpc: "2.0", id: answer.id, error: answer.error });
  }

  #onNotification(method: string, params: unknown): void {
    if (method === METHODS.closing) this.#farewell = hostClosing();
    if (method !== METHODS.jobUpdated) return;
    const { follow, update } = jobUpdateMessage.parse(params);
    this.#inboxes.get(Number(follow))?.put(fromMessage(update));
  }

  #lose(reason: SpacedriveError): void {
    if (this.#lost !== null) return;
    this.#lost = reason;
    this.#rpc.rejectAllPendingRequests(reason.message);
  }
}

/** @throws SpacedriveError `PROTOCOL_UNSUPPORTED` where the host is of another release, whose answer has another shape. */
function outputOf<Output extends z.ZodType>(
  operation: OperationDefinition<"query" | "action", OperationScope, z.ZodType, Output>,
  output: unknown,
): z.output<Output> {
  const parsed = operation.output.safeParse(output);
  if (parsed.success) return parsed.data;
  throw new SpacedriveError(
    "PROTOCOL_UNSUPPORTED",
    `The host's "${formatMethod(operation)}" answers what this release does not know. Use the same release of both.`,
    { cause: parsed.error },
  );
}

/** @throws SpacedriveError `INVALID_INPUT`, `PAYLOAD_TOO_LARGE`. */
function textOf(request: { readonly method: string }): string {
  let text: string;
  try {
    text = JSON.stringify(request);
  } catch (cause) {
    throw new SpacedriveError("INVALID_INPUT", `The input of "${request.method}" cannot be written as JSON.`, {
      cause,
    });
  }
  if (Buffer.byteLength(text) <= SOCKET_LIMITS.maxMessageBytes) return text;
  throw new SpacedriveError(
    "PAYLOAD_TOO_LARGE",
    `The input of "${request.method}" has more than the ${SOCKET_LIMITS.maxMessageBytes} bytes of one message.`,
  );
}

function wentAway(cause: Error | null): SpacedriveError {
  return new SpacedriveError(
    "HOST_UNREACHABLE",
    "The host went away before it answered. Whether an action took effect is not known: look, before you repeat it.",
    cause === null ? {} : { cause },
  );
}

function notOurs(cause: unknown = null): SpacedriveError {
  return new SpacedriveError("PROTOCOL_UNSUPPORTED", "What answers on the host's socket does not speak its protocol.", {
    cause,
  });
}

/**
 * Connects to the process that has a data directory open, as the local user.
 *
 * @throws SpacedriveError `HOST_UNREACHABLE` where there is none, or it serves no socket; `CLOSED` where it is about to
 * end; `PROTOCOL_UNSUPPORTED`, `PATH_DENIED`, `BUSY`.
 */
export function connectToHost(options: HostClientOptions): Promise<HostClient> {
  return HostClient.connect(options);
}
