import { expect, test } from "vitest";
import type { JobStatus } from "./job.js";
import { isEnded, JOB_STATUSES, type JobStep, nextStatus, TRANSITIONS } from "./transitions.js";

/** The drawing of DESIGN.md §6, written a second time: what each step makes of each status. */
const LEGAL: Record<JobStep, Partial<Record<JobStatus, JobStatus>>> = {
  claim: { queued: "running" },
  complete: { running: "completed" },
  fail: { running: "failed" },
  expire: { queued: "failed", running: "failed", paused: "failed", suspended: "failed" },
  pause: { queued: "paused", running: "paused", suspended: "paused" },
  resume: { paused: "queued" },
  suspend: { running: "suspended" },
  wait: { paused: "suspended" },
  wake: { suspended: "queued" },
  postpone: { running: "queued" },
  release: { running: "queued" },
  retry: { failed: "queued" },
  cancel: { queued: "cancelled", running: "cancelled", paused: "cancelled", suspended: "cancelled" },
};

// Proof: the keys of TRANSITIONS are the steps.
const STEPS = Object.keys(TRANSITIONS) as JobStep[];

const PAIRS = STEPS.flatMap((step) =>
  JOB_STATUSES.map((status) => ({ step, status, next: LEGAL[step][status] ?? null })),
);

test.each(PAIRS.filter(({ next }) => next !== null))("$step takes a $status job to $next", ({ step, status, next }) => {
  expect(nextStatus(step, status, "j")).toBe(next);
});

test.each(PAIRS.filter(({ next }) => next === null))("$step is refused to a $status job", ({ step, status }) => {
  expect(() => nextStatus(step, status, "job-7")).toThrow(
    expect.objectContaining({ code: "INVALID_TRANSITION", message: expect.stringContaining(`job-7 is ${status}`) }),
  );
});

test("from completed and cancelled nothing leads on", () => {
  const left = STEPS.flatMap((step): readonly JobStatus[] => TRANSITIONS[step].from);
  expect(left).not.toContain("completed");
  expect(left).not.toContain("cancelled");
});

test("three statuses are ends", () => {
  expect(JOB_STATUSES.filter(isEnded)).toEqual(["completed", "failed", "cancelled"]);
});
