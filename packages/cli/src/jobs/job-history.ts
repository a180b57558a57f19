import { getJobHistory } from "@spacedrive/jobs";
import { formatMethod, isSpacedriveError, type JobId, type LibraryId } from "@spacedrive/wire";
import { z } from "zod";
import type { HostAccess } from "../host/host-access.js";

const { entries, dropped } = getJobHistory.output.shape;

/** What the operation answers. An entry of a kind that this release does not know, of a host that is newer, is left out. */
const jobHistory = z.object({ entries: z.array(entries.element.nullable().catch(null)), dropped });

export type JobHistory = z.output<typeof jobHistory>;

/** What a job did; null where its host keeps no history. */
export async function historyOf(host: HostAccess, job: JobId, library: LibraryId): Promise<JobHistory | null> {
  try {
    return jobHistory.parse(await host.call(formatMethod(getJobHistory), { job_id: job }, { library }));
  } catch (error) {
    if (isSpacedriveError(error) && error.code === "NOT_FOUND") return null;
    throw error;
  }
}
