import type { Clock } from "@spacedrive/wire";

interface Waiting {
  readonly giveBack: () => void;
  cancelTimer: () => void;
}

/** The instances of all extensions that have nothing to do: each is given back after a time, and the oldest where too many wait. */
export class IdleInstances {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #most: () => number;
  /** In the order in which they became idle. */
  readonly #waiting = new Set<Waiting>();

  /** @param most how many may wait just now. */
  constructor(clock: Clock, idleMs: number, most: () => number) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#most = most;
  }

  /**
   * @param giveBack called once, unless the returned function has taken it back before.
   */
  add(giveBack: () => void): () => void {
    const waiting: Waiting = { giveBack, cancelTimer: () => {} };
    this.#waiting.add(waiting);
    waiting.cancelTimer = this.#clock.after(this.#idleMs, () => this.#end(waiting));
    this.trim();
    return () => {
      if (this.#waiting.delete(waiting)) waiting.cancelTimer();
    };
  }

  /** Gives the oldest back where more wait than may. */
  trim(): void {
    const most = this.#most();
    for (const oldest of this.#waiting) {
      if (this.#waiting.size <= most) break;
      this.#end(oldest);
    }
  }

  #end(waiting: Waiting): void {
    if (!this.#waiting.delete(waiting)) return;
    waiting.cancelTimer();
    waiting.giveBack();
  }
}
