import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { type Logger, SpacedriveError } from "@spacedrive/wire";
import type { JSONRPCServer } from "json-rpc-2.0";
import { type BoundSocket, bindSocket } from "./bound-socket.js";
import { ClientConnection } from "./client-connection.js";
import { UnfinishedBytes } from "./message-reader.js";
import { SOCKET_LIMITS, SOCKET_NAME, type SocketLimits } from "./protocol.js";
import { errorResponse, hostClosing } from "./rpc-error.js";
import { createRpcMethods, type HostServices, type RpcContext } from "./rpc-methods.js";
import { within } from "./within.js";

interface HostSocketOptions {
  /** The data directory's real path; its lock is held. */
  readonly folder: string;
  readonly logger: Logger;
  readonly limits?: Partial<SocketLimits>;
}

/**
 * The socket of a data directory, by which other processes of its user reach the one that has it open. Whoever can open
 * the socket is the local user: its mode is the authentication.
 */
export class HostSocket implements AsyncDisposable {
  /** Where it lies. */
  readonly path: string;
  readonly #limits: SocketLimits;
  readonly #logger: Logger;
  readonly #unfinished: UnfinishedBytes;
  readonly #server: Server;
  readonly #connections = new Set<ClientConnection>();
  /** Who connected before the host was ready, unread. */
  readonly #early = new Set<Socket>();
  #methods: JSONRPCServer<RpcContext> | null = null;
  #bound: BoundSocket | null = null;
  #closing: Promise<void> | null = null;

  private constructor({ folder, logger, limits }: HostSocketOptions) {
    this.path = join(folder, SOCKET_NAME);
    this.#limits = { ...SOCKET_LIMITS, ...limits };
    this.#logger = logger;
    this.#unfinished = new UnfinishedBytes(this.#limits.maxUnfinishedBytes);
    this.#server = createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket));
    // Reaching its limit of open files, a server says so and goes on.
    this.#server.on("error", (err) => logger.warn({ err }, "the host's socket could not accept a client"));
    this.#server.unref();
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.#connections.size + this.#early.size;
  }

  /**
   * Binds the socket. Clients may connect at once, and are answered after {@link serve}.
   *
   * @throws the system's error, or SpacedriveError `PATH_DENIED` where the folder is open to others.
   */
  static async listen(options: HostSocketOptions): Promise<HostSocket> {
    if (process.platform === "win32") {
      throw new SpacedriveError("OPERATION_FAILED", "Hosts serve no socket on Windows.");
    }
    const socket = new HostSocket(options);
    socket.#bound = await bindSocket(socket.#server, options.folder);
    return socket;
  }

  /** Answers clients from now on. */
  serve(services: HostServices): void {
    if (this.#closing !== null) return;
    this.#methods = createRpcMethods(services);
    for (const socket of this.#early) this.#connect(socket, this.#methods);
    this.#early.clear();
  }

  /**
   * Takes the socket away, so that nobody connects any more; gives requests under way a moment to end, answers the others
   * `CLOSED`, and hangs up. Twice is harmless.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    try {
      this.#bound?.unbind();
    } catch (err) {
      // One that stays behind is taken over by the next host.
      this.#logger.warn({ err }, "the host's socket could not be taken away");
    }
    await Promise.all([
      ...[...this.#early].map((socket) => this.#refuse(socket, hostClosing())),
      ...[...this.#connections].map((connection) => connection.close()),
    ]);
  }

  #accept(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    if (this.#closing !== null) {
      void this.#refuse(socket, hostClosing());
    } else if (this.connections >= this.#limits.maxConnections) {
      const message = `The host has ${this.#limits.maxConnections} clients already. Try again when one has left.`;
      void this.#refuse(socket, new SpacedriveError("BUSY", message));
    } else if (this.#methods !== null) {
      this.#connect(socket, this.#methods);
    } else {
      socket.unref();
      this.#early.add(socket);
      socket.once("close", () => this.#early.delete(socket));
    }
  }

  #connect(socket: Socket, methods: JSONRPCServer<RpcContext>): void {
    const connection = new ClientConnection({
      socket,
      methods,
      limits: this.#limits,
      unfinished: this.#unfinished,
      logger: this.#logger,
    });
    this.#connections.add(connection);
    void connection.ended.then(() => this.#connections.delete(connection));
  }

  async #refuse(socket: Socket, reason: SpacedriveError): Promise<void> {
    const closed = new Promise<void>((resolve) => void socket.once("close", () => resolve()));
    socket.resume().end(`${JSON.stringify(errorResponse(null, reason))}\n`);
    await within(this.#limits.closeMs, closed);
    socket.destroy();
  }
}
