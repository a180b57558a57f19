import { cancelJob, getJobStatus, pauseJob, resumeJob, retryJob } from "@spacedrive/jobs";
import { isSpacedriveError, parseJobId, SpacedriveError } from "@spacedrive/wire";
import { EXIT } from "../exit-code.js";
import { CommandHost } from "../host/command-host.js";
import { type HostAccess, librariesOf } from "../host/host-access.js";
import { checkDataDir, reachHost } from "../host/reach-host.js";
import type { RunningHost } from "../host/running-host.js";
import type { JobView } from "../host/job-view.js";
import { showJob } from "../run/show-job.js";
import { printableLine } from "../terminal/printable.js";
import type { Terminal } from "../terminal/terminal.js";
import { checkIdStart, findJob, listAll, type ListedJob } from "./find-job.js";
import { historyOf } from "./job-history.js";
import { jobPage, jobsTable, jobToJson } from "./job-tables.js";
import { jobTimeline } from "./job-timeline.js";

export interface JobsOptions {
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** What `sdx jobs` does with one job. */
export type JobAction = "show" | "pause" | "resume" | "cancel" | "retry";

const MOST_LISTED = 1000;

/** What `sdx jobs ls` does. */
export async function listJobs(options: JobsOptions, terminal: Terminal): Promise<void> {
  await using host = await openHost(options, terminal, "ls");
  let unopened = 0;
  const libraries = await librariesOf(host, (name, reason) => {
    unopened++;
    // A host of this process has logged it.
    if (host.runningIn !== null)
      terminal.note(`Without library "${printableLine(name)}", which could not be opened: ${printableLine(reason)}`);
  });
  const jobs = (await listAll(host, libraries, { limit: MOST_LISTED })).slice(0, MOST_LISTED);
  if (options.json === true)
    terminal.print(JSON.stringify(jobs.map(({ job, library }) => jobToJson(job, library.name))));
  else if (jobs.length === 0)
    terminal.note(unopened === 0 ? "There are no jobs." : "There are no jobs in the libraries that could be opened.");
  else for (const line of jobsTable(jobs, terminal.outColumns())) terminal.print(line);
  if (jobs.length === MOST_LISTED) terminal.note(`No more than the newest ${MOST_LISTED} are listed.`);
}

/** What `sdx jobs <action> <id>` does; answers the exit code. */
export async function actOnJob(
  action: JobAction,
  start: string,
  options: JobsOptions,
  terminal: Terminal,
): Promise<number> {
  checkIdStart(start, options);
  await using host = await openHost(options, terminal, action);
  const listed = await findJob(host, start);
  const id = parseJobId(listed.job.job_id);
  const library = listed.library.id;
  const json = options.json === true;
  switch (action) {
    case "show": {
      const job = await statusOf(host, listed);
      const history = await historyOf(host, id, library);
      if (json) terminal.print(JSON.stringify({ ...jobToJson(job, listed.library.name), history }));
      else
        for (const line of [...jobPage(job, listed.library.name), "", ...jobTimeline(job, history)])
          terminal.print(line);
      return EXIT.ok;
    }
    case "pause":
    case "cancel": {
      const { status } = await host.call(action === "pause" ? pauseJob : cancelJob, { job_id: id }, { library });
      if (json)
        terminal.print(JSON.stringify(jobToJson(await statusIfThere(host, listed, status), listed.library.name)));
      else terminal.print(`${id}  ${listed.job.job_type}  ${status}`);
      return EXIT.ok;
    }
    case "resume":
    case "retry": {
      // A running host has loaded what it runs; here nothing is loaded yet.
      const extension = host instanceof CommandHost ? await loadExtensionOf(host, listed) : null;
      await host.call(action === "resume" ? resumeJob : retryJob, { job_id: id }, { library });
      if (host instanceof CommandHost && extension !== null) await host.tellWhatIsLeft(extension, id);
      return await showJob(host, { id, type: listed.job.job_type, library }, terminal, json);
    }
    default:
      return action satisfies never;
  }
}

/** What follows a job to its end is a host that others may want to reach. */
function openHost(
  options: JobsOptions,
  terminal: Terminal,
  action: JobAction | "ls",
): Promise<CommandHost | RunningHost> {
  checkDataDir(options);
  const follows = action === "resume" || action === "retry";
  return reachHost({ place: options, terminal, least: follows ? "info" : "warn", serve: follows });
}

function statusOf(host: HostAccess, { job, library }: ListedJob): Promise<JobView> {
  return host.call(getJobStatus, { job_id: job.job_id }, { library: library.id });
}

/** A host that ran nothing but this job may close now; then the job is told as it was listed, with its new status. */
async function statusIfThere(
  host: HostAccess,
  listed: ListedJob,
  status: JobView["status"],
): Promise<ListedJob["job"]> {
  try {
    return await statusOf(host, listed);
  } catch (error) {
    if (isSpacedriveError(error) && (error.code === "CLOSED" || error.code === "HOST_UNREACHABLE"))
      return { ...listed.job, status };
    throw error;
  }
}

/**
 * Loads what a job is of, and answers its id; null for a native one.
 *
 * @throws SpacedriveError `INVALID_TRANSITION` for a job that has ended well or for good, `EXTENSION_NOT_FOUND`.
 */
async function loadExtensionOf(host: CommandHost, { job }: ListedJob): Promise<string | null> {
  if (job.status === "completed" || job.status === "cancelled") {
    throw new SpacedriveError(
      "INVALID_TRANSITION",
      `Job ${job.job_id} is ${job.status}: there is nothing to go on with.`,
    );
  }
  const colon = job.job_type.indexOf(":");
  return colon > 0 ? (await host.loadKnown(job.job_type.slice(0, colon))).id : null;
}
