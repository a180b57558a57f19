import type { Stats } from "node:fs";
import { lstat, readdir, realpath } from "node:fs/promises";
import { join } from "node:path";

/** How many children are asked for size and time at once: threads are few, and memory is finite. */
const STAT_AHEAD = 64;

export interface Child {
  readonly name: string;
  /** Relative to the root of the walk. */
  readonly path: string;
  /** What `lstat` said of it, or why it did not. */
  readonly stat: Stats | Error;
  /** How much of the whole walk lies before it, and is taken by it. */
  readonly start: number;
  readonly share: number;
  /** An earlier walk answered it; what lies below it may still be due. */
  readonly resumed: boolean;
}

interface WalkedFolderOptions {
  readonly root: string;
  readonly path: string;
  readonly ignore: ReadonlySet<string>;
  /** The first of these names, and what sorts before it, was answered by an earlier walk. */
  readonly after: readonly string[];
  readonly start: number;
  readonly share: number;
}

/** The children of one folder, in order, with their `lstat` fetched ahead. */
export class WalkedFolder {
  readonly #options: WalkedFolderOptions;
  readonly #names: readonly string[];
  #stats: (Stats | Error)[] = [];
  #statsFrom = 0;
  #next: number;

  private constructor(options: WalkedFolderOptions, names: readonly string[]) {
    this.#options = options;
    this.#names = names;
    const first = options.after[0];
    const resumeAt = first === undefined ? 0 : names.findIndex((name) => name >= first);
    this.#next = resumeAt === -1 ? names.length : resumeAt;
  }

  /** Null where it is not the folder that its path names: there is a link on the way. */
  static async open(options: WalkedFolderOptions): Promise<WalkedFolder | null> {
    const absolute = join(options.root, options.path);
    const names = await readdir(absolute);
    // Looked at afterwards: what was a folder a moment ago may have become a link.
    if ((await realpath(absolute)) !== absolute) return null;
    return new WalkedFolder(options, names.filter((name) => !options.ignore.has(name)).sort());
  }

  /** Steps of the resumed path below this folder's own child of that path. */
  get afterBelow(): readonly string[] {
    return this.#options.after.slice(1);
  }

  async take(): Promise<Child | null> {
    const { path, start, share, after } = this.#options;
    const index = this.#next;
    const name = this.#names[index];
    if (name === undefined) return null;
    const stat = await this.#stat(index);
    this.#next++;
    return {
      name,
      path: this.#pathOf(path, name),
      stat,
      start: start + (share * index) / this.#names.length,
      share: share / this.#names.length,
      resumed: name === after[0],
    };
  }

  async #stat(index: number): Promise<Stats | Error> {
    const known = this.#stats[index - this.#statsFrom];
    if (known !== undefined) return known;
    const ahead = this.#names.slice(index, index + STAT_AHEAD);
    const { root, path } = this.#options;
    this.#stats = await Promise.all(
      ahead.map((name) => lstat(join(root, this.#pathOf(path, name))).catch((error: unknown) => asError(error))),
    );
    this.#statsFrom = index;
    return this.#stats[0] ?? new Error("nothing was asked");
  }

  #pathOf(path: string, name: string): string {
    return path === "" ? name : `${path}/${name}`;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
