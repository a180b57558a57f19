import { SpacedriveError } from "@spacedrive/wire";
import type { JobStatus } from "./job.js";

/**
 * Every legal change of a job's status, by the name of the step. Nothing else changes one: stores apply `job-steps.ts`,
 * which asks this table.
 */
export const TRANSITIONS = {
  /** An attempt begins. */
  claim: { from: ["queued"], to: "running" },
  complete: { from: ["running"], to: "completed" },
  fail: { from: ["running"], to: "failed" },
  /** The job's whole time is over. */
  expire: { from: ["queued", "running", "paused", "suspended"], to: "failed" },
  pause: { from: ["queued", "running", "suspended"], to: "paused" },
  resume: { from: ["paused"], to: "queued" },
  /** Waits for a wake-up without an instance. */
  suspend: { from: ["running"], to: "suspended" },
  /** Resumed before what it waits for has come. */
  wait: { from: ["paused"], to: "suspended" },
  wake: { from: ["suspended"], to: "queued" },
  /** An attempt failed, and another may succeed. */
  postpone: { from: ["running"], to: "queued" },
  /** The host stopped or crashed, or the extension was unloaded: not the job's doing. */
  release: { from: ["running"], to: "queued" },
  retry: { from: ["failed"], to: "queued" },
  cancel: { from: ["queued", "running", "paused", "suspended"], to: "cancelled" },
} as const satisfies Record<string, { readonly from: readonly JobStatus[]; readonly to: JobStatus }>;

export type JobStep = keyof typeof TRANSITIONS;

/** Every status, in the order of a job's life. */
export const JOB_STATUSES = [
  "queued",
  "running",
  "paused",
  "suspended",
  "completed",
  "failed",
  "cancelled",
] as const satisfies readonly JobStatus[];

/**
 * The status after a step.
 *
 * @throws SpacedriveError `INVALID_TRANSITION`, naming the job, its status and the statuses that allow the step.
 */
export function nextStatus(step: JobStep, status: JobStatus, job: string): JobStatus {
  const { from, to }: { readonly from: readonly JobStatus[]; readonly to: JobStatus } = TRANSITIONS[step];
  if (from.includes(status)) return to;
  throw new SpacedriveError(
    "INVALID_TRANSITION",
    `Job ${job} is ${status}, and "${step}" needs a job that is ${from.join(" or ")}.`,
    { details: { status, step } },
  );
}

/** True for `completed`, `failed` and `cancelled`. */
export function isEnded(status: JobStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** True where a job will make none of its calls again. A failed one does when it is retried. */
export function needsNoRecords(status: JobStatus): boolean {
  return status === "completed" || status === "cancelled";
}
