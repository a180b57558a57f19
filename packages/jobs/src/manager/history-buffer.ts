import type { HistoryEntry, HistoryNotes } from "../history.js";

/** Entries beyond these are written with the next checkpoint, however soon it comes after the last. */
const FULL = 64;
/** Entries that are held at the most: a job that never checkpoints does not fill the memory with its past. */
const MAX_HELD = 256;
/** How long entries wait for more of them: a job that checkpoints a thousand times a second does not write its past as often. */
const FLUSH_MS = 1_000;

/** What is held, and how many entries were before it. */
export interface HeldNotes extends HistoryNotes {
  readonly from: number;
}

/** What an attempt did since that was last stored. It costs no commit: it goes with one that is made anyway. */
export class HistoryBuffer {
  #entries: HistoryEntry[] = [];
  /** Entries that are held no more: those stored, and those missed. */
  #gone = 0;
  #missed = 0;
  #flushedAt: number;

  constructor(now: number) {
    this.#flushedAt = now;
  }

  add(entry: HistoryEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length <= MAX_HELD) return;
    // Half at once: one at a time would move all of them each time.
    const letGo = this.#entries.splice(0, MAX_HELD / 2).length;
    this.#missed += letGo;
    this.#gone += letGo;
  }

  /** All that is held. */
  get held(): HeldNotes {
    return { entries: [...this.#entries], missed: this.#missed, from: this.#gone };
  }

  /** What a checkpoint is to take along; null: it is too early. */
  due(now: number): HeldNotes | null {
    const waited = Math.abs(now - this.#flushedAt);
    return this.#entries.length >= FULL || (this.#entries.length > 0 && waited >= FLUSH_MS) ? this.held : null;
  }

  /** These are stored. Meanwhile others may have come, so many that some of these were let go. */
  flushed({ entries, missed, from }: HeldNotes, now: number): void {
    const to = from + entries.length;
    this.#missed -= missed + Math.min(this.#gone, to) - from;
    this.#entries.splice(0, Math.max(0, to - this.#gone));
    this.#gone = Math.max(this.#gone, to);
    this.#flushedAt = now;
  }
}
