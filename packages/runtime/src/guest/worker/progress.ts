import { PROGRESS_BYTES, PROGRESS_OFFSET, SHOWN_OFFSET, WORD, WORD_COUNT } from "./channel-layout.js";
import { utf8Cut } from "./utf8-cut.js";

/*
 * Only the latest progress counts, and a guest may report it millions of times a second. So it overwrites one slot with
 * no lock. The host reads that slot while the guest stands still, which is at every request and end. For a glance at a
 * guest that runs it asks for a copy: the next report makes one in a second slot, which stays as it is until the host
 * has read it. A lock with a version would not do: at that rate the host never finds the slot at rest.
 */

/** Below this a loop over bytes beats a call to copy. */
const SMALL_COPY_BYTES = 96;

/** The guest's end. */
export class ProgressWriter {
  readonly #words: Int32Array;
  readonly #floats: Float32Array;
  readonly #slot: Buffer<SharedArrayBuffer>;
  readonly #shown: Buffer<SharedArrayBuffer>;

  constructor(words: Int32Array, shared: SharedArrayBuffer) {
    this.#words = words;
    this.#floats = new Float32Array(shared, 0, WORD_COUNT);
    this.#slot = Buffer.from(shared, PROGRESS_OFFSET, PROGRESS_BYTES);
    this.#shown = Buffer.from(shared, SHOWN_OFFSET, PROGRESS_BYTES);
  }

  write(fraction: number, memory: Buffer, message: number, length: number): void {
    const kept = length <= PROGRESS_BYTES ? length : utf8Cut(memory, message, length, PROGRESS_BYTES);
    const words = this.#words;
    const slot = this.#slot;
    const count = ((words[WORD.PROGRESS_BEGUN] ?? 0) + 1) | 0;
    words[WORD.PROGRESS_BEGUN] = count;
    this.#floats[WORD.PROGRESS_FRACTION] = fraction;
    if (kept <= SMALL_COPY_BYTES) for (let i = 0; i < kept; i++) slot[i] = memory[message + i] ?? 0;
    else memory.copy(slot, 0, message, message + kept);
    words[WORD.PROGRESS_LENGTH] = kept;
    words[WORD.PROGRESS_WRITTEN] = count;
    if (Atomics.load(words, WORD.PROGRESS_WANTED) === 1) this.#show(fraction, kept, count);
  }

  #show(fraction: number, length: number, count: number): void {
    const words = this.#words;
    this.#slot.copy(this.#shown, 0, 0, length);
    this.#floats[WORD.SHOWN_FRACTION] = fraction;
    words[WORD.SHOWN_LENGTH] = length;
    words[WORD.SHOWN_COUNT] = count;
    Atomics.store(words, WORD.PROGRESS_WANTED, 0);
  }
}

/** The host's end. */
export class ProgressReader {
  readonly #words: Int32Array;
  readonly #floats: Float32Array;
  readonly #slot: Buffer<SharedArrayBuffer>;
  readonly #shown: Buffer<SharedArrayBuffer>;
  #taken = 0;
  #seen = 0;

  constructor(words: Int32Array, shared: SharedArrayBuffer) {
    this.#words = words;
    this.#floats = new Float32Array(shared, 0, WORD_COUNT);
    this.#slot = Buffer.from(shared, PROGRESS_OFFSET, PROGRESS_BYTES);
    this.#shown = Buffer.from(shared, SHOWN_OFFSET, PROGRESS_BYTES);
  }

  /** Forgets what was reported before. */
  reset(): void {
    this.#taken = this.#words[WORD.PROGRESS_WRITTEN] ?? 0;
    this.#seen = this.#taken;
    Atomics.store(this.#words, WORD.PROGRESS_WANTED, 1);
  }

  /** While the guest stands still. */
  take(report: (fraction: number, message: string) => void): void {
    const count = this.#words[WORD.PROGRESS_WRITTEN] ?? 0;
    if (count !== this.#taken) this.#report(count, WORD.PROGRESS_FRACTION, WORD.PROGRESS_LENGTH, this.#slot, report);
  }

  /** While the guest may be running. */
  glance(report: (fraction: number, message: string) => void): void {
    const words = this.#words;
    if (Atomics.load(words, WORD.PROGRESS_WANTED) === 0) {
      const count = words[WORD.SHOWN_COUNT] ?? 0;
      // An older one than that which was taken while the guest stood still is no news.
      if (((count - this.#taken) | 0) > 0)
        this.#report(count, WORD.SHOWN_FRACTION, WORD.SHOWN_LENGTH, this.#shown, report);
      Atomics.store(words, WORD.PROGRESS_WANTED, 1);
      return;
    }
    // Nothing was reported since the last glance, but something before it may not have been shown.
    const count = Atomics.load(words, WORD.PROGRESS_WRITTEN);
    const atRest = count === this.#seen && count === Atomics.load(words, WORD.PROGRESS_BEGUN);
    this.#seen = count;
    if (atRest) this.take(report);
  }

  #report(
    count: number,
    fraction: number,
    length: number,
    slot: Buffer<SharedArrayBuffer>,
    report: (fraction: number, message: string) => void,
  ): void {
    this.#taken = count;
    const value = this.#floats[fraction] ?? 0;
    const message = slot.toString("utf8", 0, this.#words[length] ?? 0);
    report(Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, value)), message);
  }
}
