import { type JobId, type LibraryId, SpacedriveError } from "@spacedrive/wire";
import type { JobFailure, JobRecord } from "./job.js";
import { attemptNotRunning } from "./job-errors.js";
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
  readonly at: number;
}): JobRecord {
  const { at, ...given } = job;
  return {
    ...given,
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
    updatedAt: snapshot.at,
  };
}

/** A recorded call is progress: an attempt that ends with its host will not make it again. */
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
  return { ...moved(job, "complete", end.at), ...end.report, progress: 1, result: end.result, endedAt: end.at };
}

/** `report` null: what the attempt last said died with its host. */
export function failJob(
  job: JobRecord,
  attempt: number,
  end: { readonly error: JobFailure; readonly report: JobReport | null; readonly at: number },
): JobRecord {
  checkAttempt(job, attempt);
  return {
    ...moved(job, "fail", end.at),
    ...end.report,
    error: end.error,
    checkpointed: {
      progress: job.progress,
      message: job.message,
      metrics: job.metrics,
      warningCount: job.warnings.length,
    },
    endedAt: end.at,
  };
}

/** From `running` the job goes back to its last checkpoint. `attempt` null: the job is not running. */
export function pauseJob(job: JobRecord, attempt: number | null, at: number): JobRecord {
  if (attempt !== null) checkAttempt(job, attempt);
  else if (job.status === "running") throw notRunningHere(job);
  return { ...moved(job, "pause", at), attemptsSinceProgress: 0 };
}

export function resumeJob(job: JobRecord, at: number): JobRecord {
  return moved(job, "resume", at);
}

/**
 * Back to the queue, at the last checkpoint.
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
  return { ...moved(job, "release", by.at), attemptsSinceProgress };
}

/** Back to the queue, at the last checkpoint, with what was reported since taken back. */
export function retryJob(job: JobRecord, at: number): JobRecord {
  const queued = {
    ...moved(job, "retry", at),
    attemptsSinceProgress: 0,
    error: null,
    checkpointed: null,
    endedAt: null,
  };
  if (job.checkpointed === null) return queued;
  const { warningCount, ...vitals } = job.checkpointed;
  return { ...queued, ...vitals, warnings: job.warnings.slice(0, warningCount) };
}

/** `running` null: the job is not running. */
export function cancelJob(
  job: JobRecord,
  running: { readonly attempt: number; readonly report: JobReport } | null,
  at: number,
): JobRecord {
  if (running !== null) checkAttempt(job, running.attempt);
  else if (job.status === "running") throw notRunningHere(job);
  return { ...moved(job, "cancel", at), ...running?.report, endedAt: at };
}

function moved(job: JobRecord, step: JobStep, at: number): JobRecord {
  return { ...job, status: nextStatus(step, job.status, `${job.id} (${job.type})`), updatedAt: at };
}

function checkAttempt(job: JobRecord, attempt: number): void {
  if (job.status !== "running" || job.attempt !== attempt) throw attemptNotRunning(job.id, attempt);
}

function notRunningHere(job: JobRecord): SpacedriveError {
  return new SpacedriveError("INVALID_TRANSITION", `Job ${job.id} (${job.type}) has just begun to run. Ask again.`, {
    details: { status: job.status },
  });
}
