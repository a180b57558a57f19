import { localUser, type Method, parseMethod } from "@spacedrive/wire";
import { CommandHost, type LoadedExtension } from "../host/command-host.js";
import type { HostOptions } from "../host/host-options.js";
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
  const parsed = parseMethod(method);
  const { extension } = parsed;
  await using host = await CommandHost.open(options, terminal, "warn");
  const library = await host.findLibrary(options.library);
  const loaded = new Map<string, LoadedExtension>();
  // Quiet: scripts read the envelope of an error from stderr.
  for (const folder of options.extension ?? []) {
    const named = await host.loadNamed(folder, { ...options, quiet: true });
    loaded.set(named.id, named);
  }
  if (extension !== null && !loaded.has(extension) && host.knows(extension)) {
    loaded.set(extension, await host.loadKnown(extension));
  }
  const output = await host.core.wire.call(method, input, { caller: localUser, library: library.id });
  // Once it has succeeded: with an error stderr holds nothing but the envelope.
  const warning = unknownInput(method, parsed, input, loaded.get(extension ?? ""));
  if (warning !== null) terminal.note(terminal.errColors.yellow(`warning: ${printableLine(warning)}`));
  return output;
}

function unknownInput(
  text: string,
  { kind, name, version }: Method,
  input: unknown,
  extension: LoadedExtension | undefined,
): string | null {
  const versions = (extension?.manifest.operations ?? [])
    .filter((operation) => operation.kind === kind && operation.name === name)
    .sort((a, b) => b.version - a.version);
  const called = version === null ? versions[0] : versions.find((operation) => operation.version === version);
  return called === undefined ? null : unknownKeysWarning(`the input of "${text}"`, unknownKeys(input, called.input));
}
