import type { Socket } from "node:net";
import { isSpacedriveError, type Logger, parseJson, SpacedriveError, toJson } from "@spacedrive/wire";
import { createJSONRPCNotification, type JSONRPCResponse, type JSONRPCServer } from "json-rpc-2.0";
import { LineWriter } from "./line-writer.js";
import { MessageReader, type UnfinishedBytes } from "./message-reader.js";
import {
  METHODS,
  type RequestId,
  type RequestMessage,
  requestMessage,
  RPC_CODES,
  type SocketLimits,
} from "./protocol.js";
import { errorResponse, hostClosing, RpcFault } from "./rpc-error.js";
import type { RpcContext } from "./rpc-methods.js";
import { orAborted, within } from "./within.js";

interface ClientConnectionOptions {
  readonly socket: Socket;
  readonly methods: JSONRPCServer<RpcContext>;
  readonly limits: SocketLimits;
  readonly unfinished: UnfinishedBytes;
  readonly logger: Logger;
}

/** The host's end of one connection. What its client does wrong ends this connection and nothing else. */
export class ClientConnection {
  readonly #socket: Socket;
  readonly #methods: JSONRPCServer<RpcContext>;
  readonly #limits: SocketLimits;
  readonly #logger: Logger;
  readonly #reader: MessageReader;
  readonly #writer: LineWriter;
  /** Requests under way; a notification has a key of its own. */
  readonly #underWay = new Map<RequestId | symbol, AbortController>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #connectedAt = performance.now();
  /** When the message began whose end has not come. */
  #withinSince: number | null = null;
  #client: string | null = null;
  #closing = false;
  #idle = Promise.withResolvers<void>();

