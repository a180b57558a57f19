import { type JobId, type LibraryId, SpacedriveError } from "@spacedrive/wire";
import type { JobFailure, JobRecord, StandingOrder, WakeCondition } from "./job.js";
import { attemptNotRunning } from "./job-errors.js";
import type { HistoryNotes } from "./history.js";
import { type JobStep, nextStatus } from "./transitions.js";

/** What a running attempt says of itself; saved with each checkpoint and with the end. */
export type JobReport = Pick<JobRecord, "progress" | "message" | "warnings" | "metrics">;

/** What one checkpoint makes durable. */
export interface JobSnapshot {
  readonly state: string;
  readonly report: JobReport;
  /** How many of `report.warnings`, from the first, the last checkpoint of this attempt had stored. */
  readonly storedWarnings: number;
  /** The job's `consumed` from now on. */
  readonly consumed: number;
  /** What the attempt did that is not yet stored, and is to be now. */
  readonly history?: HistoryNotes | null;
  readonly at: number;
}

/** A new job, `queued`. */
export function createJob(job: {
  readonly id: JobId;
  readonly type: string;
  readonly library: LibraryId;
  readonly state: string | null;
  readonly parent: JobId | null;
  readonly priority: number;
  readonly resumable: boolean;
  readonly deadlineMs?: number | null;
  /** When its deadline begins. Default: `at`. */
  readonly steadyAt?: number;
  readonly at: number;
}): JobRecord {
  const { at, deadlineMs = null, steadyAt = at, ...given } = job;
  return {
    ...given,
    deadlineMs,
    deadline: deadlineOf(deadlineMs, steadyAt),
    waitBegan: deadlineMs === null ? null : steadyAt,
    status: "queued",
    result: null,
    checkpoint: 0,
    consumed: 0,
    progress: 0,
    message: "",
    warnings: [],
    metrics: { bytes: 0, items: 0 },
    attempt: 0,
    attemptsSinceProgress: 0,
    error: null,
    notBefore: null,
    wake: null,
    ordered: null,
    checkpointed: null,
    extensionVersion: null,
    createdAt: at,
    updatedAt: at,
    startedAt: null,
    endedAt: null,
  };
}

/*
 * The steps: each takes a job as it is stored and answers it as it is to be stored, or throws and changes nothing.
 */

export function claimJob(
  job: JobRecord,
  by: { readonly extensionVersion: string | null; readonly resumable: boolean; readonly at: number },
): JobRecord {
  return {
    ...moved(job, "claim", by.at),
    attempt: job.attempt + 1,
    attemptsSinceProgress: job.attemptsSinceProgress + 1,
    extensionVersion: by.extensionVersion,
    resumable: by.resumable,
    error: null,
    notBefore: null,
    startedAt: job.startedAt ?? by.at,
  };
}

export function checkpointJob(job: JobRecord, attempt: number, snapshot: JobSnapshot): JobRecord {
  checkAttempt(job, attempt);
  return {
    ...job,
    ...snapshot.report,
    state: snapshot.state,
    checkpoint: job.checkpoint + 1,
    consumed: snapshot.consumed,
    attemptsSinceProgress: 0,
    wake: wakeAfterCheckpoint(job, snapshot.consumed),
    updatedAt: snapshot.at,
  };
}

/** It was for the checkpoint after it: a job that goes on and makes another one has thought better of it. */
function wakeAfterCheckpoint({ wake, checkpoint }: JobRecord, consumed: number): JobRecord["wake"] {
  if (wake === null || wake.checkpoint <= checkpoint) return null;
  return { ...wake, checkpoint: checkpoint + (wake.call > consumed ? 2 : 1) };
}

/** A recorded effect is progress: an attempt that ends with its host will not make it again. */
export function recordCalls(job: JobRecord, attempt: number): JobRecord {
  checkAttempt(job, attempt);
  return job.attemptsSinceProgress === 0 ? job : { ...job, attemptsSinceProgress: 0 };
}

export function completeJob(
  job: JobRecord,
  attempt: number,
  end: { readonly result: string | null; readonly report: JobReport; readonly at: number },
): JobRecord {
  checkAttempt(job, attempt);
  return { ...ended(job, "complete", end.at), ...end.report, progress: 1, result: end.result };
}

/** `report` null: what the attempt last said died with its host. */
export function failJob(
  job: JobRecord,
  attempt: number,
  end: { readonly error: JobFailure; readonly report: JobReport | null; readonly at: number },
): JobRecord {
  checkAttempt(job, attempt);
  return failed(job, "fail", end);
}

