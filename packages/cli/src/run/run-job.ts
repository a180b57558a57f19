import { CommandHost, type LoadedExtension } from "../host/command-host.js";
import { resolveDataDir } from "../host/data-dir.js";
import type { HostOptions } from "../host/host-options.js";
import { terminalLogger } from "../host/terminal-logger.js";
import { readJsonArgument } from "../json-argument.js";
import { isSpacedriveError, type Logger, SpacedriveError } from "@spacedrive/wire";
import { printableLine } from "../terminal/printable.js";
import type { Terminal } from "../terminal/terminal.js";
import { usageError } from "../usage-error.js";
import { addLocations } from "./add-locations.js";
import { firstState, stateSchemaOf } from "./first-state.js";
import { exitCodeOf } from "./report-job.js";
import { showJob } from "./show-job.js";

export interface RunOptions extends HostOptions {
  readonly state?: string;
  readonly location?: readonly string[];
  readonly grant?: readonly string[];
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** What `sdx run` does; answers the exit code. */
export async function runJob(
  dir: string,
  jobName: string | undefined,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  const given = options.state === undefined ? undefined : readJsonArgument(options.state, "--state");
  const logger = terminalLogger(terminal, "info");
  await using host = await openOwnHost(resolveDataDir(options.dataDir), terminal, logger);
  const library = await host.makeLibrary(options.library);
  const extension = await host.loadNamed(dir, options);
  const name = chooseJob(extension, jobName);

  const locations = await addLocations(host, library, options.location ?? [], terminal);
  if (locations.kind === "paused") {
    terminal.note("Indexing is paused, and the job was not started. Run the same command again to go on.");
    return exitCodeOf(locations.job);
  }
  const state = firstState(given, stateSchemaOf(extension.manifest, name), locations.last);
  const job = await host.core.jobs.dispatch(`${extension.id}:${name}`, state, { library: library.id });
  return await showJob(host, job, terminal, options.json === true);
}

/** @throws SpacedriveError `DATA_DIR_LOCKED` with what can be done, where another process has the directory open. */
async function openOwnHost(dataDir: string, terminal: Terminal, logger: Logger): Promise<CommandHost> {
  try {
    return await CommandHost.open(dataDir, terminal, logger);
  } catch (cause) {
    if (!isSpacedriveError(cause) || cause.code !== "DATA_DIR_LOCKED") throw cause;
    const message = `${cause.message} sdx run loads the extension itself, which that process would not see; what it has loaded itself can be called from here: sdx call, sdx jobs.`;
    throw new SpacedriveError("DATA_DIR_LOCKED", message, { cause, details: cause.details });
  }
}

/** @throws CommanderError (exit 2) where the extension has no such job, or several and none was named. */
function chooseJob({ id, jobs }: LoadedExtension, named: string | undefined): string {
  const [only] = jobs;
  if (only === undefined) throw usageError(`"${id}" has no jobs.`);
  const list = jobs.map(printableLine).join(", ");
  if (named === undefined) {
    if (jobs.length === 1) return only;
    throw usageError(`"${id}" has several jobs; name one of ${list}.`);
  }
  if (jobs.includes(named)) return named;
  throw usageError(`"${id}" has no job "${named}". It has: ${list}.`);
}
