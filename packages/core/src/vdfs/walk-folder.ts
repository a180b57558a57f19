import { errnoOf } from "../paths/contained-file.js";
import { type Child, WalkedFolder } from "./walked-folder.js";

export interface WalkedEntry {
  /** Relative to the folder that is walked, with `/` between segments. */
  readonly path: string;
  readonly name: string;
  readonly entryType: "file" | "directory";
  /** Bytes; 0 for a directory. */
  readonly size: number;
  /** Milliseconds since the Unix epoch. */
  readonly modifiedAt: number;
}

/** What the walk comes upon. */
export type WalkStep =
  /** `fraction`: how much of the whole is behind it, as far as one can know before the end. */
  | { readonly kind: "entry"; readonly path: string; readonly entry: WalkedEntry; readonly fraction: number }
  /** Could not be looked at: it, and what lies below it, may well be there. */
  | { readonly kind: "unreadable"; readonly path: string; readonly reason: string }
  | { readonly kind: "link"; readonly path: string };

export interface WalkOptions {
  /** Real path of the folder. */
  readonly root: string;
  /** Names that are left out, with all below them. */
  readonly ignore: ReadonlySet<string>;
  /** Goes on after this path, the last that an earlier walk answered. */
  readonly after: string | null;
}

/**
 * Everything below a folder: a folder before what is in it, names in the order of their code units. The order is always
 * the same, so that a walk can be resumed. Links are told and never followed; what is neither file nor folder is left out.
 *
 * @throws the system's error where the folder itself cannot be read.
 */
export async function* walkFolder({ root, ignore, after }: WalkOptions): AsyncGenerator<WalkStep> {
  const top = await WalkedFolder.open({
    root,
    path: "",
    ignore,
    after: after === null ? [] : after.split("/"),
    start: 0,
    share: 1,
  });
  if (top === null) throw new Error(`"${root}" is reached through a link`);
  const folders = [top];
  for (let folder = folders.at(-1); folder !== undefined; folder = folders.at(-1)) {
    const child = await folder.take();
    if (child === null) {
      folders.pop();
      continue;
    }
    const step = stepOf(child);
    if (step === null) continue;
    // To tell twice what cannot be read is harmless; not to tell it would look as if it were gone.
    if (!child.resumed || step.kind === "unreadable") yield step;
    if (step.kind !== "entry" || step.entry.entryType !== "directory") continue;

    const below = child.resumed ? folder.afterBelow : [];
    const { path, start, share } = child;
    try {
      const next = await WalkedFolder.open({ root, path, ignore, after: below, start, share });
      if (next === null) yield { kind: "link", path };
      else folders.push(next);
    } catch (error) {
      const reason = errnoOf(error) ?? "unknown";
      if (reason !== "ENOENT") yield { kind: "unreadable", path, reason };
    }
  }
}

function stepOf({ name, path, stat, start }: Child): WalkStep | null {
  if (stat instanceof Error) return missing(path, stat);
  if (stat.isSymbolicLink()) return { kind: "link", path };
  if (!stat.isFile() && !stat.isDirectory()) return null;
  const file = stat.isFile();
  const entryType = file ? "file" : "directory";
  const entry: WalkedEntry = {
    path,
    name,
    entryType,
    size: file ? stat.size : 0,
    modifiedAt: Math.trunc(stat.mtimeMs),
  };
  return { kind: "entry", path, entry, fraction: start };
}

function missing(path: string, error: Error): WalkStep | null {
  const reason = errnoOf(error) ?? "unknown";
  if (reason !== "ENOENT") return { kind: "unreadable", path, reason };
  // Gone since its folder was read; or its name is not UTF-8, and what we were given for it names nothing.
  return path.includes("\uFFFD") ? { kind: "unreadable", path, reason: "its name is not UTF-8" } : null;
}
