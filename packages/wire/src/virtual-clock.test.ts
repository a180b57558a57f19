import { expect, test } from "vitest";
import { VirtualClock } from "./virtual-clock.js";

test("stands still until it is moved, and calls what is due in its order, each once", () => {
  const clock = new VirtualClock(5_000);
  const called: string[] = [];
  clock.after(20, () => called.push(`late at ${clock.now()}`));
  clock.after(10, () => {
    called.push(`early at ${clock.now()}`);
    clock.after(5, () => called.push(`asked for at ${clock.now()}`));
  });
  const takeBack = clock.after(15, () => called.push("taken back"));
  takeBack();
  expect([clock.now(), clock.next, clock.pending]).toEqual([5_000, 10, 2]);
  clock.advance(9);
  expect(called).toEqual([]);
  clock.advance(11);
  expect(called).toEqual(["early at 5010", "asked for at 5015", "late at 5020"]);
  expect([clock.now(), clock.next]).toEqual([5_020, null]);
});

test("set back or on, its timers keep their time", () => {
  const clock = new VirtualClock(5_000);
  let calls = 0;
  clock.after(10, () => calls++);
  clock.set(-1_000);
  expect([clock.now(), clock.monotonic()]).toEqual([4_000, 0]);
  clock.advance(9);
  clock.set(1_000_000);
  expect(calls).toBe(0);
  clock.advance(1);
  clock.advance(100);
  expect(calls).toBe(1);
  expect(clock.monotonic()).toBe(110);
});
