import { type HistoryEntry, type HistoryNotes, keptHistory, MAX_HISTORY } from "../history.js";

/** So many entries are written with the next checkpoint, however soon it comes after the last. */
const FULL = 64;
/** Entries that are held at the most: a job that never checkpoints does not fill the memory with its past. */
const MAX_HELD = 256;
/** What is left of more than that: one at a time would move all of them each time. */
const HALF = { entries: MAX_HELD / 2, bytes: Number.POSITIVE_INFINITY };
/** How long entries wait for more of them: a job that checkpoints a thousand times a second does not write its past as often. */
const FLUSH_MS = 1_000;

/**
 * What an attempt did since that was last stored. It costs no commit: it goes with one that is made anyway. Checkpoints, which
 * may be thousands in a second, are let go here where the store would keep none but the last of them.
 */
export class HistoryBuffer {
  readonly #keepsCheckpoints: number;
  #entries: HistoryEntry[] = [];
  #checkpoints = 0;
  #missed = 0;
  #flushedAt: number;

  /** @param keeps how many entries of a job the store keeps. */
  constructor(now: number, keeps: number = Number.POSITIVE_INFINITY) {
    this.#flushedAt = now;
    this.#keepsCheckpoints = keeps <= MAX_HISTORY ? keeps : Number.POSITIVE_INFINITY;
  }

  add(entry: HistoryEntry): void {
    this.#entries.push(entry);
    if (entry.kind === "checkpoint") {
      this.#checkpoints++;
      if (this.#checkpoints > this.#keepsCheckpoints * 2) this.#letCheckpointsGo();
    } else if (this.#others > MAX_HELD) this.#letOthersGo();
  }

  /** All that is held, but for checkpoints that the store would let go at once. */
  get held(): HistoryNotes {
    if (this.#checkpoints > this.#keepsCheckpoints) this.#letCheckpointsGo();
    return { entries: [...this.#entries], missed: this.#missed };
  }

  /** What a checkpoint is to take along; null: it is too early. */
  due(now: number): HistoryNotes | null {
    if (this.#entries.length === 0) return null;
    const counted = this.#keepsCheckpoints === Number.POSITIVE_INFINITY ? this.#entries.length : this.#others;
    return counted >= FULL || Math.abs(now - this.#flushedAt) >= FLUSH_MS ? this.held : null;
  }

  /** These are stored. Meanwhile others may have come, so many that some of these were let go. */
  flushed({ entries, missed }: HistoryNotes, now: number): void {
    const stored = new Set(entries);
    const held = this.#entries.length;
    this.#keep((entry) => !stored.has(entry));
    this.#missed -= missed + entries.length - (held - this.#entries.length);
    this.#flushedAt = now;
  }

  get #others(): number {
    return this.#entries.length - this.#checkpoints;
  }

  /** The oldest, until there are no more than the store keeps of all kinds together. */
  #letCheckpointsGo(): void {
    let left = this.#checkpoints - this.#keepsCheckpoints;
    this.#missed += left;
    this.#keep(({ kind }) => kind !== "checkpoint" || left-- <= 0);
  }

  #letOthersGo(): void {
    const others = this.#entries.filter(({ kind }) => kind !== "checkpoint");
    const { entries, dropped } = keptHistory({ entries: others, dropped: 0 }, HALF);
    const kept = new Set(entries);
    this.#missed += dropped;
    this.#keep((entry) => entry.kind === "checkpoint" || kept.has(entry));
  }

  #keep(isKept: (entry: HistoryEntry) => boolean): void {
    this.#entries = this.#entries.filter(isKept);
    this.#checkpoints = this.#entries.reduce((count, { kind }) => count + (kind === "checkpoint" ? 1 : 0), 0);
  }
}
