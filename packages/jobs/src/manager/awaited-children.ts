import { type JobId, SpacedriveError } from "@spacedrive/wire";
import { jobNotFound } from "../job-errors.js";
import type { JobStore } from "../store/job-store.js";

/**
 * A job that waited for another one's child would be woken at once.
 *
 * @throws SpacedriveError `INVALID_INPUT` where one of these is not the job's child, `NOT_FOUND`, or as the store.
 */
export async function checkAwaited(
  store: Pick<JobStore, "get">,
  parent: JobId,
  children: "all" | "ended" | readonly JobId[] | null | undefined,
): Promise<void> {
  if (typeof children !== "object" || children === null) return;
  for (const id of children) {
    const job = await store.get(id);
    if (job === null) throw jobNotFound(id);
    if (job.parent === parent) continue;
    throw new SpacedriveError("INVALID_INPUT", `Job ${parent} cannot wait for ${id}: it is not its child.`);
  }
}
