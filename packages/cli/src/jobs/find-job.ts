import { listJobs } from "@spacedrive/jobs";
import { SpacedriveError } from "@spacedrive/wire";
import type { z } from "zod";
import { type HostAccess, librariesOf, type NamedLibrary } from "../host/host-access.js";
import { hintedCommand, type Place } from "../host/hinted-command.js";
import { usageError } from "../usage-error.js";

const ID_START = /^[0-9a-f-]{4,36}$/i;

/** A job in a list, and where it is. */
export interface ListedJob {
  readonly job: z.output<typeof listJobs.output>["jobs"][number];
  readonly library: NamedLibrary;
}

/**
 * The job of this id, or the one job whose id starts so.
 *
 * @throws CommanderError (exit 2) where the text is no id, SpacedriveError `NOT_FOUND` where no job has it, or several do.
 */
export async function findJob(host: HostAccess, start: string): Promise<ListedJob> {
  const found = await listAll(host, await librariesOf(host), { id_prefix: start, limit: 2 });
  const [one, another] = found;
  if (one !== undefined && another === undefined) return one;
  const problem = one === undefined ? "No job has this id" : "Several jobs have ids that start so";
  throw new SpacedriveError(
    "NOT_FOUND",
    `${problem}: "${start}". To see them all: ${hintedCommand("jobs ls", host.place)}`,
  );
}

/** @throws CommanderError (exit 2) where the text cannot be the start of an id. */
export function checkIdStart(start: string, place: Place): void {
  if (!ID_START.test(start))
    throw usageError(`"${start}" is not a job id. To see them: ${hintedCommand("jobs ls", place)}`);
}

/** The jobs of these libraries, newest first. */
export async function listAll(
  host: HostAccess,
  libraries: readonly NamedLibrary[],
  filter: z.input<typeof listJobs.input>,
): Promise<ListedJob[]> {
  const lists = await Promise.all(
    libraries.map(async (library) => {
      const { jobs } = await host.call(listJobs, filter, { library: library.id });
      return jobs.map((job) => ({ job, library }));
    }),
  );
  return lists.flat().sort((a, b) => b.job.created_at - a.job.created_at);
}
