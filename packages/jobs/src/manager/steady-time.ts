import type { Clock } from "@spacedrive/wire";

/**
 * The manager's own time for waits and deadlines: that of the wall clock, but never going back. While the clock is behind
 * where it was, time passes with each timer that ends.
 */
export class SteadyTime {
  readonly #clock: Clock;
  #highest: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#highest = clock.now();
  }

  now(): number {
    this.#highest = Math.max(this.#highest, this.#clock.now());
    return this.#highest;
  }

  /** It is at least this time: something that began then is stored. */
  reach(time: number): void {
    this.#highest = Math.max(this.#highest, time);
  }

  /** As `clock.after`; what was waited has passed then, whatever the clock says. */
  after(delayMs: number, callback: () => void): () => void {
    const until = this.now() + delayMs;
    return this.#clock.after(delayMs, () => {
      this.reach(until);
      callback();
    });
  }
}
