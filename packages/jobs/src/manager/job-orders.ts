import { SpacedriveError } from "@spacedrive/wire";
import type { JobRecord } from "../job.js";
import { cancelJob, pauseJob, resumeJob, retryJob } from "../job-steps.js";
import type { Moment } from "../store/job-store.js";
import { nextStatus } from "../transitions.js";
import type { RunningJob } from "./running-job.js";

/** What somebody outside wants of a job, running or not. */
export interface JobOrder {
  /** For a running job; answers whether to wait for its attempt's end. */
  give(running: RunningJob): boolean;
  /** True where the job is already as wanted: then nothing changes. */
  holds(job: JobRecord): boolean;
  /** For a job that does not run. */
  step(job: JobRecord, now: Moment): JobRecord;
}

const pauseOrder: JobOrder = {
  give(running) {
    if (!running.handler.resumable) throw notResumable(running.job.id, running.job.type);
    running.pause();
    return true;
  },
  holds: (job) => job.status === "paused",
  step: (job, now) => {
    if (!job.resumable) throw notResumable(job.id, job.type);
    return pauseJob(job, null, now.wall);
  },
};

const resumeOrder: JobOrder = {
  give: (running) => running.resume(),
  holds: ({ status }) => status === "queued" || status === "running" || status === "suspended",
  step: (job, now) => resumeJob(job, now.wall),
};

const cancelOrder: JobOrder = {
  give(running) {
    running.cancel();
    return true;
  },
  holds: (job) => job.status === "cancelled",
  step: (job, now) => cancelJob(job, null, now.wall),
};

const retryOrder: JobOrder = {
  give({ job }) {
    // Throws: the table has no such step.
    nextStatus("retry", "running", `${job.id} (${job.type})`);
    return false;
  },
  holds: () => false,
  step: (job, now) => retryJob(job, now.wall, now.steady),
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
