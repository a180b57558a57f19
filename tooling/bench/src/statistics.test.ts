import { expect, test } from "vitest";
import { summarize } from "./statistics.ts";

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

test("counts, averages and takes the middle of samples in any order", () => {
  expect(summarize(hundred, "lower")).toMatchObject({ count: 100, mean: 50.5, p50: 51 });
});

test("takes p99 from the bad end, whichever that is", () => {
  expect(summarize(hundred, "lower").p99).toBe(100);
  expect(summarize(hundred, "higher").p99).toBe(1);
});

test("takes the worst of all from the same end", () => {
  expect(summarize([2, 9, 4], "lower").worst).toBe(9);
  expect(summarize([2, 9, 4], "higher").worst).toBe(2);
});
