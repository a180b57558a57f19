import { expect, test } from "vitest";
import { MAX_WARNINGS } from "../job.js";
import { LiveReport, MAX_REPORT_TEXT } from "./job-report.js";

function emptyReport(): LiveReport {
  return new LiveReport({ progress: 0, message: "", warnings: [], metrics: { bytes: 0, items: 0 } });
}

test("keeps progress between 0 and 1, and the last where it is no number", () => {
  const report = emptyReport();
  const seen = [0.5, Number.NaN, -1, 2, Number.POSITIVE_INFINITY].map((fraction) => {
    report.progress(fraction, undefined);
    return report.current.progress;
  });
  expect(seen).toEqual([0.5, 0.5, 0, 1, 1]);
});

test("keeps the message where progress comes without one", () => {
  const report = emptyReport();
  report.progress(0.1, "one");
  report.progress(0.2, undefined);
  expect(report.current).toMatchObject({ progress: 0.2, message: "one" });
});

test("counts what can be counted", () => {
  const report = emptyReport();
  for (const count of [1, 2.9, -5, Number.NaN, 0]) report.items(count);
  report.bytes(Number.MAX_SAFE_INTEGER - 1);
  report.bytes(10);
  expect(report.current.metrics).toEqual({ items: 3, bytes: Number.MAX_SAFE_INTEGER });
});

test("keeps warnings up to the limit, and then says once that others are missing", () => {
  const report = emptyReport();
  for (let n = 1; n <= MAX_WARNINGS; n++) report.warning(`w${n}`);
  expect(report.current.warnings).toHaveLength(MAX_WARNINGS);
  expect(report.current.warnings.at(-1)).toBe(`w${MAX_WARNINGS}`);
  for (let n = 0; n < 3; n++) report.warning("too many");
  expect(report.current.warnings).toHaveLength(MAX_WARNINGS + 1);
  expect(report.current.warnings.at(-1)).toContain(`only the first ${MAX_WARNINGS}`);
});

test("cuts text past the limit, and keeps text at it", () => {
  const report = emptyReport();
  report.warning("x".repeat(MAX_REPORT_TEXT));
  report.warning("x".repeat(MAX_REPORT_TEXT + 1));
  expect(report.current.warnings.map((text) => [text.length, text.at(-1)])).toEqual([
    [MAX_REPORT_TEXT, "x"],
    [MAX_REPORT_TEXT, "…"],
  ]);
});

test("replaces what a database's text cannot hold", () => {
  const report = emptyReport();
  report.progress(0, "a\0b\ud83d");
  expect(report.current.message).toBe("a\ufffdb\ufffd");
});

test("what was looked at does not change afterwards", () => {
  const report = emptyReport();
  report.warning("one");
  const before = report.current;
  report.warning("two");
  report.items(1);
  expect(before).toEqual({ progress: 0, message: "", warnings: ["one"], metrics: { bytes: 0, items: 0 } });
});
