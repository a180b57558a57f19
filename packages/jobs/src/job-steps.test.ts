import { createLibraryId, isSpacedriveError } from "@spacedrive/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { newJobIn } from "../test/new-job.js";
import type { JobRecord, JobStatus } from "./job.js";
import {
  cancelJob,
  checkpointJob,
  claimJob,
  completeJob,
  expireJob,
  failJob,
  type JobReport,
  pauseJob,
  postponeJob,
  readyJob,
  releaseJob,
  requestWake,
  resumeJob,
  retryJob,
  suspendJob,
  wakeJob,
} from "./job-steps.js";
import { isEnded } from "./transitions.js";

const BY = { extensionVersion: null, resumable: true, at: 2_000 };
const LATER = { at: 9_000, due: null, children: null, event: null };
const ERROR = { code: "JOB_FAILED", message: "no" } as const;

function report(progress: number, warnings: readonly string[] = []): JobReport {
  return { progress, message: `at ${progress}`, warnings, metrics: { bytes: progress * 100, items: warnings.length } };
}

function running(): JobRecord {
  return claimJob(newJobIn(createLibraryId()), BY);
}

test("a claim counts an attempt and keeps the time of the first start", () => {
  const first = running();
  expect(first).toMatchObject({ status: "running", attempt: 1, attemptsSinceProgress: 1, startedAt: 2_000 });
  const second = claimJob(releaseJob(first, 1, { crashed: true, at: 3_000 }), { ...BY, at: 4_000 });
  expect(second).toMatchObject({ attempt: 2, attemptsSinceProgress: 2, startedAt: 2_000, updatedAt: 4_000 });
});

test("a checkpoint takes an attempt off the count of the retry limit, an orderly stop too, a crash not", () => {
  const snapshot = { state: "1", report: report(0.5), storedWarnings: 0, consumed: 0, at: 3_000 };
  expect(checkpointJob(running(), 1, snapshot)).toMatchObject({ checkpoint: 1, attemptsSinceProgress: 0, state: "1" });
  expect(releaseJob(running(), 1, { crashed: false, at: 1 }).attemptsSinceProgress).toBe(0);
  expect(releaseJob(running(), 1, { crashed: true, at: 1 }).attemptsSinceProgress).toBe(1);
});

test("every write of a stale attempt is refused", () => {
  const job = claimJob(releaseJob(running(), 1, { crashed: true, at: 1 }), BY);
  const writes: ((stale: number) => unknown)[] = [
    (stale) => checkpointJob(job, stale, { state: "1", report: report(1), storedWarnings: 0, consumed: 0, at: 1 }),
    (stale) => completeJob(job, stale, { result: null, report: report(1), at: 1 }),
    (stale) => failJob(job, stale, { error: ERROR, report: report(1), at: 1 }),
    (stale) => pauseJob(job, stale, 1),
    (stale) => releaseJob(job, stale, { crashed: false, at: 1 }),
    (stale) => cancelJob(job, { attempt: stale, report: report(1) }, 1),
  ];
  for (const write of writes) {
    expect(() => write(1)).toThrow(expect.objectContaining({ code: "JOB_NOT_RUNNING" }));
    expect(() => write(2)).not.toThrow();
  }
});

test("a failed job shows its last moment, and a retry goes back to its last checkpoint", () => {
  const saved = checkpointJob(running(), 1, {
    state: "1",
    report: report(0.5, ["a"]),
    storedWarnings: 0,
    consumed: 0,
    at: 3_000,
  });
  const failed = failJob(saved, 1, { error: ERROR, report: report(0.9, ["a", "b"]), at: 4_000 });
  expect(failed).toMatchObject({ status: "failed", error: ERROR, ...report(0.9, ["a", "b"]), endedAt: 4_000 });
  const retried = retryJob(failed, 5_000);
  expect(retried).toMatchObject({ status: "queued", error: null, ...report(0.5, ["a"]), endedAt: null, state: "1" });
  expect(retried.checkpointed).toBeNull();
});

test("a completed job is at its end, whatever it last reported", () => {
  const done = completeJob(running(), 1, { result: "[]", report: report(0.2), at: 9_000 });
  expect(done).toMatchObject({ status: "completed", progress: 1, result: "[]", endedAt: 9_000 });
});

test("an order for a job that does not run is refused to one that has begun to", () => {
  for (const order of [() => pauseJob(running(), null, 1), () => cancelJob(running(), null, 1)]) {
    expect(order).toThrow(expect.objectContaining({ code: "INVALID_TRANSITION" }));
  }
});

