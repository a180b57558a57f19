import type { JobFilter, JobStatus } from "../job.js";

/** A filter's statuses as a list; null: any. */
export function statusesOf(filter: Pick<JobFilter, "status">): readonly JobStatus[] | null {
  if (filter.status === undefined) return null;
  return typeof filter.status === "string" ? [filter.status] : filter.status;
}

/** The extension that owns a job type, or null for a native type. */
export function extensionOfType(type: string): string | null {
  const colon = type.indexOf(":");
  return colon < 0 ? null : type.slice(0, colon);
}
