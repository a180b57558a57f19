import { expect, it } from "vitest";
import { systemClock } from "./clock.js";
import { silentLogger } from "./logger.js";
import { steadyClock } from "./steady-clock.js";
import { VirtualClock } from "./virtual-clock.js";

const broken = (): never => {
  throw new Error("no time");
};

it("hands on what a clock answers", () => {
  const clock = new VirtualClock();
  const steady = steadyClock(clock, silentLogger);
  let called = 0;
  steady.after(10, () => called++);
  steady.after(20, () => called++)();
  clock.advance(30);
  expect([called, steady.now(), steady.monotonic?.()]).toEqual([1, clock.now(), 30]);
});

it("takes the system's time where a clock has none, and says so", async () => {
  const lines: string[] = [];
  const logger = { ...silentLogger, error: (_fields: unknown, message: string) => lines.push(message) };
  const steady = steadyClock({ now: broken, monotonic: broken, after: broken }, logger);
  expect(Math.abs(steady.now() - systemClock.now())).toBeLessThan(60_000);
  expect(steady.monotonic?.()).toEqual(expect.any(Number));
  await new Promise<void>((resolve) => steady.after(1, resolve));
  expect(lines[0]).toBe("the host's clock failed (now), and the system's is used instead");
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, "1"])(
  "takes the system's time where a clock says %s",
  (said) => {
    // Proof: a program without types can answer anything.
    const answer = (): number => said as number;
    const steady = steadyClock({ now: answer, monotonic: answer, after: () => () => {} }, silentLogger);
    expect(Math.abs(steady.now() - systemClock.now())).toBeLessThan(60_000);
    expect(steady.monotonic?.()).toSatisfy(Number.isFinite);
  },
);

it("lets a timer be taken back by a function that throws", () => {
  const steady = steadyClock({ now: () => 0, after: () => broken }, silentLogger);
  expect(() => steady.after(1, broken)()).not.toThrow();
});
