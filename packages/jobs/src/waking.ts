import type { JobId } from "@spacedrive/wire";
import type { JobRecord } from "./job.js";
import { wakeJob } from "./job-steps.js";

/** Finds a child of a job that has not ended, among these or of all; null where there is none. */
export type FindLiveChild = (children: "all" | readonly JobId[]) => JobId | null;

/** A job that has just been suspended: as it is, or woken, because what it waits for has come. */
export function wakeIfDue(job: JobRecord, findLiveChild: FindLiveChild): JobRecord {
  if (job.status !== "suspended" || job.wake === null) return job;
  const now = job.updatedAt;
  const { children } = job.wake.condition;
  // The manager's time is never behind the wall clock's; what it is ahead by, its timer tells.
  if (children !== null && findLiveChild(children) === null) return wakeJob(job, now);
  return wakeOnTime(job, { wall: now, steady: now });
}

/** A suspended job: as it is, or woken, because its time has come. Of any other job, nothing changes. */
export function wakeOnTime(job: JobRecord, now: { readonly wall: number; readonly steady: number }): JobRecord {
  if (job.status !== "suspended" || job.wake === null) return job;
  const { at, due } = job.wake.condition;
  const isTime = (at !== null && at <= now.wall) || (due !== null && due <= now.steady);
  return isTime ? wakeJob(job, now.wall) : job;
}
