import type { Clock } from "@spacedrive/wire";

/**
 * The manager's own time for waits and deadlines: that of the wall clock, but never going back. While the clock is behind
 * where it was, time passes as the clock's monotonic reading says, or, where it has none, with each timer that ends.
 */
export class SteadyTime {
  readonly #clock: Clock;
  #highest: number;
  /** The monotonic reading when it was that. */
  #reading: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#highest = clock.now();
    this.#reading = clock.monotonic?.() ?? 0;
  }

  now(): number {
    const reading = this.#clock.monotonic?.() ?? 0;
    const passed = Math.max(0, reading - this.#reading);
    this.#reading = reading;
    this.#highest = Math.max(this.#highest + passed, this.#clock.now());
    // Stores keep whole numbers.
    return Math.floor(this.#highest);
  }

  /** It is at least this time: something that began then is stored. */
  reach(time: number): void {
    // What has passed until now is in it.
    this.now();
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
