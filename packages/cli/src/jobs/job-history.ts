import { isSpacedriveError, type JobId, type LibraryId } from "@spacedrive/wire";
import { z } from "zod";
import type { HostAccess } from "../host/host-access.js";

const at = z.number();
const code = z.string().nullable();

/** What `query:jobs.history.v1` answers. An entry of a kind that this release does not know is left out. */
const jobHistory = z.object({
  entries: z.array(
    z
      .discriminatedUnion("kind", [
        z.object({ kind: z.literal("status"), at, status: z.string(), attempt: z.int(), code, message: z.string() }),
        z.object({ kind: z.literal("checkpoint"), at, checkpoint: z.int(), bytes: z.int() }),
        z.object({
          kind: z.literal("call"),
          at,
          method: z.string(),
          duration_ms: z.number(),
          code,
          replayed: z.boolean(),
        }),
        z.object({ kind: z.literal("warning"), at, message: z.string() }),
      ])
      .nullable()
      .catch(null),
  ),
  dropped: z.int(),
});

export type JobHistory = z.output<typeof jobHistory>;

/** What a job did; null where its host keeps no history. */
export async function historyOf(host: HostAccess, job: JobId, library: LibraryId): Promise<JobHistory | null> {
  try {
    return jobHistory.parse(await host.call("query:jobs.history.v1", { job_id: job }, { library }));
  } catch (error) {
    if (isSpacedriveError(error) && error.code === "NOT_FOUND") return null;
    throw error;
  }
}
