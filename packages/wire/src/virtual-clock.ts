import type { Clock } from "./clock.js";

/**
 * A clock that stands still until a test moves it. Timers run by the time that passes; what `now` says can be set apart from
 * it, as a clock of a real machine can.
 */
export class VirtualClock implements Clock {
  #passed = 0;
  #offset: number;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  /** @param startsAt milliseconds since the Unix epoch. */
  constructor(startsAt = 1_000_000) {
    this.#offset = startsAt;
  }

  now(): number {
    return this.#offset + this.#passed;
  }

  monotonic(): number {
    return this.#passed;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#passed + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** How long until the next timer; null: none waits. */
  get next(): number | null {
    const times = [...this.#timers].map(({ at }) => at - this.#passed);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Lets time pass, calling what is due in its order, also what these calls ask for. What they begin goes on by itself. */
  advance(byMs: number): void {
    const until = this.#passed + byMs;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#passed = Math.max(this.#passed, due.at);
      due.callback();
    }
    this.#passed = until;
  }

  /** Sets what `now` says on, or with a negative number back, while no time passes. */
  set(byMs: number): void {
    this.#offset += byMs;
  }
}
