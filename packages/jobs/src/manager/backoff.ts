import { MAX_DELAY_MS } from "../time-limits.js";

/** How long a failed attempt's job waits for the next one. */
export interface Backoff {
  /** Before the second attempt; doubled before each further one. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** From 0 up to 1: spreads jobs that failed together. */
  readonly random: () => number;
}

/** Half of it certain, half left to chance. `failures`: attempts in a row without progress, from 1. */
export function backoffMs(failures: number, { baseMs, maxMs, random }: Backoff): number {
  // Beyond 2^52 a double has no halves; no wait gets there.
  const full = Math.min(MAX_DELAY_MS, maxMs, baseMs * 2 ** Math.min(52, Math.max(0, failures - 1)));
  return Math.round(full / 2 + (full / 2) * random());
}
