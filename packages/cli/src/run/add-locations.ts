import { resolve } from "node:path";
import type { Library } from "@spacedrive/core";
import type { JobInfo } from "@spacedrive/jobs";
import { localUser, parseJobId, SpacedriveError } from "@spacedrive/wire";
import { z } from "zod";
import type { CommandHost } from "../host/command-host.js";
import { printableLine } from "../terminal/printable.js";
import { formatCount } from "../terminal/quantity.js";
import type { Terminal } from "../terminal/terminal.js";
import { followJob } from "./follow-job.js";

const added = z.object({ location_id: z.string(), job_id: z.string() });

/** How adding locations ended: the last one's id (null: there were none), or the indexing job that was paused. */
export type AddedLocations =
  | { readonly kind: "added"; readonly last: string | null }
  | { readonly kind: "paused"; readonly job: JobInfo };

/**
 * Adds each folder to the library and indexes it, with progress.
 *
 * @throws SpacedriveError `NOT_FOUND` and its like for a folder that cannot be added, `JOB_FAILED` where indexing fails.
 */
export async function addLocations(
  host: CommandHost,
  library: Library,
  folders: readonly string[],
  terminal: Terminal,
): Promise<AddedLocations> {
  let last: string | null = null;
  for (const folder of folders) {
    const path = resolve(folder);
    const answer = await host.core.wire.call(
      "action:vdfs.add_location.input.v1",
      { path },
      { caller: localUser, library: library.id },
    );
    const { location_id, job_id } = added.parse(answer);
    const job = await host.core.jobs.get(parseJobId(job_id));
    const end = await followJob({ job, jobs: host.core.jobs, label: `Indexing ${printableLine(folder)}`, terminal });
    if (end.status === "paused") return { kind: "paused", job: end };
    if (end.status !== "completed") {
      throw new SpacedriveError("JOB_FAILED", `"${path}" was not indexed: ${end.error?.message ?? end.status}`);
    }
    terminal.note(`Indexed ${printableLine(path)}: ${formatCount(end.metrics.items, "entry", "entries")}.`);
    last = location_id;
  }
  return { kind: "added", last };
}