  constructor(options: ClientConnectionOptions) {
    this.#socket = options.socket;
    this.#methods = options.methods;
    this.#limits = options.limits;
    this.#logger = options.logger;
    this.#reader = new MessageReader(options.limits.maxMessageBytes, options.unfinished);
    this.#writer = new LineWriter(options.socket);
    this.#idle.resolve();
    // A host that has nothing else to do may end, whoever is connected.
    this.#socket.unref();
    this.#socket.setTimeout(Math.min(options.limits.helloMs, options.limits.stallMs));
    this.#socket.on("timeout", () => this.#onSilence());
    this.#socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on("error", () => this.#socket.destroy());
    this.#socket.on("end", () => this.#giveUp(clientGone()));
    this.#socket.on("close", () => {
      this.#giveUp(clientGone());
      this.#reader.drop();
      this.#ended.resolve();
    });
    this.#socket.resume();
  }

  /** Resolves once the connection is closed, by whomever. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Says that it closes, refuses what comes now, lets what is under way end within `closeMs`, answers the rest `CLOSED`, and hangs up. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#socket.ref();
    void this.#writer.write(JSON.stringify(createJSONRPCNotification(METHODS.closing)));
    const { closeMs } = this.#limits;
    await within(closeMs, this.#idle.promise, this.ended);
    this.#giveUp(hostClosed());
    await within(closeMs, this.#idle.promise, this.ended);
    this.#socket.end();
    await within(closeMs, this.ended);
    this.#socket.destroy();
    await this.ended;
  }

  #onData(chunk: Buffer): void {
    try {
      let messages = 0;
      for (const text of this.#reader.read(chunk)) {
        messages++;
        this.#receive(text);
        if (!this.#socket.writable) return;
      }
      this.#checkPace(messages > 0);
    } catch (error) {
      this.#hangUp(error);
    }
  }

  /** A client that sends a byte now and then is silent at no time, and still must come to an end. */
  #checkPace(anyEnded: boolean): void {
    const now = performance.now();
    if (this.#client === null && now - this.#connectedAt > this.#limits.helloMs) throw tooSlow();
    if (!this.#reader.isWithin) this.#withinSince = null;
    else if (anyEnded || this.#withinSince === null) this.#withinSince = now;
    else if (now - this.#withinSince > this.#limits.stallMs) throw tooSlow();
  }

  /** An idle client may stay; one that owes a hello, the rest of a message, or the reading of what it asked for may not. */
  #onSilence(): void {
    if (this.#client === null || this.#reader.isWithin) this.#hangUp(tooSlow());
    else if (this.#socket.writableLength > 0) this.#socket.destroy();
  }

  #receive(text: string | null): void {
    let message: unknown;
    try {
      if (text === null) throw new SpacedriveError("INVALID_INPUT", "A message is not UTF-8.");
      message = parseJson(text, "A message");
    } catch (error) {
      this.#reply(errorResponse(null, isSpacedriveError(error) ? new RpcFault(RPC_CODES.parse, error) : error));
      return;
    }
    if (!Array.isArray(message)) {
      void this.#answer(message).then((response) => this.#reply(response));
    } else if (message.length === 0 || message.length > this.#limits.maxRequests) {
      const rule = `A batch has 1 to ${this.#limits.maxRequests} requests, and this has ${message.length}.`;
      this.#reply(errorResponse(null, invalidRequest(rule)));
    } else {
      void Promise.all(message.map((one) => this.#answer(one))).then((responses) => {
        const answered = responses.filter((response) => response !== null);
        if (answered.length > 0) this.#reply(answered);
      });
    }
  }

  /** Never rejects. Null: it was a notification. */
  async #answer(message: unknown): Promise<JSONRPCResponse | null> {
    const parsed = requestMessage.safeParse(message);
    if (!parsed.success) return errorResponse(null, invalidRequest("A message is not a request of JSON-RPC 2.0."));
    const request = parsed.data;
    const { id } = request;
    const controller = new AbortController();
    const key = id === undefined ? Symbol(request.method) : id;
    try {
      this.#checkAdmission(request);
      if (this.#underWay.size === 0) this.#idle = Promise.withResolvers();
      this.#underWay.set(key, controller);
      const { jsonrpc, method, params } = request;
      const call = this.#methods.receive(
        { jsonrpc, method, params, ...(id === undefined ? {} : { id }) },
        this.#contextOf(id ?? null, controller.signal),
      );
      return await orAborted(call, controller.signal);
    } catch (error) {
      return id === undefined ? null : errorResponse(id, error);
    } finally {
      if (this.#underWay.get(key) === controller) this.#underWay.delete(key);
      if (this.#underWay.size === 0) this.#idle.resolve();
    }
  }

  #checkAdmission({ id, method }: RequestMessage): void {
    if (this.#closing) throw hostClosing();
    if (id !== undefined && this.#underWay.has(id)) {
      throw invalidRequest(`A request that is under way has the id ${JSON.stringify(id)}.`);
    }
    if (this.#underWay.size >= this.#limits.maxRequests && method !== METHODS.cancel) {
      throw new SpacedriveError(
        "BUSY",
        `This connection has ${this.#limits.maxRequests} requests under way. Send more when some have been answered.`,
      );
    }
  }

  #contextOf(id: RequestId, signal: AbortSignal): RpcContext {
    return {
      id,
      signal,
      greeted: (client) => {
        this.#client = client;
        this.#socket.setTimeout(this.#limits.stallMs);
      },
      isGreeted: () => this.#client !== null,
      cancel: (cancelled) => this.#underWay.get(cancelled)?.abort(givenUp()),
      notify: async (notification) => {
        if (!signal.aborted) await this.#writer.write(JSON.stringify(notification));
      },
    };
  }

  #reply(response: JSONRPCResponse | JSONRPCResponse[] | null): void {
    if (response === null) return;
    const drained = this.#writer.write(this.#textOf(response));
    if (drained === null) return;
    // Whoever does not read what it asked for is not asked what else it wants.
    this.#socket.pause();
    void drained.then(() => this.#socket.resume());
  }

  #textOf(response: JSONRPCResponse | JSONRPCResponse[]): string {
    const id = Array.isArray(response) ? null : response.id;
    try {
      const text = toJson(response, "The output");
      if (Buffer.byteLength(text) <= this.#limits.maxMessageBytes) return text;
      const message = `The answer has more than ${this.#limits.maxMessageBytes} bytes, which is the limit of the host's socket.`;
      return JSON.stringify(errorResponse(id, new SpacedriveError("REPLY_TOO_LARGE", message)));
    } catch (error) {
      return JSON.stringify(errorResponse(id, error));
    }
  }

  /** Nothing after this can be understood: says why, and closes the connection. */
  #hangUp(reason: unknown): void {
    this.#logger.warn({ client: this.#client, err: reason }, "a client of the host's socket was disconnected");
    this.#reader.drop();
    this.#socket.removeAllListeners("data").removeAllListeners("timeout");
    this.#reply(errorResponse(null, reason));
    this.#giveUp(clientGone());
    this.#socket.end();
    // What it still sends is thrown away, so that it comes to read why; for a moment.
    this.#socket.resume().setTimeout(this.#limits.closeMs, () => this.#socket.destroy());
  }

  #giveUp(reason: SpacedriveError): void {
    for (const controller of this.#underWay.values()) controller.abort(reason);
  }
}

function invalidRequest(message: string): RpcFault {
  return new RpcFault(RPC_CODES.invalidRequest, new SpacedriveError("INVALID_INPUT", message));
}

function tooSlow(): SpacedriveError {
  return new SpacedriveError("TIMEOUT", "The client was too slow to send its hello, or the rest of a message.");
}

function clientGone(): SpacedriveError {
  return new SpacedriveError("CANCELLED", "The client has gone.");
}

function hostClosed(): SpacedriveError {
  return new SpacedriveError(
    "CLOSED",
    "The host closed before the call ended. Look whether it took effect before you repeat it.",
  );
}

function givenUp(): SpacedriveError {
  return new SpacedriveError("CANCELLED", "The client gave the request up.");
}
