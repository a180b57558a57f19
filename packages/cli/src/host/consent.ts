import { confirm, isCancel } from "@clack/prompts";
import type { Grants, Manifest } from "@spacedrive/runtime";
import { SpacedriveError } from "@spacedrive/wire";
import { printableLine } from "../terminal/printable.js";
import type { Terminal } from "../terminal/terminal.js";
import type { KnownExtension } from "./known-extensions.js";

/** What the command line says about grants. */
export interface GrantOptions {
  /** Only these method grants. */
  readonly grant?: readonly string[];
  /** All that the manifest asks, without a question. */
  readonly yes?: boolean;
  /** Says nothing of a consent that was given by naming the folder. */
  readonly quiet?: boolean;
}

/**
 * Decides what an extension is granted whose folder the user named. With `--grant` only that; with `--yes`, or where the
 * user agreed to as much before, what its manifest asks. Else a person is asked; in a script, where nobody can be, naming
 * the folder is the consent, and a line says what it gave.
 *
 * @throws SpacedriveError `PERMISSION_DENIED` where the person says no.
 */
export async function decideGrants(
  manifest: Manifest,
  folder: string,
  before: KnownExtension | null,
  options: GrantOptions,
  terminal: Terminal,
): Promise<Grants> {
  const asked: Grants = { methods: manifest.permissions.methods, libraries: manifest.permissions.libraries };
  if (options.grant !== undefined) return { methods: options.grant, libraries: asked.libraries };
  if (asked.methods.length === 0 || options.yes === true) return asked;
  if (before !== null && before.folder === folder && covers(before.granted, asked)) return asked;

  if (!terminal.canAsk) {
    // In quotes: a grant may end in a dot.
    const list = asked.methods.map((method) => `"${printableLine(method)}"`).join(", ");
    if (options.quiet !== true)
      terminal.note(`Granting "${manifest.id}" what its manifest asks: ${list} (--grant PATTERN narrows it).`);
    return asked;
  }
  terminal.note(`"${manifest.id}" ${manifest.version} in ${printableLine(folder)} asks to call:`);
  for (const method of asked.methods) terminal.note(`  ${printableLine(method)}`);
  const answer = await confirm({ message: `Grant "${manifest.id}" this?`, output: process.stderr });
  if (isCancel(answer) || !answer) {
    throw new SpacedriveError(
      "PERMISSION_DENIED",
      `"${manifest.id}" was not granted what its manifest asks. Run it with --grant PATTERN to grant a part, or --yes for all.`,
    );
  }
  return asked;
}

function covers(before: Grants, asked: Grants): boolean {
  const has = (list: readonly string[], one: string): boolean => list.includes("*") || list.includes(one);
  return (
    asked.methods.every((method) => before.methods.includes(method)) &&
    asked.libraries.every((library) => has(before.libraries, library))
  );
}
