import type { HistoryEntry, HistoryNotes } from "../history.js";

/** Entries beyond these are written with the next checkpoint, however soon it comes after the last. */
const FULL = 64;
/** Entries of a kind that are held at the most: a job that never checkpoints does not fill the memory with its past. */
const MAX_HELD = 128;
/** How long entries wait for more of them: a job that checkpoints a thousand times a second does not write its past as often. */
const FLUSH_MS = 1_000;

/** What an attempt did since that was last stored. It costs no commit: it goes with one that is made anyway. */
export class HistoryBuffer {
  #entries: HistoryEntry[] = [];
  /** How many of each kind. */
  readonly #held = new Map<HistoryEntry["kind"], number>();
  #missed = 0;
  #flushedAt: number;

  constructor(now: number) {
    this.#flushedAt = now;
  }

  add(entry: HistoryEntry): void {
    this.#entries.push(entry);
    const held = (this.#held.get(entry.kind) ?? 0) + 1;
    this.#held.set(entry.kind, held);
    if (held <= MAX_HELD) return;
    // Half at once: one at a time would move all of them each time.
    let tooMany = MAX_HELD / 2;
    this.#keep((other) => other.kind !== entry.kind || tooMany-- <= 0);
    this.#missed += MAX_HELD / 2;
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

  /** These are stored. */
  flushed(notes: HistoryNotes, now: number): void {
    const stored = new Set(notes.entries);
    this.#keep((entry) => !stored.has(entry));
    this.#missed -= notes.missed;
    this.#flushedAt = now;
  }

  #keep(isKept: (entry: HistoryEntry) => boolean): void {
    this.#entries = this.#entries.filter(isKept);
    this.#held.clear();
    for (const { kind } of this.#entries) this.#held.set(kind, (this.#held.get(kind) ?? 0) + 1);
  }
}
