import { type JobId, SpacedriveError } from "@spacedrive/wire";

/** What everybody is told of a job that is not there, or not theirs to see. */
export function jobNotFound(id: JobId): SpacedriveError {
  return new SpacedriveError("NOT_FOUND", `There is no job ${id}. List the jobs to see which there are.`);
}

export function jobExists(id: JobId): SpacedriveError {
  return new SpacedriveError("CONFLICT", `A job ${id} exists already. Give a new job a new id.`);
}