/** The job's whole time is over. `running` null: the job is not running. */
export function expireJob(
  job: JobRecord,
  running: { readonly attempt: number; readonly report: JobReport } | null,
  at: number,
): JobRecord {
  if (running !== null) checkAttempt(job, running.attempt);
  else if (job.status === "running") throw notRunningHere(job);
  const message = `Job "${job.type}" did not end within its deadline of ${job.deadlineMs ?? 0} ms. Retry it, or give it longer.`;
  return failed(job, "expire", { error: { code: "TIMEOUT", message }, report: running?.report ?? null, at });
}

/**
 * Back to the queue, at the last checkpoint, where it waits until `notBefore`. `counted` false: the attempt does not count
 * against the retry limit. Default true.
 */
export function postponeJob(
  job: JobRecord,
  attempt: number,
  end: { readonly error: JobFailure; readonly notBefore: number; readonly counted?: boolean; readonly at: number },
): JobRecord {
  checkAttempt(job, attempt);
  const { error, notBefore, counted = true } = end;
  const attemptsSinceProgress = counted ? job.attemptsSinceProgress : Math.max(0, job.attemptsSinceProgress - 1);
  const waits = isWaiting(job)
    ? moved(job, "suspend", end.at)
    : { ...moved(job, "postpone", end.at), error, notBefore };
  return { ...waits, attemptsSinceProgress };
}

/** The wait of a postponed job is over: it takes its place in the queue. Of any other job, nothing changes. */
export function readyJob(job: JobRecord, at: number): JobRecord {
  return job.status === "queued" && job.notBefore !== null ? { ...job, notBefore: null, updatedAt: at } : job;
}

/** From `running` the job goes back to its last checkpoint. `attempt` null: the job is not running. */
export function pauseJob(job: JobRecord, attempt: number | null, at: number): JobRecord {
  if (attempt !== null) checkAttempt(job, attempt);
  else if (job.status === "running") throw notRunningHere(job);
  return { ...moved(job, "pause", at), attemptsSinceProgress: 0, error: null, notBefore: null };
}

/** A job that was paused while it waited goes on waiting. */
export function resumeJob(job: JobRecord, at: number): JobRecord {
  return moved(job, isWaiting(job) ? "wait" : "resume", at);
}

/**
 * Back to the queue, at the last checkpoint; or, where that is one of a job that waits, back to waiting.
 *
 * @param crashed the host died: the attempt goes on counting against the retry limit.
 */
export function releaseJob(
  job: JobRecord,
  attempt: number,
  by: { readonly crashed: boolean; readonly at: number },
): JobRecord {
  checkAttempt(job, attempt);
  const attemptsSinceProgress = by.crashed ? job.attemptsSinceProgress : 0;
  return { ...moved(job, isWaiting(job) ? "suspend" : "release", by.at), attemptsSinceProgress };
}

/** Notes what is to wake the job, for when it is suspended. */
export function requestWake(
  job: JobRecord,
  attempt: number,
  asked: { readonly condition: WakeCondition; readonly call?: number; readonly at: number },
): JobRecord {
  checkAttempt(job, attempt);
  const wake = { condition: asked.condition, checkpoint: job.checkpoint + 1, call: asked.call ?? 0 };
  return { ...job, wake, updatedAt: asked.at };
}

/** How an attempt asks to be suspended. */
export interface JobSuspension {
  /** JSON text: a checkpoint made with the suspension. Null: the last one stands. */
  readonly state: string | null;
  /** Null: what the job asked for by `requestWake`. */
  readonly condition: WakeCondition | null;
  readonly report: JobReport;
  readonly consumed: number;
  readonly at: number;
}

/** Its instance is given back, and all that it did is part of its state. Fails the job where it named no wake-up. */
export function suspendJob(job: JobRecord, attempt: number, by: JobSuspension): JobRecord {
  checkAttempt(job, attempt);
  const { report, consumed, at } = by;
  const condition = by.condition ?? job.wake?.condition ?? null;
  if (condition === null) {
    const message = `Job "${job.type}" ended as suspended, and had asked for no wake-up: call jobs.wake_when first.`;
    return failJob(job, attempt, { error: { code: "JOB_FAILED", message }, report, at });
  }
  const checkpoint = by.state === null ? job.checkpoint : job.checkpoint + 1;
  return {
    ...moved(job, "suspend", at),
    ...report,
    state: by.state ?? job.state,
    checkpoint,
    consumed,
    attemptsSinceProgress: 0,
    wake: { condition, checkpoint, call: 0 },
  };
}

