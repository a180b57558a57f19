/** Larger buffers are given back after use, so that one long message does not hold memory for ever. */
const KEEP_BYTES: usize = 65536;

/**
 * UTF-8 bytes of one text at a time, for the time of one host call. Reused, because log lines and progress messages are
 * made in loops and must not feed the collector.
 */
@final
export class TextBuffer {
  private capacity: usize = 0;
  /** Where the bytes of the last `set` are. */
  pointer: usize = 0;
  /** How many bytes the last `set` wrote. */
  length: usize = 0;

  set(text: string): void {
    const most = <usize>text.length * 3;
    if (most > this.capacity || this.capacity > KEEP_BYTES) {
      if (this.pointer != 0) heap.free(this.pointer);
      this.capacity = max<usize>(most, 256);
      this.pointer = heap.alloc(this.capacity);
    }
    this.length = String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, this.pointer, false, String.UTF8.ErrorMode.REPLACE);
  }
}

/** The two texts that a host function can take at once. */
export const firstText = new TextBuffer();
export const secondText = new TextBuffer();
