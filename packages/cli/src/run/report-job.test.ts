import { expect, it } from "vitest";
import { exitCodeOf } from "./report-job.js";

it.each([
  ["completed", 0],
  ["failed", 1],
  ["cancelled", 3],
  ["paused", 4],
] as const)("ends with its own code where a job is %s", (status, code) => {
  expect(exitCodeOf({ status })).toBe(code);
});