/** What a suspended job waited for has come. */
export function wakeJob(job: JobRecord, at: number): JobRecord {
  return { ...moved(job, "wake", at), wake: null };
}

/** Back to the queue, at the last checkpoint, with what was reported since taken back; its deadline begins again. */
export function retryJob(job: JobRecord, at: number, steadyAt = at): JobRecord {
  const queued = {
    ...moved(job, "retry", at),
    attemptsSinceProgress: 0,
    error: null,
    deadline: deadlineOf(job.deadlineMs, steadyAt),
    waitBegan: job.deadlineMs === null ? job.waitBegan : steadyAt,
    checkpointed: null,
    endedAt: null,
  };
  if (job.checkpointed === null) return queued;
  const { warningCount, ...vitals } = job.checkpointed;
  return { ...queued, ...vitals, warnings: job.warnings.slice(0, warningCount) };
}

/** Notes an order for the attempt that runs, to be obeyed at its end; a cancel stays one. Of any other job, nothing changes. */
export function orderJob(job: JobRecord, order: StandingOrder, at: number): JobRecord {
  if (job.status !== "running" || job.ordered === "cancel" || job.ordered === order) return job;
  return { ...job, ordered: order, updatedAt: at };
}

/** Takes back that a running job is to pause. Of any other, nothing changes. */
export function liftPause(job: JobRecord, at: number): JobRecord {
  return job.ordered === "pause" ? { ...job, ordered: null, updatedAt: at } : job;
}

/** `running` null: the job is not running; `report` null: what the attempt last said died with its host. */
export function cancelJob(
  job: JobRecord,
  running: { readonly attempt: number; readonly report: JobReport | null } | null,
  at: number,
): JobRecord {
  const { unreadable, ...readable } = job;
  if (running !== null) checkAttempt(job, running.attempt);
  // One that cannot be read is running nowhere, whatever its row says.
  else if (job.status === "running" && unreadable !== true) throw notRunningHere(job);
  return { ...ended(readable, "cancel", at), ...running?.report };
}

/** A job as it is stored at this moment of the manager's time: it is remembered where a wait on that time may have begun. */
export function noteWait(job: JobRecord, steady: number): JobRecord {
  const waits = job.notBefore !== null || (job.wake?.condition.due ?? null) !== null;
  return waits ? { ...job, waitBegan: Math.max(steady, job.waitBegan ?? steady) } : job;
}

/** A database holds no larger number that can be read again; nobody lives to see that day. */
function deadlineOf(deadlineMs: number | null, from: number): number | null {
  return deadlineMs === null ? null : Math.min(Number.MAX_SAFE_INTEGER, from + deadlineMs);
}

/** True where a job's last checkpoint is that of a job that waits. */
function isWaiting({ wake, checkpoint }: JobRecord): boolean {
  return wake !== null && wake.checkpoint <= checkpoint;
}

function failed(
  job: JobRecord,
  step: "fail" | "expire",
  end: { readonly error: JobFailure; readonly report: JobReport | null; readonly at: number },
): JobRecord {
  const { progress, message, metrics, warnings } = job;
  return {
    ...ended(job, step, end.at),
    ...end.report,
    // One asked for since the last checkpoint: a retry that replays the asking must find it noted.
    wake: isWaiting(job) ? null : job.wake,
    error: end.error,
    checkpointed: { progress, message, metrics, warningCount: warnings.length },
  };
}

function ended(job: JobRecord, step: JobStep, at: number): JobRecord {
  return { ...moved(job, step, at), error: null, notBefore: null, wake: null, endedAt: at };
}

/** An order is for the attempt that ends with the step. */
function moved(job: JobRecord, step: JobStep, at: number): JobRecord {
  return { ...job, ordered: null, status: nextStatus(step, job.status, `${job.id} (${job.type})`), updatedAt: at };
}

function checkAttempt(job: JobRecord, attempt: number): void {
  if (job.status !== "running" || job.attempt !== attempt) throw attemptNotRunning(job.id, attempt);
}

function notRunningHere(job: JobRecord): SpacedriveError {
  return new SpacedriveError("INVALID_TRANSITION", `Job ${job.id} (${job.type}) has just begun to run. Ask again.`, {
    details: { status: job.status },
  });
}
