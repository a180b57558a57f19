import type { Clock } from "@spacedrive/wire";

/** Time that stands still for rate limits, and real timers. */
export function manualClock(): Clock & { advance(ms: number): void } {
  let now = Date.UTC(2026, 0, 1);
  return {
    now: () => now,
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    advance: (ms) => (now += ms),
  };
}
