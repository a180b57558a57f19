import { isUtf8 } from "node:buffer";
import { SpacedriveError } from "@spacedrive/wire";

const LINE_FEED = 0x0a;
const FIRST_CAPACITY = 16 * 1024;

/** The bytes that all connections of a socket hold for messages whose end has not come. */
export class UnfinishedBytes {
  readonly #max: number;
  #held = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** @throws SpacedriveError `BUSY` where there would be too many. */
  take(bytes: number): void {
    if (this.#held + bytes > this.#max) {
      throw new SpacedriveError("BUSY", "The host holds too many unfinished messages. Try again in a moment.");
    }
    this.#held += bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

/**
 * Takes a stream of bytes apart into messages: texts, each ended by a line feed, which JSON needs nowhere within.
 */
export class MessageReader {
  readonly #maxBytes: number;
  readonly #budget: UnfinishedBytes;
  #buffer = Buffer.alloc(0);
  #bytes = 0;

  constructor(maxBytes: number, budget: UnfinishedBytes) {
    this.#maxBytes = maxBytes;
    this.#budget = budget;
  }

  /** True while a message has begun and not ended. */
  get isWithin(): boolean {
    return this.#bytes > 0;
  }

  /**
   * The messages that end in this chunk, without empty lines; null stands for one that is not UTF-8.
   *
   * @throws SpacedriveError `PAYLOAD_TOO_LARGE`, `BUSY`: nothing can be read after that.
   */
  *read(chunk: Buffer): Generator<string | null> {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      const bytes = this.#finish(chunk.subarray(from, end));
      from = end + 1;
      const text = isUtf8(bytes) ? bytes.toString() : null;
      if (text?.trim() !== "") yield text;
    }
    this.#keep(chunk.subarray(from));
  }

  /** Gives back what is held. */
  drop(): void {
    this.#budget.give(this.#buffer.length);
    this.#buffer = Buffer.alloc(0);
    this.#bytes = 0;
  }

  #finish(last: Buffer): Buffer {
    if (this.#bytes === 0) {
      this.#check(last.length);
      return last;
    }
    this.#keep(last);
    const message = this.#buffer.subarray(0, this.#bytes);
    this.drop();
    return message;
  }

  /** In one buffer that doubles: a peer that sends byte by byte costs no more than another. */
  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#check(part.length);
    const needed = this.#bytes + part.length;
    if (needed > this.#buffer.length) {
      const capacity = Math.min(Math.max(needed, this.#buffer.length * 2, FIRST_CAPACITY), this.#maxBytes);
      this.#budget.take(capacity - this.#buffer.length);
      const grown = Buffer.allocUnsafe(capacity);
      this.#buffer.copy(grown, 0, 0, this.#bytes);
      this.#buffer = grown;
    }
    part.copy(this.#buffer, this.#bytes);
    this.#bytes = needed;
  }

  #check(more: number): void {
    if (this.#bytes + more <= this.#maxBytes) return;
    throw new SpacedriveError(
      "PAYLOAD_TOO_LARGE",
      `A message has more than ${this.#maxBytes} bytes, which is the limit of the host's socket.`,
      { details: { max_bytes: this.#maxBytes } },
    );
  }
}
