import type { JobId } from "@spacedrive/wire";
import type { JobRecord } from "./job.js";
import { wakeJob } from "./job-steps.js";
import type { LibraryEvent } from "./library-event.js";

/** What the store knows of what a job waits for. */
export interface AwaitedThings {
  /** A child of the job that has not ended, among these or of all; null where there is none. */
  readonly findLiveChild: (children: "all" | readonly JobId[]) => JobId | null;
  /** The number of the last event of a name; 0: there was none. */
  readonly lastEvent: (name: string) => number;
}

/** A job that has just been suspended: as it is, or woken, because what it waits for has come. */
export function wakeIfDue(job: JobRecord, { findLiveChild, lastEvent }: AwaitedThings): JobRecord {
  if (job.status !== "suspended" || job.wake === null) return job;
  const now = job.updatedAt;
  const { children, event } = job.wake.condition;
  if (event !== null && lastEvent(event.name) > event.after) return wakeJob(job, now);
  // The manager's time is never behind the wall clock's; what it is ahead by, its timer tells.
  if (children !== null && findLiveChild(children) === null) return wakeJob(job, now);
  return wakeOnTime(job, { wall: now, steady: now });
}

/** A suspended job: as it is, or woken by an event. Of any other job, nothing changes. */
export function wakeOnEvent(job: JobRecord, event: Pick<LibraryEvent, "name" | "number" | "at">): JobRecord {
  const awaited = job.status === "suspended" ? job.wake?.condition.event : null;
  return awaited?.name === event.name && event.number > awaited.after ? wakeJob(job, event.at) : job;
}

/** A suspended job: as it is, or woken, because its time has come. Of any other job, nothing changes. */
export function wakeOnTime(job: JobRecord, now: { readonly wall: number; readonly steady: number }): JobRecord {
  if (job.status !== "suspended" || job.wake === null) return job;
  const { at, due } = job.wake.condition;
  const isTime = (at !== null && at <= now.wall) || (due !== null && due <= now.steady);
  return isTime ? wakeJob(job, now.wall) : job;
}
