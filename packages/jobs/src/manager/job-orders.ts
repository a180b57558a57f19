import { SpacedriveError } from "@spacedrive/wire";
import type { JobRecord, StandingOrder } from "../job.js";
import { cancelJob, liftPause, orderJob, pauseJob, resumeJob, retryJob } from "../job-steps.js";
import type { Moment } from "../store/job-store.js";
import { nextStatus } from "../transitions.js";
import type { RunningJob } from "./running-job.js";

/** What somebody outside wants of a job, running or not. */
export interface JobOrder {
  /** For a running job; answers whether to wait for its attempt's end. */
  give(running: RunningJob): boolean;
  /** What it leaves in the row of a running job until it is obeyed. */
  readonly stands: StandingOrder | null;
  /** For the row of a running job. */
  note(job: JobRecord, at: number): JobRecord;
  /**
   * True where the job is already as wanted: then nothing changes.
   *
   * @param seen the job as it was when the order was given; another may have reached its goal since.
   */
  holds(job: JobRecord, seen: JobRecord): boolean;
  /** For a job that does not run. */
  step(job: JobRecord, now: Moment): JobRecord;
}

const pauseOrder: JobOrder = {
  give(running) {
    if (!running.handler.resumable) throw notResumable(running.job.id, running.job.type);
    running.pause();
    return true;
  },
  stands: "pause",
  note: (job, at) => orderJob(resumable(job), "pause", at),
  holds: (job) => job.status === "paused",
  step: (job, now) => pauseJob(resumable(job), null, now.wall),
};

const resumeOrder: JobOrder = {
  give: (running) => running.resume(),
  stands: null,
  note: liftPause,
  holds: ({ status }) => status === "queued" || status === "running" || status === "suspended",
  step: (job, now) => resumeJob(job, now.wall),
};

const cancelOrder: JobOrder = {
  give(running) {
    running.cancel();
    return true;
  },
  stands: "cancel",
  note: (job, at) => orderJob(job, "cancel", at),
  holds: (job) => job.status === "cancelled",
  step: (job, now) => cancelJob(job, null, now.wall),
};

const retryOrder: JobOrder = {
  give({ job }) {
    // Throws: the table has no such step.
    nextStatus("retry", "running", `${job.id} (${job.type})`);
    return false;
  },
  stands: null,
  // Throws, as above.
  note: (job, at) => retryJob(job, at),
  // Of two at once the second finds it queued, or further.
  holds: ({ status }, seen) => seen.status === "failed" && status !== "failed" && status !== "cancelled",
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

/** True where the job is to go on, also where its host left it as it was. */
export function goesOn(order: JobOrder): boolean {
  return order === ORDERS.resume || order === ORDERS.retry;
}

/** A job, running or not, as an order in a transaction leaves it. */
export function takeOrder(order: JobOrder, job: JobRecord, seen: JobRecord, now: Moment): JobRecord {
  const isRunning = job.status === "running" && job.unreadable !== true;
  // A resume of one that runs may have a pause to take back.
  if (order.holds(job, seen) && !(isRunning && order === resumeOrder)) return job;
  return isRunning ? order.note(job, now.wall) : order.step(job, now);
}

/**
 * Tells an attempt what stands in its job's row, where it still does: it may have been taken back meanwhile, or obeyed. It is not
 * waited for: two jobs that order each other would wait for each other.
 */
export function remindOf(order: JobOrder, running: RunningJob | undefined, stored: JobRecord | null): void {
  if (running === undefined || stored?.status !== "running" || stored.ordered !== order.stands) return;
  order.give(running);
}

function resumable(job: JobRecord): JobRecord {
  if (!job.resumable) throw notResumable(job.id, job.type);
  return job;
}

function notResumable(id: string, type: string): SpacedriveError {
  return new SpacedriveError(
    "INVALID_TRANSITION",
    `Job ${id} (${type}) cannot be paused: its type is not resumable. Let it end, or cancel it.`,
  );
}
