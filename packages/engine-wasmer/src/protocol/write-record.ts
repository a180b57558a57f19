import { RECORD_BEGIN, RECORD_END } from "./record-reader.js";

/** Bytes of UTF-8 text: a range of a buffer. */
export interface TextRange {
  readonly buffer: Buffer;
  readonly start: number;
  readonly length: number;
}

/** So much text at once becomes a string of V8's, which lies in the thread's own small heap. */
const MOST_TEXT_BYTES = 16_384;

/** A record of pieces in their order: JSON as it is (ASCII), or text that becomes a JSON string. */
export function writeRecord(pieces: readonly (string | TextRange)[]): Buffer {
  const record = new RecordBuffer(pieces);
  for (const piece of pieces) {
    if (typeof piece === "string") record.put(piece);
    else record.putString(piece);
  }
  return record.end();
}

class RecordBuffer {
  #bytes: Buffer;
  #length = 0;

  /** Few texts grow by more than an eighth with their escapes. */
  constructor(pieces: readonly (string | TextRange)[]) {
    let bytes = 2;
    for (const { length } of pieces) bytes += length + (length >> 3) + 2;
    this.#bytes = Buffer.allocUnsafe(bytes);
    this.#bytes[this.#length++] = RECORD_BEGIN;
  }

  put(text: string): void {
    // Of three bytes at most is each of its units.
    if (this.#length + 3 * text.length >= this.#bytes.length) this.#makeRoom(Buffer.byteLength(text));
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** V8 escapes by itself, many bytes at a time. */
  putString({ buffer, start, length }: TextRange): void {
    const end = start + length;
    this.put('"');
    for (let at = start; at < end; ) {
      const cut = cutOf(buffer, at, end);
      this.put(JSON.stringify(buffer.toString("utf8", at, cut)).slice(1, -1));
      at = cut;
    }
    this.put('"');
  }

  end(): Buffer {
    this.put(String.fromCharCode(RECORD_END));
    return this.#bytes.subarray(0, this.#length);
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length + (this.#bytes.length >> 1)));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Where a part of a text ends that does not cut a character. */
function cutOf(buffer: Buffer, start: number, end: number): number {
  let cut = Math.min(end, start + MOST_TEXT_BYTES);
  if (cut < end) while (cut > start + MOST_TEXT_BYTES - 3 && ((buffer[cut] ?? 0) & 0xc0) === 0x80) cut--;
  return cut;
}
