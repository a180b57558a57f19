import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { systemClock } from "../src/clock.js";

const LONGEST_MS = 2 ** 31 - 1;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([1, 1_000, LONGEST_MS, LONGEST_MS + 1, 3 * LONGEST_MS])("waits %d ms, and no less", (delayMs) => {
  const called = vi.fn<() => void>();
  systemClock.after(delayMs, called);
  vi.advanceTimersByTime(delayMs - 1);
  expect(called).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(called).toHaveBeenCalledOnce();
});

it("waits for ever where it is told to, until that is taken back", () => {
  const called = vi.fn<() => void>();
  const takeBack = systemClock.after(Number.POSITIVE_INFINITY, called);
  vi.advanceTimersByTime(3 * LONGEST_MS);
  takeBack();
  expect(called).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
