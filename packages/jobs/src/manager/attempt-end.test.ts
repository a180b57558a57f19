import { SpacedriveError } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { type AttemptOutcome, endOf, type Intent, outcomeOfError } from "./attempt-end.js";

const COMPLETED: AttemptOutcome = { kind: "completed", result: "1" };
const INTERRUPTED: AttemptOutcome = { kind: "interrupted" };
const STOPPED: AttemptOutcome = { kind: "stopped" };
const SUSPENDED: AttemptOutcome = { kind: "suspended", until: { afterMs: 1 } };
const FAILED: AttemptOutcome = { kind: "failed", error: new SpacedriveError("NOT_FOUND", "gone") };
const CANCELLED: AttemptOutcome = { kind: "failed", error: new SpacedriveError("CANCELLED", "given up") };

function step(
  intent: Intent,
  outcome: AttemptOutcome,
  attempt: { resumable?: boolean; aborted?: boolean } = {},
): string {
  return endOf(intent, outcome, { type: "t", resumable: true, aborted: false, attempts: 1, retryLimit: 5, ...attempt })
    .step;
}

test.each([
  { intent: "run", outcome: COMPLETED, ends: "complete" },
  { intent: "run", outcome: FAILED, ends: "fail" },
  { intent: "run", outcome: CANCELLED, ends: "fail" },
  { intent: "run", outcome: INTERRUPTED, ends: "fail" },
  { intent: "pause", outcome: COMPLETED, ends: "complete" },
  { intent: "pause", outcome: FAILED, ends: "fail" },
  { intent: "pause", outcome: CANCELLED, ends: "pause" },
  { intent: "pause", outcome: INTERRUPTED, ends: "pause" },
  { intent: "pause", outcome: STOPPED, ends: "pause" },
  { intent: "release", outcome: COMPLETED, ends: "complete" },
  { intent: "release", outcome: FAILED, ends: "fail" },
  { intent: "release", outcome: CANCELLED, ends: "release" },
  { intent: "release", outcome: INTERRUPTED, ends: "release" },
  { intent: "release", outcome: STOPPED, ends: "release" },
  { intent: "expire", outcome: COMPLETED, ends: "complete" },
  { intent: "expire", outcome: FAILED, ends: "expire" },
  { intent: "expire", outcome: INTERRUPTED, ends: "expire" },
  { intent: "expire", outcome: STOPPED, ends: "expire" },
  { intent: "expire", outcome: SUSPENDED, ends: "expire" },
  { intent: "cancel", outcome: SUSPENDED, ends: "cancel" },
  { intent: "cancel", outcome: COMPLETED, ends: "cancel" },
  { intent: "cancel", outcome: FAILED, ends: "cancel" },
  { intent: "cancel", outcome: INTERRUPTED, ends: "cancel" },
  { intent: "cancel", outcome: STOPPED, ends: "cancel" },
] as const)("wanted $intent and $outcome.kind gives $ends", ({ intent, outcome, ends }) => {
  expect(step(intent, outcome)).toBe(ends);
});

test("a failure after the abort of its signal is the abort's doing", () => {
  expect(step("pause", FAILED, { aborted: true })).toBe("pause");
  expect(step("release", FAILED, { aborted: true })).toBe("release");
});

test("what cannot be resumed fails where it is stopped, and says so", () => {
  const end = endOf("release", STOPPED, { type: "t", resumable: false, aborted: true, attempts: 1, retryLimit: 5 });
  expect(end).toMatchObject({ step: "fail", error: { message: expect.stringContaining("cannot be resumed") } });
});

test("a failure after the store refused something is not the job's, and does not count", () => {
  const refused = new SpacedriveError("DISK_FULL", "full");
  const attempt = { type: "t", resumable: true, aborted: false, attempts: 9, retryLimit: 5, refused };
  const postponed = { step: "postpone", error: { code: "DISK_FULL", message: "full" }, counted: false };
  expect(endOf("run", FAILED, attempt)).toEqual(postponed);
  expect(endOf("run", INTERRUPTED, attempt)).toEqual(postponed);
  expect(endOf("run", { kind: "failed", error: refused }, { ...attempt, refused: null })).toEqual(postponed);
  expect(endOf("run", COMPLETED, attempt).step).toBe("complete");
  expect(endOf("pause", INTERRUPTED, attempt).step).toBe("pause");
  expect(endOf("run", FAILED, { ...attempt, resumable: false }).step).toBe("fail");
});

test("what a handler throws is the job's failure, with its code or as JOB_FAILED", () => {
  const ours = new SpacedriveError("TIMEOUT", "late");
  expect(outcomeOfError(ours, "t")).toEqual({ kind: "failed", error: ours });
  expect(outcomeOfError(new Error("boom"), "t")).toMatchObject({
    error: { code: "JOB_FAILED", message: 'Job "t" failed: boom' },
  });
  expect(outcomeOfError("text", "t")).toMatchObject({ error: { message: 'Job "t" failed: text' } });
});
