import type { Socket } from "node:net";

/** Writes lines to a socket, and tells when its peer has taken them. */
export class LineWriter {
  readonly #socket: Socket;
  #drained: Promise<void> | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Null: send on. Else the peer has more than enough unread; resolves once it has read that, or has gone. */
  write(text: string): Promise<void> | null {
    if (!this.#socket.writable || this.#socket.write(`${text}\n`)) return null;
    return (this.#drained ??= this.#untilDrained());
  }

  async #untilDrained(): Promise<void> {
    const drained = Promise.withResolvers<void>();
    this.#socket.once("drain", drained.resolve).once("close", drained.resolve);
    await drained.promise;
    this.#socket.off("drain", drained.resolve).off("close", drained.resolve);
    this.#drained = null;
  }
}
