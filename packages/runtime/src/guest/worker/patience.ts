/**
 * How much a look-out is given: as much as pays. It is doubled where what was looked for came in time, and halved where it did not,
 * down to none at all; then it is tried again now and then.
 */
export class Patience {
  readonly #least: number;
  readonly #most: number;
  readonly #retryAfter: number;
  #now: number;
  #without = 0;

  /** @param retryAfter times without a look before it is tried again. */
  constructor(least: number, most: number, retryAfter: number) {
    this.#least = this.#now = least;
    this.#most = most;
    this.#retryAfter = retryAfter;
  }

  /** Looks that this time is given; 0: none. */
  take(): number {
    if (this.#now === 0) {
      if (++this.#without < this.#retryAfter) return 0;
      this.#without = 0;
      this.#now = this.#least;
    }
    return this.#now;
  }

  /** What was looked for came in time. */
  reward(): void {
    this.#now = Math.min(this.#most, this.#now * 2);
  }

  /** It did not. */
  punish(): void {
    this.#now = this.#now > this.#least ? this.#now >> 1 : 0;
  }
}
