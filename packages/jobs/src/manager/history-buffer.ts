import { type HistoryEntry, type HistoryNotes, keptHistory } from "../history.js";

/** Entries beyond these are written with the next checkpoint, however soon it comes after the last. */
const FULL = 64;
/** Entries that are held at the most: a job that never checkpoints does not fill the memory with its past. */
const MAX_HELD = 256;
/** What is left of more than that: one at a time would move all of them each time. */
const HALF = { entries: MAX_HELD / 2, bytes: Number.POSITIVE_INFINITY };
/** How long entries wait for more of them: a job that checkpoints a thousand times a second does not write its past as often. */
const FLUSH_MS = 1_000;

/** What an attempt did since that was last stored. It costs no commit: it goes with one that is made anyway. */
export class HistoryBuffer {
  #entries: HistoryEntry[] = [];
  #missed = 0;
  #flushedAt: number;

  constructor(now: number) {
    this.#flushedAt = now;
  }

  add(entry: HistoryEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length <= MAX_HELD) return;
    const { entries, dropped } = keptHistory({ entries: this.#entries, dropped: 0 }, HALF);
    this.#entries = [...entries];
    this.#missed += dropped;
  }

  /** All that is held. */
  get held(): HistoryNotes {
    return { entries: [...this.#entries], missed: this.#missed };
  }

  /** What a checkpoint is to take along; null: it is too early. */
  due(now: number): HistoryNotes | null {
    const waited = Math.abs(now - this.#flushedAt);
    return this.#entries.length >= FULL || (this.#entries.length > 0 && waited >= FLUSH_MS) ? this.held : null;
  }

  /** These are stored. Meanwhile others may have come, so many that some of these were let go. */
  flushed({ entries, missed }: HistoryNotes, now: number): void {
    const stored = new Set(entries);
    const held = this.#entries.length;
    this.#entries = this.#entries.filter((entry) => !stored.has(entry));
    this.#missed -= missed + entries.length - (held - this.#entries.length);
    this.#flushedAt = now;
  }
}
