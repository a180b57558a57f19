import type { JobFilter, JobStatus } from "../job.js";

/** A filter's statuses as a list; null: any. */
export function statusesOf(filter: Pick<JobFilter, "status">): readonly JobStatus[] | null {
  if (filter.status === undefined) return null;
  return typeof filter.status === "string" ? [filter.status] : filter.status;
}
