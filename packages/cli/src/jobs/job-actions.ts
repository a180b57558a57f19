import type { JobInfo } from "@spacedrive/jobs";
import { type JobId, SpacedriveError } from "@spacedrive/wire";
import { EXIT } from "../exit-code.js";
import { CommandHost } from "../host/command-host.js";
import { resolveDataDir } from "../host/data-dir.js";
import { terminalLogger } from "../host/terminal-logger.js";
import { showJob } from "../run/show-job.js";
import { fitWidth } from "../terminal/display-width.js";
import type { Terminal } from "../terminal/terminal.js";
import { findJob } from "./find-job.js";
import { jobPage, jobsTable, jobToJson } from "./job-tables.js";

export interface JobsOptions {
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** What `sdx jobs` does with one job. */
export type JobAction = "show" | "pause" | "resume" | "cancel" | "retry";

const MOST_LISTED = 1000;

/** What `sdx jobs ls` does. */
export async function listJobs(options: JobsOptions, terminal: Terminal): Promise<void> {
  await using host = await openHost(options, terminal, "warn");
  const jobs = await host.core.jobs.list({ limit: MOST_LISTED });
  const nameOf = (job: JobInfo): string => libraryName(host, job);
  if (options.json === true) terminal.print(JSON.stringify(jobs.map((job) => jobToJson(job, nameOf(job)))));
  else if (jobs.length === 0) terminal.note("There are no jobs.");
  else for (const line of jobsTable(jobs, nameOf)) terminal.print(fitWidth(line, terminal.outColumns()));
}

/** What `sdx jobs <action> <id>` does; answers the exit code. */
export async function actOnJob(
  action: JobAction,
  id: string,
  options: JobsOptions,
  terminal: Terminal,
): Promise<number> {
  await using host = await openHost(options, terminal, action === "resume" || action === "retry" ? "info" : "warn");
  const { jobs } = host.core;
  const job = await findJob(jobs, id);
  const json = options.json === true;
  switch (action) {
    case "show":
      print(host, job, terminal, json, jobPage(job, libraryName(host, job)));
      return EXIT.ok;
    case "pause":
    case "cancel": {
      const now = await jobs[action](job.id);
      print(host, now, terminal, json, [`${now.id}  ${now.type}  ${now.status}`]);
      return EXIT.ok;
    }
    case "resume":
    case "retry": {
      await loadExtensionOf(host, job);
      await jobs[action](job.id);
      return await follow(host, job.id, terminal, json);
    }
    default:
      return action satisfies never;
  }
}

function print(host: CommandHost, job: JobInfo, terminal: Terminal, json: boolean, lines: readonly string[]): void {
  if (json) terminal.print(JSON.stringify(jobToJson(job, libraryName(host, job))));
  else for (const line of lines) terminal.print(line);
}

function openHost(options: JobsOptions, terminal: Terminal, least: "info" | "warn"): Promise<CommandHost> {
  return CommandHost.open(resolveDataDir(options.dataDir), terminal, terminalLogger(terminal, least));
}

function libraryName(host: CommandHost, job: JobInfo): string {
  return host.core.libraries.get(job.library)?.name ?? job.library;
}

/** @throws SpacedriveError `INVALID_TRANSITION` for a job that has ended well or for good, `EXTENSION_NOT_FOUND`. */
async function loadExtensionOf(host: CommandHost, job: JobInfo): Promise<void> {
  if (job.status === "completed" || job.status === "cancelled") {
    throw new SpacedriveError("INVALID_TRANSITION", `Job ${job.id} is ${job.status}: there is nothing to go on with.`);
  }
  const colon = job.type.indexOf(":");
  if (colon > 0) await host.loadKnown(job.type.slice(0, colon), job.id);
}

async function follow(host: CommandHost, id: JobId, terminal: Terminal, json: boolean): Promise<number> {
  return showJob(host.core.jobs, await host.core.jobs.get(id), terminal, json);
}
