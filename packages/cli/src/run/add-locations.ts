import { resolve } from "node:path";
import { addLocation, type Library } from "@spacedrive/core";
import { parseJobId, SpacedriveError } from "@spacedrive/wire";
import type { HostAccess } from "../host/host-access.js";
import { printableLine } from "../terminal/printable.js";
import { formatCount } from "../terminal/quantity.js";
import type { Terminal } from "../terminal/terminal.js";
import { followJob } from "./follow-job.js";
import type { JobView } from "../host/job-view.js";

/** How adding locations ended: the last one's id (null: there were none), or the indexing job that was paused. */
export type AddedLocations =
  | { readonly kind: "added"; readonly last: string | null }
  | { readonly kind: "paused"; readonly job: JobView };

/**
 * Adds each folder to the library and indexes it, with progress.
 *
 * @throws SpacedriveError `NOT_FOUND` and its like for a folder that cannot be added, `JOB_FAILED` where indexing fails.
 */
export async function addLocations(
  host: HostAccess,
  library: Library,
  folders: readonly string[],
  terminal: Terminal,
): Promise<AddedLocations> {
  let last: string | null = null;
  for (const folder of folders) {
    const path = resolve(folder);
    const { location_id, job_id } = await host.call(addLocation, { path }, { library: library.id });
    const end = await followJob({
      host,
      job: parseJobId(job_id),
      library: library.id,
      label: `Indexing ${printableLine(folder)}`,
      terminal,
    });
    if (end.status === "paused") return { kind: "paused", job: end };
    if (end.status !== "completed") {
      throw new SpacedriveError("JOB_FAILED", `"${path}" was not indexed: ${end.failure?.message ?? end.status}`);
    }
    terminal.note(`Indexed ${printableLine(path)}: ${formatCount(end.metrics.items, "entry", "entries")}.`);
    last = location_id;
  }
  return { kind: "added", last };
}
