import { Refusal } from "./errno.js";

/** What an entry costs beside its bytes, so that a flood of empty ones has an end, too. */
const ENTRY_BYTES = 1_024;
/** Their objects lie in the thread's own heap of 16 MB, which would be full long before the limit of bytes is met. */
const MOST_ENTRIES = 8_192;
const NO_BYTES = Buffer.alloc(0);
export const MOST_PATH_BYTES = 4_096;
const MOST_NAME_BYTES = 255;
const FIRST_BYTES = 512;

export interface Directory {
  readonly kind: "directory";
  readonly inode: number;
  readonly entries: Map<string, Node>;
  /** Null: of the root, and of one that was removed. */
  parent: Directory | null;
}

export interface File {
  readonly kind: "file";
  readonly inode: number;
  /** Longer than the file, so that it can grow. */
  bytes: Buffer;
  size: number;
  /** Names and open descriptors: without any it is gone. */
  holders: number;
}

export type Node = Directory | File;

/** Where a path leads. */
export interface Place {
  readonly parent: Directory;
  /** Null where the path names the directory from which it starts, or one above the last. */
  readonly name: string | null;
  readonly node: Node | null;
  /** It ends in a slash. */
  readonly mustBeDirectory: boolean;
}

/**
 * A tree of files in memory that is one guest's own, gone with it. It has no links and no way out: a path is walked name by
 * name from the directory that it starts in, and never above that. All of it together has a limit.
 */
export class Workspace {
  readonly root: Directory;
  readonly #mostBytes: number;
  #usedBytes = 0;
  #entries = 0;
  #inodes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
    this.root = { kind: "directory", inode: ++this.#inodes, entries: new Map(), parent: null };
  }

  find(from: Directory, path: string): Place {
    if (Buffer.byteLength(path) > MOST_PATH_BYTES) throw new Refusal("NAMETOOLONG");
    if (path === "") throw new Refusal("NOENT");
    if (path.includes("\0")) throw new Refusal("ILSEQ");
    if (path.startsWith("/")) throw new Refusal("NOTCAPABLE");
    const mustBeDirectory = /\/\.{0,2}$/.test(path);
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    const walked: Directory[] = [];
    let here = from;
    for (const [index, name] of names.entries()) {
      if (name === "..") {
        const above = walked.pop();
        if (above === undefined) throw new Refusal("NOTCAPABLE");
        here = above;
        continue;
      }
      if (Buffer.byteLength(name) > MOST_NAME_BYTES) throw new Refusal("NAMETOOLONG");
      const node = here.entries.get(name) ?? null;
      if (index === names.length - 1) return { parent: here, name, node, mustBeDirectory };
      if (node === null) throw new Refusal("NOENT");
      if (node.kind !== "directory") throw new Refusal("NOTDIR");
      walked.push(here);
      here = node;
    }
    return { parent: here, name: null, node: here, mustBeDirectory: true };
  }

  createFile({ parent, name, mustBeDirectory }: Place): File {
    if (name === null || mustBeDirectory) throw new Refusal("ISDIR");
    this.#takeEntry();
    const file: File = { kind: "file", inode: ++this.#inodes, bytes: NO_BYTES, size: 0, holders: 1 };
    parent.entries.set(name, file);
    return file;
  }

  createDirectory({ parent, name, node }: Place): void {
    if (name === null || node !== null) throw new Refusal("EXIST");
    this.#takeEntry();
    parent.entries.set(name, { kind: "directory", inode: ++this.#inodes, entries: new Map(), parent });
  }

  removeFile({ parent, name, node, mustBeDirectory }: Place): void {
    if (name === null || node?.kind === "directory") throw new Refusal("ISDIR");
    if (node === null) throw new Refusal("NOENT");
    if (mustBeDirectory) throw new Refusal("NOTDIR");
    parent.entries.delete(name);
    this.release(node);
  }

  removeDirectory({ parent, name, node }: Place): void {
    if (name === null) throw new Refusal("INVAL");
    if (node === null) throw new Refusal("NOENT");
    if (node.kind !== "directory") throw new Refusal("NOTDIR");
    if (node.entries.size > 0) throw new Refusal("NOTEMPTY");
    parent.entries.delete(name);
    node.parent = null;
    this.#giveEntry();
  }

  rename(from: Place, to: Place): void {
    const { node, name } = from;
    if (name === null || to.name === null) throw new Refusal("INVAL");
    if (node === null) throw new Refusal("NOENT");
    if (node === to.node) return;
    if (node.kind === "directory") {
      for (let above: Directory | null = to.parent; above !== null; above = above.parent)
        if (above === node) throw new Refusal("INVAL");
      if (to.node !== null) this.removeDirectory(to);
      node.parent = to.parent;
    } else if (to.node !== null || to.mustBeDirectory) this.removeFile(to);
    from.parent.entries.delete(name);
    to.parent.entries.set(to.name, node);
  }

  /** One that has lost a name or a descriptor. */
  release(file: File): void {
    if (--file.holders > 0) return;
    this.#giveEntry();
    this.#give(file.bytes.length);
    file.bytes = NO_BYTES;
  }

  /** Writes where it fits, also beyond the end, before which there are zeros then. */
  write(file: File, at: number, from: Buffer): void {
    if (from.length === 0) return;
    this.resize(file, Math.max(file.size, at + from.length));
    from.copy(file.bytes, at);
  }

  /** @throws Refusal `NOSPC`, and `FBIG` where it could never fit. */
  resize(file: File, size: number): void {
    if (size > this.#mostBytes) throw new Refusal("FBIG");
    const { bytes } = file;
    if (size > bytes.length) {
      const room = this.#mostBytes - this.#usedBytes + bytes.length;
      if (size > room) throw new Refusal("NOSPC");
      const larger = Buffer.alloc(Math.min(room, Math.max(size, 2 * bytes.length, FIRST_BYTES)));
      bytes.copy(larger, 0, 0, file.size);
      this.#take(larger.length - bytes.length);
      file.bytes = larger;
    } else if (size < file.size) {
      if (size === 0) {
        this.#give(bytes.length);
        file.bytes = NO_BYTES;
      } else bytes.fill(0, size, file.size);
    }
    file.size = size;
  }

  #takeEntry(): void {
    if (this.#entries >= MOST_ENTRIES) throw new Refusal("NOSPC");
    this.#take(ENTRY_BYTES);
    this.#entries++;
  }

  #giveEntry(): void {
    this.#give(ENTRY_BYTES);
    this.#entries--;
  }

  #take(bytes: number): void {
    if (this.#usedBytes + bytes > this.#mostBytes) throw new Refusal("NOSPC");
    this.#usedBytes += bytes;
  }

  #give(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}
