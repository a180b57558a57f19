import { Refusal } from "./errno.js";
import type { Directory, File } from "./workspace.js";

/** Open at once, of one guest. */
const MOST_DESCRIPTORS = 256;
/** The first that is not a standard stream. */
const FIRST = 3;

export interface OpenDirectory {
  readonly kind: "directory";
  readonly node: Directory;
  /** What a guest finds it by, where it was open from the start. */
  readonly preopened: string | null;
}

export interface OpenFile {
  readonly kind: "file";
  readonly node: File;
  readonly rights: bigint;
  position: number;
  append: boolean;
}

export type Descriptor = OpenDirectory | OpenFile;

/** What a guest has open beside its standard streams, by number. */
export class Descriptors {
  readonly #open = new Map<number, Descriptor>();

  add(descriptor: Descriptor): number {
    if (this.#open.size >= MOST_DESCRIPTORS) throw new Refusal("MFILE");
    let fd = FIRST;
    while (this.#open.has(fd)) fd++;
    this.#open.set(fd, descriptor);
    return fd;
  }

  get(fd: number): Descriptor {
    const found = this.#open.get(fd);
    if (found === undefined) throw new Refusal("BADF");
    return found;
  }

  file(fd: number): OpenFile {
    const found = this.get(fd);
    if (found.kind !== "file") throw new Refusal("ISDIR");
    return found;
  }

  directory(fd: number): OpenDirectory {
    const found = this.get(fd);
    if (found.kind !== "directory") throw new Refusal("NOTDIR");
    return found;
  }

  remove(fd: number): Descriptor {
    const found = this.get(fd);
    this.#open.delete(fd);
    return found;
  }

  /** What `to` was is answered, and is open no more. */
  renumber(from: number, to: number): Descriptor | null {
    const moved = this.get(from);
    const replaced = this.get(to);
    if (from === to) return null;
    this.#open.delete(from);
    this.#open.set(to, moved);
    return replaced;
  }
}
