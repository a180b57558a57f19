import type { Clock } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { RateLimiter } from "./rate-limiter.js";

function manualClock(): Clock & { advance(ms: number): void } {
  let now = 1_000_000;
  return { now: () => now, after: () => () => {}, advance: (ms) => (now += ms) };
}

describe("a rate limiter", () => {
  it("gives a minute's calls at once, and not one more", () => {
    const limiter = new RateLimiter(60, manualClock());
    for (let call = 0; call < 60; call++) expect(limiter.take()).toBe(0);
    expect(limiter.take()).toBe(1_000);
  });

  it("says after how many milliseconds there is a call again: just before there is none, then there is one", () => {
    const clock = manualClock();
    const limiter = new RateLimiter(60, clock);
    for (let call = 0; call < 60; call++) limiter.take();
    const retryAfterMs = limiter.take();
    clock.advance(retryAfterMs - 1);
    expect(limiter.take()).toBe(1);
    clock.advance(1);
    expect(limiter.take()).toBe(0);
  });

  it.each([1, 7, 30, 999, 100_000])("keeps its word about the wait at %i calls a minute", (perMinute) => {
    const clock = manualClock();
    const limiter = new RateLimiter(perMinute, clock);
    for (let call = 0; call < perMinute; call++) limiter.take();
    for (let round = 0; round < 100; round++) {
      clock.advance(limiter.take());
      expect(limiter.take()).toBe(0);
      limiter.take();
    }
  });

  it("never saves up more than a minute's calls", () => {
    const clock = manualClock();
    const limiter = new RateLimiter(2, clock);
    clock.advance(3_600_000);
    expect([limiter.take(), limiter.take(), limiter.take()]).toEqual([0, 0, 30_000]);
  });

  it("takes nothing away when the clock is set back", () => {
    const clock = manualClock();
    const limiter = new RateLimiter(2, clock);
    limiter.take();
    clock.advance(-3_600_000);
    expect(limiter.take()).toBe(0);
  });
});
