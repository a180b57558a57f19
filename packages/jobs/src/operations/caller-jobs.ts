import { type Caller, describeCaller, type LibraryId, parseJobId, SpacedriveError } from "@spacedrive/wire";
import type { JobInfo } from "../job.js";
import { jobNotFound } from "../job-errors.js";
import { extensionOfType } from "../job-type.js";
import type { JobManager } from "../manager/job-manager.js";

/** The full type that a caller means. @throws SpacedriveError `PERMISSION_DENIED` for another extension's. */
export function typeFor(caller: Caller, type: string): string {
  if (caller.kind !== "extension") return type;
  const extension = extensionOfType(type);
  if (extension === caller.extension) return type;
  if (extension === null && !type.includes(".")) return `${caller.extension}:${type}`;
  throw new SpacedriveError(
    "PERMISSION_DENIED",
    `${describeCaller(caller)} may not use job type "${type}": an extension reaches only its own jobs, "${caller.extension}:<job>".`,
  );
}

/** The same answer for a job of another library or extension as for one that does not exist. */
export async function findJob(
  manager: JobManager,
  id: string,
  ctx: { readonly caller: Caller; readonly library: LibraryId },
): Promise<JobInfo> {
  const jobId = parseJobId(id);
  const job = await manager.reader.get(jobId);
  const foreign = ctx.caller.kind === "extension" && extensionOfType(job.type) !== ctx.caller.extension;
  if (foreign || job.library !== ctx.library) throw jobNotFound(jobId);
  return job;
}
