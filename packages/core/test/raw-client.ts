import { once } from "node:events";
import { createConnection, type Socket } from "node:net";

/** A client that knows nothing of the protocol: it sends what it is told, and takes lines apart. */
export class RawClient implements AsyncDisposable {
  readonly socket: Socket;
  readonly ended: Promise<unknown>;
  readonly #lines: string[] = [];
  #rest = "";
  #wake = Promise.withResolvers<void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    this.ended = once(socket, "close");
    socket.setEncoding("utf8").on("data", (text: string) => {
      const lines = (this.#rest + text).split("\n");
      this.#rest = lines.pop() ?? "";
      this.#lines.push(...lines);
      this.#wake.resolve();
    });
    socket.on("error", () => {});
    socket.on("close", () => this.#wake.resolve());
  }

  static async connect(path: string): Promise<RawClient> {
    const socket = createConnection({ path });
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** One that has said its hello. */
  static async greeted(path: string): Promise<RawClient> {
    const client = await RawClient.connect(path);
    client.send({ jsonrpc: "2.0", id: "hello", method: "host.hello", params: { protocol: 1 } });
    await client.next();
    return client;
  }

  send(message: unknown): void {
    this.socket.write(`${JSON.stringify(message)}\n`);
  }

  ping(id: unknown, message = "hi"): Record<string, unknown> {
    return { jsonrpc: "2.0", id, method: "query:test.ping.v1", params: { input: { message }, library: this.library } };
  }

  /** The library that pings name. */
  library: string | null = null;

  /** The next message that came; null: there will be none. */
  async next(): Promise<unknown> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return JSON.parse(line);
      if (this.socket.destroyed) return null;
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.ended;
  }
}
