import { type Method, parseMethod, SpacedriveError } from "@spacedrive/wire";
import { CommandHost, type LoadedExtension } from "../host/command-host.js";
import { resolveDataDir } from "../host/data-dir.js";
import { findLibrary, type HostAccess } from "../host/host-access.js";
import type { HostOptions } from "../host/host-options.js";
import { reachHost } from "../host/reach-host.js";
import { printableLine } from "../terminal/printable.js";
import type { Terminal } from "../terminal/terminal.js";
import { unknownKeys, unknownKeysWarning } from "../unknown-keys.js";

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
  const parsed = parseMethod(method);
  await using host = await reachHost({ place: options, terminal, least: "warn", serve: false });
  const library = await findLibrary(host, options.library);
  if (!(host instanceof CommandHost)) refuseExtensions(host, options);
  const extension = host instanceof CommandHost ? await loadExtensions(host, method, parsed.extension, options) : null;
  const output = await host.call(method, input, { library: library.id });
  // Once it has succeeded: with an error stderr holds nothing but the envelope.
  const warning = unknownInput(method, parsed, input, extension);
  if (warning !== null) terminal.note(terminal.errColors.yellow(`warning: ${printableLine(warning)}`));
  return output;
}

/**
 * Loads what was named, and the extension of the operation, which is answered.
 *
 * @throws SpacedriveError `NOT_FOUND` where nobody has said where that lies.
 */
async function loadExtensions(
  host: CommandHost,
  method: string,
  extension: string | null,
  options: CallOptions,
): Promise<LoadedExtension | null> {
  const loaded = new Map<string, LoadedExtension>();
  // Quiet: scripts read the envelope of an error from stderr.
  for (const folder of options.extension ?? []) {
    const named = await host.loadNamed(folder, { ...options, quiet: true });
    loaded.set(named.id, named);
  }
  if (extension === null) return null;
  const named = loaded.get(extension);
  if (named !== undefined) return named;
  if (host.knows(extension)) return await host.loadKnown(extension);
  throw new SpacedriveError(
    "NOT_FOUND",
    `There is no operation "${method}": this data directory does not know where the extension "${extension}" lies. Name its folder with --extension DIR, or correct the name.`,
  );
}

function refuseExtensions({ runningIn }: HostAccess, { dataDir, extension = [] }: CallOptions): void {
  if (extension.length === 0) return;
  const directory = resolveDataDir(dataDir);
  throw new SpacedriveError(
    "DATA_DIR_LOCKED",
    `The data directory "${directory}" is open in the process with pid ${runningIn}, which loads its own extensions. Leave --extension out to call what it has loaded, stop it, or name another directory with --data-dir.`,
    { details: { data_dir: directory, pid: runningIn } },
  );
}

function unknownInput(
  text: string,
  { kind, name, version }: Method,
  input: unknown,
  extension: LoadedExtension | null,
): string | null {
  const versions = (extension?.manifest.operations ?? [])
    .filter((operation) => operation.kind === kind && operation.name === name)
    .sort((a, b) => b.version - a.version);
  const called = version === null ? versions[0] : versions.find((operation) => operation.version === version);
  return called === undefined ? null : unknownKeysWarning(`the input of "${text}"`, unknownKeys(input, called.input));
}
