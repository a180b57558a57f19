import { type LineListener, LineReader } from "./line-reader.js";

/** A record is one line of JSON between these two bytes; neither can stand in JSON text of one line. */
export const RECORD_BEGIN = 0x1e;
export const RECORD_END = 0x0a;

const FIRST_BYTES = 1_024;
/** A larger buffer is given up once its record has been read. */
const KEEP_BYTES = 1024 * 1024;

/** What a guest writes that breaks the protocol. The message says what, for the guest's author. */
export class ProtocolViolation extends Error {}

/** Told of what a stream of output holds. The bytes are valid only during the call. */
export interface RecordListener extends LineListener {
  /** The JSON text of one record, without its two marks. */
  onRecord(buffer: Buffer, start: number, length: number): void;
}

/** Finds records in a stream that comes in parts of any size, and holds no more of it than its limit. */
export class RecordReader {
  readonly #listener: RecordListener;
  readonly #maxRecordBytes: number;
  readonly #lines: LineReader;
  #inRecord = false;
  #held = Buffer.allocUnsafe(FIRST_BYTES);
  #heldBytes = 0;

  constructor(listener: RecordListener, maxRecordBytes: number) {
    this.#listener = listener;
    this.#lines = new LineReader(listener);
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** @throws ProtocolViolation where a record is too long, or begins in another. */
  push(buffer: Buffer, start: number, length: number): void {
    const end = start + length;
    let at = start;
    while (at < end) at = this.#inRecord ? this.#record(buffer, at, end) : this.#text(buffer, at, end);
  }

  /** The stream has ended: a line without its end is one, too. */
  finish(): void {
    this.#lines.finish();
  }

  #record(buffer: Buffer, start: number, end: number): number {
    // Only this part: a guest's whole memory may lie behind it.
    const part = buffer.subarray(start, end);
    const found = part.indexOf(RECORD_END);
    const stop = found < 0 ? end : start + found;
    const bytes = this.#heldBytes + stop - start;
    if (bytes > this.#maxRecordBytes) {
      throw new ProtocolViolation(`its record has more than the ${this.#maxRecordBytes} bytes that are allowed`);
    }
    if (part.subarray(0, stop - start).includes(RECORD_BEGIN))
      throw new ProtocolViolation("a record begins before the one before it has ended");
    if (stop === end) {
      this.#hold(buffer, start, stop);
      return end;
    }
    this.#inRecord = false;
    if (this.#heldBytes === 0) {
      this.#listener.onRecord(buffer, start, stop - start);
      return stop + 1;
    }
    this.#hold(buffer, start, stop);
    const held = this.#held;
    this.#heldBytes = 0;
    if (held.length > KEEP_BYTES) this.#held = Buffer.allocUnsafe(FIRST_BYTES);
    this.#listener.onRecord(held, 0, bytes);
    return stop + 1;
  }

  #text(buffer: Buffer, start: number, end: number): number {
    const begin = buffer.subarray(start, end).indexOf(RECORD_BEGIN);
    if (begin < 0) {
      this.#lines.push(buffer, start, end - start);
      return end;
    }
    this.#lines.push(buffer, start, begin);
    this.#lines.finish();
    this.#inRecord = true;
    return start + begin + 1;
  }

  #hold(buffer: Buffer, start: number, end: number): void {
    const bytes = this.#heldBytes + end - start;
    if (bytes > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.min(this.#maxRecordBytes, Math.max(bytes, 2 * this.#held.length)));
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    buffer.copy(this.#held, this.#heldBytes, start, end);
    this.#heldBytes = bytes;
  }
}
