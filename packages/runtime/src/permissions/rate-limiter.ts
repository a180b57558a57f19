import type { Clock } from "@spacedrive/wire";

const MINUTE_MS = 60_000;
/** Sums of fractions fall short of whole tokens by less than this. */
const ROUNDING = 1e-9;

/**
 * A token bucket: `perMinute` calls at once, refilled evenly over a minute. Each question costs the same, however many
 * calls were made before.
 */
export class RateLimiter {
  readonly perMinute: number;
  readonly #clock: Clock;
  #tokens: number;
  #refilledAt: number;

  constructor(perMinute: number, clock: Clock) {
    this.perMinute = perMinute;
    this.#clock = clock;
    this.#tokens = perMinute;
    this.#refilledAt = clock.now();
  }

  /** Takes a call's token; answers 0, or, where there is none, after how many milliseconds there will be one. */
  take(): number {
    const now = this.#clock.now();
    // A clock that was set back must not take tokens away.
    const elapsedMs = Math.max(0, now - this.#refilledAt);
    this.#tokens = Math.min(this.perMinute, this.#tokens + (elapsedMs * this.perMinute) / MINUTE_MS);
    this.#refilledAt = now;
    if (this.#tokens >= 1 - ROUNDING) {
      this.#tokens = Math.max(0, this.#tokens - 1);
      return 0;
    }
    return Math.ceil(((1 - ROUNDING - this.#tokens) * MINUTE_MS) / this.perMinute);
  }
}
