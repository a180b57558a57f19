import { type Clock, systemClock } from "@spacedrive/wire";

/**
 * The clock of a test's host: that which the test gave it, or the system's. It can be set back; waits are as long as ever. And
 * when the host closes, waits are of real time: nobody moves a clock for a host that they are waiting for.
 */
export class HostClock implements Clock {
  readonly #given: Clock;
  #backMs: number;
  #closing = false;

  constructor(given: Clock, backMs: number) {
    this.#given = given;
    this.#backMs = backMs;
  }

  now(): number {
    return this.#given.now() - this.#backMs;
  }

  monotonic(): number {
    return this.#given.monotonic?.() ?? 0;
  }

  after(delayMs: number, callback: () => void): () => void {
    return (this.#closing ? systemClock : this.#given).after(delayMs, callback);
  }

  setBack(byMs: number): void {
    this.#backMs += byMs;
  }

  closing(): void {
    this.#closing = true;
  }
}
