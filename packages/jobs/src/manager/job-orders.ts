import { SpacedriveError } from "@spacedrive/wire";
import type { JobRecord } from "../job.js";
import { cancelJob, pauseJob, resumeJob, retryJob } from "../job-steps.js";
import { nextStatus } from "../transitions.js";
import type { RunningJob } from "./running-job.js";

/** What somebody outside wants of a job, running or not. */
export interface JobOrder {
  /** For a running job; answers whether to wait for its attempt's end. */
  give(running: RunningJob): boolean;
  /** True where the job is already as wanted: then nothing changes. */
  holds(job: JobRecord): boolean;
  /** For a job that does not run. */
  step(job: JobRecord, at: number): JobRecord;
}

const pauseOrder: JobOrder = {
  give(running) {
    if (!running.handler.resumable) throw notResumable(running.job.id, running.job.type);
    running.pause();
    return true;
  },
  holds: (job) => job.status === "paused",
  step: (job, at) => {
    if (!job.resumable) throw notResumable(job.id, job.type);
    return pauseJob(job, null, at);
  },
};

const resumeOrder: JobOrder = {
  give: (running) => running.resume(),
  holds: (job) => job.status === "queued" || job.status === "running",
  step: (job, at) => resumeJob(job, at),
};

const cancelOrder: JobOrder = {
  give(running) {
    running.cancel();
    return true;
  },
  holds: (job) => job.status === "cancelled",
  step: (job, at) => cancelJob(job, null, at),
};

const retryOrder: JobOrder = {
  give({ job }) {
    // Throws: the table has no such step.
    nextStatus("retry", "running", `${job.id} (${job.type})`);
    return false;
  },
  holds: () => false,
  step: (job, at) => retryJob(job, at),
};

/** Every order, by its name. */
export const ORDERS = {
  pause: pauseOrder,
  resume: resumeOrder,
  cancel: cancelOrder,
  retry: retryOrder,
} as const satisfies Record<string, JobOrder>;

export type OrderName = keyof typeof ORDERS;

function notResumable(id: string, type: string): SpacedriveError {
  return new SpacedriveError(
    "INVALID_TRANSITION",
    `Job ${id} (${type}) cannot be paused: its type is not resumable. Let it end, or cancel it.`,
  );
}
