const NEWLINE = 0x0a;
/** Longer lines are handed on in parts of this length. */
const MAX_LINE_BYTES = 65_536;

/** The bytes are valid only during the call. */
export interface LineListener {
  /** A line of plain output, without its end; a long one comes in parts, and an empty one not at all. */
  onLine(buffer: Buffer, start: number, length: number): void;
}

/** Finds the lines of a stream that comes in parts of any size, and holds no more of it than one line's part. */
export class LineReader {
  readonly #listener: LineListener;
  readonly #held = Buffer.allocUnsafe(MAX_LINE_BYTES);
  #heldBytes = 0;

  constructor(listener: LineListener) {
    this.#listener = listener;
  }

  push(buffer: Buffer, start: number, length: number): void {
    const end = start + length;
    let at = start;
    while (at < end) {
      const found = buffer.subarray(at, end).indexOf(NEWLINE);
      const stop = found < 0 ? end : at + found;
      this.#hold(buffer, at, stop);
      if (found >= 0) this.finish();
      at = stop + 1;
    }
  }

  /** What has been held is a line, though it has no end. */
  finish(): void {
    const bytes = this.#heldBytes;
    this.#heldBytes = 0;
    if (bytes > 0) this.#listener.onLine(this.#held, 0, bytes);
  }

  #hold(buffer: Buffer, start: number, end: number): void {
    for (let at = start; at < end; ) {
      const part = Math.min(end - at, MAX_LINE_BYTES - this.#heldBytes);
      buffer.copy(this.#held, this.#heldBytes, at, at + part);
      this.#heldBytes += part;
      at += part;
      if (this.#heldBytes === MAX_LINE_BYTES) this.finish();
    }
  }
}
