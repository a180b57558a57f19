import { CommandHost, type LoadedExtension } from "../host/command-host.js";
import { checkGrantPatterns } from "../host/grant-patterns.js";
import type { Place } from "../host/hinted-command.js";
import type { HostOptions } from "../host/host-options.js";
import { readJsonArgument } from "../json-argument.js";
import type { Job } from "@spacedrive/jobs";
import { isSpacedriveError, type LibraryId, SpacedriveError } from "@spacedrive/wire";
import { printableLine } from "../terminal/printable.js";
import type { Terminal } from "../terminal/terminal.js";
import { unknownKeys, unknownKeysWarning } from "../unknown-keys.js";
import { usageError } from "../usage-error.js";
import { addLocations } from "./add-locations.js";
import { firstState, lacksLocation, stateFields, stateSchemaOf } from "./first-state.js";
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
  checkGrantPatterns(options.grant);
  const given = options.state === undefined ? undefined : readJsonArgument(options.state, "--state");
  await using host = await openOwnHost(options, terminal);
  const library = await host.makeLibrary(options.library);
  const extension = await host.loadNamed(dir, options);
  const name = chooseJob(extension, jobName);

  const locations = await addLocations(host, library, options.location ?? [], terminal);
  if (locations.kind === "paused") {
    terminal.note("Indexing is paused, and the job was not started. Run the same command again to go on.");
    return exitCodeOf(locations.job);
  }
  const schema = stateSchemaOf(extension.manifest, name);
  const warning = unknownKeysWarning(`the state of "${extension.id}:${name}"`, unknownKeys(given, schema ?? {}));
  if (warning !== null) terminal.note(terminal.errColors.yellow(`warning: ${printableLine(warning)}`));
  const state = firstState(given, schema, locations.last);
  if (lacksLocation(state, schema)) {
    throw new SpacedriveError(
      "INVALID_INPUT",
      `"${extension.id}:${name}" works on a location, and was given none: name a folder with --location DIR, or its location_id in --state.`,
    );
  }
  const job = await dispatched(host, `${extension.id}:${name}`, state, { library: library.id, schema });
  await host.tellWhatIsLeft(extension.id, job.id);
  return await showJob(host, job, terminal, options.json === true);
}

/** @throws SpacedriveError as `dispatch`; of a state that does not fit with how it is given. */
async function dispatched(
  host: CommandHost,
  type: string,
  state: unknown,
  { library, schema }: { readonly library: LibraryId; readonly schema: ReturnType<typeof stateSchemaOf> },
): Promise<Job> {
  try {
    return await host.core.jobs.dispatch(type, state, { library });
  } catch (cause) {
    const fields = stateFields(schema);
    if (!isSpacedriveError(cause) || cause.code !== "INVALID_INPUT" || fields.length === 0) throw cause;
    const message = `${cause.message}. Give it with --state JSON; there is ${fields.map(printableLine).join(", ")}.`;
    throw new SpacedriveError("INVALID_INPUT", message, { cause, details: cause.details });
  }
}

/** @throws SpacedriveError `DATA_DIR_LOCKED` with what can be done, where another process has the directory open. */
async function openOwnHost(place: Place, terminal: Terminal): Promise<CommandHost> {
  try {
    return await CommandHost.open(place, terminal, "info");
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
