import { localUser, parseMethod } from "@spacedrive/wire";
import { CommandHost } from "../host/command-host.js";
import { resolveDataDir } from "../host/data-dir.js";
import type { HostOptions } from "../host/host-options.js";
import { terminalLogger } from "../host/terminal-logger.js";
import type { Terminal } from "../terminal/terminal.js";

export interface CallOptions extends HostOptions {
  readonly extension?: readonly string[];
  readonly grant?: readonly string[];
  readonly yes?: boolean;
  readonly json?: boolean;
}

/**
 * Calls an operation as the local user, with the extensions that were named and the one that the method belongs to.
 *
 * @throws SpacedriveError what the operation throws, and what opening the host and loading an extension throw.
 */
export async function callOperation(
  method: string,
  input: unknown,
  options: CallOptions,
  terminal: Terminal,
): Promise<unknown> {
  const { extension } = parseMethod(method);
  await using host = await CommandHost.open(
    resolveDataDir(options.dataDir),
    terminal,
    terminalLogger(terminal, "warn"),
  );
  const library = await host.findLibrary(options.library);
  const loaded = new Set<string>();
  // Quiet: scripts read the envelope of an error from stderr.
  for (const folder of options.extension ?? [])
    loaded.add((await host.loadNamed(folder, { ...options, quiet: true })).id);
  if (extension !== null && !loaded.has(extension) && host.knows(extension)) await host.loadKnown(extension);
  return await host.core.wire.call(method, input, { caller: localUser, library: library.id });
}
