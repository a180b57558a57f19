import { parseMethod, SpacedriveError } from "@spacedrive/wire";
import { CommandHost } from "../host/command-host.js";
import { resolveDataDir } from "../host/data-dir.js";
import { findLibrary, type HostAccess } from "../host/host-access.js";
import type { HostOptions } from "../host/host-options.js";
import { reachHost } from "../host/reach-host.js";
import { terminalLogger } from "../host/terminal-logger.js";
import type { Terminal } from "../terminal/terminal.js";

export interface CallOptions extends HostOptions {
  readonly extension?: readonly string[];
  readonly grant?: readonly string[];
  readonly yes?: boolean;
  readonly json?: boolean;
}

/**
 * Calls an operation as the local user: of the process that has the data directory open, with what is loaded there; else
 * of a host of its own, with the extensions that were named and the one that the method belongs to.
 *
 * @throws SpacedriveError what the operation throws, and what opening the host and loading an extension throw;
 * `DATA_DIR_LOCKED` where extensions were named that another process would have to load.
 */
export async function callOperation(
  method: string,
  input: unknown,
  options: CallOptions,
  terminal: Terminal,
): Promise<unknown> {
  const { extension } = parseMethod(method);
  const dataDir = resolveDataDir(options.dataDir);
  await using host = await reachHost({ dataDir, terminal, logger: terminalLogger(terminal, "warn"), serve: false });
  if (host instanceof CommandHost) await loadExtensions(host, extension, options);
  else refuseExtensions(host, dataDir, options);
  const library = await findLibrary(host, options.library);
  return await host.call(method, input, { library: library.id });
}

async function loadExtensions(host: CommandHost, extension: string | null, options: CallOptions): Promise<void> {
  const loaded = new Set<string>();
  // Quiet: scripts read the envelope of an error from stderr.
  for (const folder of options.extension ?? [])
    loaded.add((await host.loadNamed(folder, { ...options, quiet: true })).id);
  if (extension !== null && !loaded.has(extension) && host.knows(extension)) await host.loadKnown(extension);
}

function refuseExtensions({ runningIn }: HostAccess, dataDir: string, { extension = [] }: CallOptions): void {
  if (extension.length === 0) return;
  throw new SpacedriveError(
    "DATA_DIR_LOCKED",
    `The data directory "${dataDir}" is open in the process with pid ${runningIn}, which loads its own extensions. Leave --extension out to call what it has loaded, stop it, or name another directory with --data-dir.`,
    { details: { data_dir: dataDir, pid: runningIn } },
  );
}
