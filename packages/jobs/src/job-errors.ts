import { type JobId, SpacedriveError, toSpacedriveError } from "@spacedrive/wire";

/** What everybody is told of a job that is not there, or not theirs to see. */
export function jobNotFound(id: JobId): SpacedriveError {
  return new SpacedriveError("NOT_FOUND", `There is no job ${id}. List the jobs to see which there are.`);
}

export function jobExists(id: JobId): SpacedriveError {
  return new SpacedriveError("CONFLICT", `A job ${id} exists already. Give a new job a new id.`);
}

/** What a job's row is answered that cannot be read whole. */
export function jobUnreadable(id: string, cause?: unknown): SpacedriveError {
  return new SpacedriveError(
    "STORE_CORRUPT",
    `The stored job ${id} cannot be read. Restore the database from a backup, or cancel the job.`,
    { cause, details: { job_id: id } },
  );
}

/** What a stale attempt is told, whatever it wanted to write. */
export function attemptNotRunning(id: JobId, attempt: number): SpacedriveError {
  return new SpacedriveError(
    "JOB_NOT_RUNNING",
    `Attempt ${attempt} of job ${id} is not running any more: nothing was written.`,
  );
}

/** What those are told who wait for a job whose start or end its store has refused for good. */
export function jobLost(id: JobId, type: string, cause: unknown): SpacedriveError {
  const { code, message } = toSpacedriveError(cause, "INTERNAL", "The host's log has the cause.");
  return new SpacedriveError(
    code,
    `Job ${id} (${type}) cannot go on, because its store failed: ${message} It is as it was stored last, and goes on from its last checkpoint once its library is closed and opened again.`,
    { cause, retryable: false, details: { job_id: id } },
  );
}
