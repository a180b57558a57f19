import type { Clock, JobId, Logger } from "@spacedrive/wire";
import type { JobFailure, JobRecord } from "../job.js";
import { cancelJob, failJob, pauseJob, releaseJob } from "../job-steps.js";
import type { HostRecords } from "../store/host-records.js";
import type { JobStore } from "../store/job-store.js";
import { needsNoRecords } from "../transitions.js";

/** What a store calls running when nothing runs yet was running when its host died: back to the queue, as it was ordered, or failed. */
export async function recoverJobs(
  store: JobStore,
  by: {
    readonly retryLimit: number;
    /** Its host died. False: only its store was away, which is not held against a job. */
    readonly crashed: boolean;
    readonly clock: Clock;
    readonly logger: Logger;
  },
): Promise<void> {
  const limit = by.crashed ? by.retryLimit : Number.POSITIVE_INFINITY;
  const recover = async (id: JobId): Promise<void> => {
    const job = await store.update(id, (running) => recoverJob(running, limit, by.clock.now(), by.crashed));
    const { type, status, checkpoint } = job;
    by.logger.info({ job: id, type, status, checkpoint }, "a job was running when its host or store stopped");
  };
  // At once, so that they share commits.
  const running = await store.list({ status: "running", states: false }, Number.MAX_SAFE_INTEGER);
  await Promise.all(
    running.map(async ({ id, unreadable }) => {
      if (unreadable !== true) return recover(id);
      // It keeps none of the others from going on.
      by.logger.error({ job: id }, "a job that was running cannot be read, and does not go on");
    }),
  );
}

export function recoverJob(job: JobRecord, retryLimit: number, at: number, crashed = true): JobRecord {
  // What it had been ordered to in a transaction, and not yet obeyed.
  if (job.ordered === "cancel") return cancelJob(job, { attempt: job.attempt, report: null }, at);
  if (job.ordered === "pause") return pauseJob(job, job.attempt, at);
  const error = reasonToGiveUp(job, retryLimit);
  return error === null
    ? releaseJob(job, job.attempt, { crashed, at })
    : failJob(job, job.attempt, { error, report: null, at });
}

function reasonToGiveUp(job: JobRecord, retryLimit: number): JobFailure | null {
  if (!job.resumable) {
    return {
      code: "JOB_FAILED",
      message: `The host or its store stopped while job "${job.type}" ran, and it cannot be resumed. Retry it.`,
    };
  }
  if (job.attemptsSinceProgress < retryLimit) return null;
  return {
    code: "JOB_FAILED",
    message: `The host stopped during each of the last ${job.attemptsSinceProgress} attempts of job "${job.type}", with no checkpoint between. It may be the job that stops it: look at the host's log, then retry it.`,
  };
}

/**
 * A checkpoint and the records in the host's database are not swept in one transaction: what the last process left of the
 * jobs of this store goes now.
 */
export async function sweepHostRecords(store: JobStore, host: HostRecords | null): Promise<void> {
  for (const id of (await host?.jobs()) ?? []) {
    const job = await store.get(id);
    if (job !== null) await host?.sweep(id, needsNoRecords(job.status) ? Number.MAX_SAFE_INTEGER : job.consumed);
  }
}
