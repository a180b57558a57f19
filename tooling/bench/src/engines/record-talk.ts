import { TextDecoder } from "node:util";

/**
 * The host's side of docs/wasi-protocol.md in the least code: no limits, no checks, and whoever writes to it is believed. What
 * a program would do that runs a command by itself.
 */
export class RecordTalk {
  readonly #write: (record: string) => void;
  readonly #onCall: () => void;
  readonly #decoder = new TextDecoder();
  #text = "";
  #lastId = 0;
  #resolve: (result: unknown) => void = () => {};

  constructor(write: (record: string) => void, onCall: () => void) {
    this.#write = write;
    this.#onCall = onCall;
  }

  /** What the guest answers, one command at a time. */
  command(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#resolve = resolve;
    this.#send({ id: ++this.#lastId, method, params });
    return promise;
  }

  /** Bytes of the guest's standard output. */
  receive(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    for (let end = this.#text.indexOf("\n"); end >= 0; end = this.#text.indexOf("\n")) {
      const line = this.#text.slice(1, end);
      this.#text = this.#text.slice(end + 1);
      // Proof: the bench's own guest wrote it.
      const { id, method, params, result } = JSON.parse(line) as Message;
      if (method === "call") {
        this.#onCall();
        this.#send({ id, interrupt: 0, result: params?.payload });
      } else this.#resolve(result);
    }
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    this.#write(`\u001e${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }
}

interface Message {
  readonly id: number;
  readonly method?: string;
  readonly params?: { readonly payload: string };
  readonly result?: unknown;
}