type Step = (job: JobRecord) => JobRecord;

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>((job) => claimJob(job, BY)),
  fc.integer({ min: 0, max: 3 }).map<Step>((back) => (job) => {
    const snapshot = { state: "1", report: report(0.5), storedWarnings: 0, consumed: 0, at: 3_000 };
    return checkpointJob(job, job.attempt - back, snapshot);
  }),
  fc.constant<Step>((job) => completeJob(job, job.attempt, { result: null, report: report(1), at: 3_000 })),
  fc.constant<Step>((job) => failJob(job, job.attempt, { error: ERROR, report: null, at: 3_000 })),
  fc.constant<Step>((job) => pauseJob(job, job.status === "running" ? job.attempt : null, 3_000)),
  fc.constant<Step>((job) => resumeJob(job, 3_000)),
  fc.boolean().map<Step>((crashed) => (job) => releaseJob(job, job.attempt, { crashed, at: 3_000 })),
  fc.constant<Step>((job) => retryJob(job, 3_000)),
  fc.constant<Step>((job) => cancelJob(job, null, 3_000)),
  fc.constant<Step>((job) => expireJob(job, null, 3_000)),
  fc.constant<Step>((job) => postponeJob(job, job.attempt, { error: ERROR, notBefore: 9_000, at: 3_000 })),
  fc.constant<Step>((job) => readyJob(job, 9_000)),
  fc.constant<Step>((job) => requestWake(job, job.attempt, { condition: LATER, at: 3_000 })),
  fc.constantFrom(null, "2").map<Step>((state) => (job) => {
    const condition = state === null ? null : LATER;
    return suspendJob(job, job.attempt, { state, condition, report: report(0.7), consumed: job.consumed, at: 3_000 });
  }),
  fc.constant<Step>((job) => wakeJob(job, 3_000)),
);

/** The drawing of the states, for the walk below: where a job may be found after each status. */
const NEXT: Record<JobStatus, readonly JobStatus[]> = {
  queued: ["queued", "running", "paused", "failed", "cancelled"],
  running: ["running", "completed", "failed", "paused", "queued", "suspended", "cancelled"],
  paused: ["paused", "queued", "suspended", "failed", "cancelled"],
  suspended: ["suspended", "queued", "paused", "failed", "cancelled"],
  failed: ["failed", "queued"],
  completed: [],
  cancelled: [],
};

/** Null where the step is refused, as a step may be. */
function afterStep(step: Step, job: JobRecord): JobRecord | null {
  try {
    return step(job);
  } catch (error) {
    if (isSpacedriveError(error) && (error.code === "INVALID_TRANSITION" || error.code === "JOB_NOT_RUNNING"))
      return null;
    throw error;
  }
}

test("whatever happens to a job, its record says nothing that cannot be", () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 60 }), (sequence) => {
      let job = newJobIn(createLibraryId());
      for (const step of sequence) {
        const before = job;
        const after = afterStep(step, before);
        // Refused, or of no consequence.
        if (after === null || after === before) continue;
        job = after;
        expect(job.attempt - before.attempt).toBe(before.status === "queued" && job.status === "running" ? 1 : 0);
        expect(job.checkpoint).toBeGreaterThanOrEqual(before.checkpoint);
        expect(job.attemptsSinceProgress).toBeLessThanOrEqual(job.attempt);
        expect(job.endedAt !== null).toBe(isEnded(job.status));
        expect(NEXT[before.status]).toContain(job.status);
        expect(job.status !== "failed" || job.error !== null).toBe(true);
        // What is ready again after a failed attempt says why it waits, until it is claimed.
        expect(job.error === null || job.status === "failed" || job.status === "queued").toBe(true);
        expect(job.notBefore === null || job.error !== null).toBe(true);
        expect(job.notBefore === null || job.status === "queued").toBe(true);
        expect(job.wake !== null || job.status !== "suspended").toBe(true);
        // One that failed keeps what it had asked for and not yet waited for: its retry asks for it in its journal only.
        const isAsked = job.status === "failed" && job.wake !== null && job.wake.checkpoint > job.checkpoint;
        expect(job.wake === null || isAsked || !isEnded(job.status)).toBe(true);
        expect(job.checkpointed !== null).toBe(job.status === "failed");
        expect(before.status === "completed" || before.status === "cancelled").toBe(false);
      }
    }),
    { numRuns: 300 },
  );
});
