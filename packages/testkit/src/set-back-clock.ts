import type { Clock } from "@spacedrive/wire";

/** Another clock, from which it can be set back. Waits are as long as ever. */
export class SetBackClock implements Clock {
  readonly #clock: Clock;
  #byMs: number;

  constructor(clock: Clock, byMs: number) {
    this.#clock = clock;
    this.#byMs = byMs;
  }

  now(): number {
    return this.#clock.now() - this.#byMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#clock.after(delayMs, callback);
  }

  setBack(byMs: number): void {
    this.#byMs += byMs;
  }
}
