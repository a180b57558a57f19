import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { addLocation, type Library, listLocations } from "@spacedrive/core";
import { getJobStatus, resumeJob } from "@spacedrive/jobs";
import { isSpacedriveError, type LibraryId, parseJobId, SpacedriveError } from "@spacedrive/wire";
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

interface Indexing {
  readonly location_id: string;
  readonly job_id: string;
}

/**
 * Adds each folder to the library and indexes it, with progress; goes on with an indexing that was paused, or cut
 * short with its process.
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
    const left = await indexingLeft(host, library.id, path);
    const { location_id, job_id } = left ?? (await host.call(addLocation, { path }, { library: library.id }));
    if (left !== null) await host.call(resumeJob, { job_id }, { library: library.id });
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

/** What this host, which runs only what it is told, has not ended. Null also where the folder is not there, which adding it tells. */
async function indexingLeft(host: HostAccess, library: LibraryId, folder: string): Promise<Indexing | null> {
  const path = await realpath(folder).catch(() => folder);
  const locations = await host.call(listLocations, {}, { library });
  const known = locations.find((location) => location.path === path);
  if (known === undefined || known.index_job_id === null) return null;
  try {
    const { status, job_id } = await host.call(getJobStatus, { job_id: known.index_job_id }, { library });
    return status === "paused" || status === "queued" ? { location_id: known.id, job_id } : null;
  } catch (error) {
    // It has been swept.
    if (isSpacedriveError(error) && error.code === "NOT_FOUND") return null;
    throw error;
  }
}
