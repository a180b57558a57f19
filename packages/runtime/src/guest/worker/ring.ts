import { RING_BYTES, RING_OFFSET, WORD } from "./channel-layout.js";

/*
 * A ring of records, one writer and one reader. A record is three words (kind, bytes, bytes cut off) and the text,
 * filled up to a whole word. Head and tail count bytes ever written and read.
 */

const HEADER_BYTES = 12;
const MASK = RING_BYTES - 1;
/** A record never takes more than a quarter of the ring. */
export const RING_RECORD_BYTES = RING_BYTES / 4 - HEADER_BYTES;

/** Log levels are 0 to 3. */
export const WARNING_RECORD = 4;

function padded(length: number): number {
  return (length + 3) & ~3;
}

/** The guest's end. */
export class RingWriter {
  readonly #words: Int32Array;
  readonly #ring: Buffer<SharedArrayBuffer>;
  readonly #ringWords: Int32Array;

  constructor(words: Int32Array, shared: SharedArrayBuffer) {
    this.#words = words;
    this.#ring = Buffer.from(shared, RING_OFFSET, RING_BYTES);
    this.#ringWords = new Int32Array(shared, RING_OFFSET, RING_BYTES / 4);
  }

  /** False where there is no room. `length` is at most `RING_RECORD_BYTES`. */
  write(kind: number, bytes: Buffer, start: number, length: number, cut: number): boolean {
    const words = this.#words;
    const head = words[WORD.RING_HEAD] ?? 0;
    const used = (head - Atomics.load(words, WORD.RING_TAIL)) >>> 0;
    if (HEADER_BYTES + padded(length) > RING_BYTES - used) return false;
    this.#word(head, kind);
    this.#word(head + 4, length);
    this.#word(head + 8, cut);
    const at = (head + HEADER_BYTES) & MASK;
    const first = Math.min(length, RING_BYTES - at);
    bytes.copy(this.#ring, at, start, start + first);
    if (first < length) bytes.copy(this.#ring, 0, start + first, start + length);
    Atomics.store(words, WORD.RING_HEAD, (head + HEADER_BYTES + padded(length)) | 0);
    return true;
  }

  #word(at: number, value: number): void {
    this.#ringWords[(at & MASK) >>> 2] = value;
  }
}

/** The host's end. */
export class RingReader {
  readonly #words: Int32Array;
  readonly #ring: Buffer<SharedArrayBuffer>;
  readonly #ringWords: Int32Array;

  constructor(words: Int32Array, shared: SharedArrayBuffer) {
    this.#words = words;
    this.#ring = Buffer.from(shared, RING_OFFSET, RING_BYTES);
    this.#ringWords = new Int32Array(shared, RING_OFFSET, RING_BYTES / 4);
  }

  /** Takes every record that is there now: never more than the ring holds, however fast the guest writes. */
  drain(take: (kind: number, text: string) => void): void {
    const words = this.#words;
    const head = Atomics.load(words, WORD.RING_HEAD);
    let tail = words[WORD.RING_TAIL] ?? 0;
    while (tail !== head) {
      const kind = this.#word(tail);
      const length = this.#word(tail + 4);
      const cut = this.#word(tail + 8);
      const text = this.#text((tail + HEADER_BYTES) & MASK, length);
      tail = (tail + HEADER_BYTES + padded(length)) | 0;
      Atomics.store(words, WORD.RING_TAIL, tail);
      take(kind, cut === 0 ? text : `${text} … (${cut} more bytes cut)`);
    }
  }

  #text(at: number, length: number): string {
    const first = Math.min(length, RING_BYTES - at);
    if (first === length) return this.#ring.toString("utf8", at, at + length);
    return Buffer.concat([this.#ring.subarray(at, at + first), this.#ring.subarray(0, length - first)]).toString(
      "utf8",
    );
  }

  #word(at: number): number {
    return this.#ringWords[(at & MASK) >>> 2] ?? 0;
  }
}
