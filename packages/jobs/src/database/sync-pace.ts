import { performance } from "node:perf_hooks";

/** What the mean of the syncs is taken for before there were any, so that some short ones must come first. */
const FIRST_GUESS_MS = 2;
/** The newest sync's part in the mean. */
const WEIGHT = 1 / 16;
/** A sync this long is a disk that is busy with others: so many after it are left to the thread. */
const STALL_MS = 2;
const SYNCS_AFTER_STALL = 256;
/** How long the last sync says something of the next one. */
const RECENT_MS = 1_000;
/** The most of the loop's time that may be taken by anything but syncs, and how often to look. */
const MOST_BUSY = 0.5;
const LOOK_MS = 20;

/** Milliseconds since the loop began in which it waited, and in which it did not. */
export interface LoopUse {
  readonly idle: number;
  readonly active: number;
}

/**
 * Says whether the next sync of a file may be done on the loop's own thread. To have another thread do it and to hear that
 * it has costs two wake-ups, which is as long as a sync takes on a fast disk, and more of the processor. So where syncs are
 * short and the loop has nothing better to do, it does them itself; wherever one of both is not so, it never waits for a
 * disk.
 */
export class SyncPace {
  readonly #shortMs: number;
  readonly #readLoop: () => LoopUse;
  #meanMs = FIRST_GUESS_MS;
  #lastAt = Number.NEGATIVE_INFINITY;
  #leftAfterStall = 0;
  /** When the loop was looked at last, what it had done until then, and the syncs that it did since. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #use: LoopUse | null = null;
  #heldMs = 0;
  #busy = 1;

  /** @param shortMs a sync that is expected to take longer never holds the loop; 0: none does. */
  constructor(shortMs: number, readLoop: () => LoopUse = () => performance.eventLoopUtilization()) {
    this.#shortMs = shortMs;
    this.#readLoop = readLoop;
  }

  mayHoldLoop(now: number): boolean {
    if (this.#meanMs > this.#shortMs || this.#leftAfterStall > 0 || now - this.#lastAt > RECENT_MS) return false;
    if (now - this.#lookedAt >= LOOK_MS) this.#look(now);
    return this.#busy <= MOST_BUSY;
  }

  /** A sync has ended. @param held it was done on the loop's thread; otherwise its time includes the wake-ups. */
  took(ms: number, held: boolean, now: number): void {
    this.#meanMs += (ms - this.#meanMs) * WEIGHT;
    this.#lastAt = now;
    if (held) this.#heldMs += ms;
    if (ms > STALL_MS) this.#leftAfterStall = SYNCS_AFTER_STALL;
    else if (this.#leftAfterStall > 0) this.#leftAfterStall--;
  }

  #look(now: number): void {
    const before = this.#use;
    this.#use = this.#readLoop();
    if (before !== null) {
      const active = this.#use.active - before.active;
      const elapsed = active + this.#use.idle - before.idle;
      this.#busy = elapsed > 0 ? (active - this.#heldMs) / elapsed : 1;
    }
    this.#heldMs = 0;
    this.#lookedAt = now;
  }
}
