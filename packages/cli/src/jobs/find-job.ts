import type { JobInfo, JobManager } from "@spacedrive/jobs";
import { SpacedriveError } from "@spacedrive/wire";
import { hintedCommand, type Place } from "../host/hinted-command.js";
import { usageError } from "../usage-error.js";

const ID_START = /^[0-9a-f-]{4,36}$/i;

/**
 * The job of this id, or the one job whose id starts so.
 *
 * @throws CommanderError (exit 2) where the text is no id, SpacedriveError `NOT_FOUND` where no job has it, or several do.
 */
export async function findJob(jobs: JobManager, start: string, place: Place): Promise<JobInfo> {
  if (!ID_START.test(start))
    throw usageError(`"${start}" is not a job id. To see them: ${hintedCommand("jobs ls", place)}`);
  const wanted = start.toLowerCase();
  const found = (await jobs.list({ limit: 100_000 })).filter((job) => job.id.startsWith(wanted));
  const [job, another] = found;
  if (job !== undefined && another === undefined) return job;
  const problem = job === undefined ? "No job has this id" : `${found.length} jobs have ids that start so`;
  throw new SpacedriveError("NOT_FOUND", `${problem}: "${start}". To see them all: ${hintedCommand("jobs ls", place)}`);
}
