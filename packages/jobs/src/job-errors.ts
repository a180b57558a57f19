import { type JobId, SpacedriveError } from "@spacedrive/wire";

/** What everybody is told of a job that is not there, or not theirs to see. */
export function jobNotFound(id: JobId): SpacedriveError {
  return new SpacedriveError("NOT_FOUND", `There is no job ${id}. List the jobs to see which there are.`);
}

export function jobExists(id: JobId): SpacedriveError {
  return new SpacedriveError("CONFLICT", `A job ${id} exists already. Give a new job a new id.`);
}

/** What a stale attempt is told, whatever it wanted to write. */
export function attemptNotRunning(id: JobId, attempt: number): SpacedriveError {
  return new SpacedriveError(
    "JOB_NOT_RUNNING",
    `Attempt ${attempt} of job ${id} is not running any more: nothing was written.`,
  );
}
