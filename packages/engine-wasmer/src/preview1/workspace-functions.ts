import { type Descriptor, Descriptors, type OpenFile } from "./descriptors.js";
import { Refusal } from "./errno.js";
import type { GuestMemory } from "./guest-memory.js";
import { type File, MOST_PATH_BYTES, type Node, type Place, Workspace } from "./workspace.js";

const DIRECTORY = 3;
const REGULAR_FILE = 4;
const RIGHT_READ = 1n << 1n;
const RIGHT_WRITE = 1n << 6n;
const ALL_RIGHTS = (1n << 29n) - 1n;
const CREATE = 1;
const MUST_BE_DIRECTORY = 2;
const EXCLUSIVE = 4;
const TRUNCATE = 8;
const APPEND = 1;
const FROM_START = 0;
const FROM_POSITION = 1;
const FROM_END = 2;
const FDSTAT_BYTES = 24;
const FILESTAT_BYTES = 64;
const DIRENT_BYTES = 24;
const PRESTAT_BYTES = 8;
/** Larger numbers are no place in any file here. */
const MOST_OFFSET = 2 ** 40;

/** i32 operands unsigned; i64 ones signed, and no more exact where they are larger than anything here. */
export type WorkspaceFunction = (...operands: readonly number[]) => void;

/**
 * The functions of preview1 that are about files, on a workspace in memory. It is open from the start by two names: `/workspace`, and
 * `.`, so that a path without a directory is in it, too. Each throws a Refusal where it fails.
 */
export class WorkspaceFunctions {
  readonly #memory: GuestMemory;
  readonly #workspace: Workspace;
  readonly #open = new Descriptors();

  constructor(memory: GuestMemory, mostBytes: number) {
    this.#memory = memory;
    this.#workspace = new Workspace(mostBytes);
    for (const preopened of ["/workspace", "."])
      this.#open.add({ kind: "directory", node: this.#workspace.root, preopened });
  }

  /** By name; a file's number is the first operand, and not one of a standard stream. */
  functions(): Readonly<Record<string, WorkspaceFunction>> {
    return {
      fd_advise: (fd) => void this.#open.get(fd),
      fd_allocate: (fd, offset, length) => this.#allocate(fd, offset, length),
      fd_close: (fd) => this.#closed(this.#open.remove(fd)),
      fd_datasync: (fd) => void this.#open.get(fd),
      fd_fdstat_get: (fd, at) => this.#fdstat(fd, at),
      fd_fdstat_set_flags: (fd, flags) => void (this.#open.file(fd).append = (flags & APPEND) !== 0),
      fd_fdstat_set_rights: (fd) => void this.#open.get(fd),
      fd_filestat_get: (fd, at) => this.#filestat(this.#open.get(fd).node, at),
      fd_filestat_set_size: (fd, size) => this.#workspace.resize(this.#writable(fd).node, offsetOf(size)),
      fd_filestat_set_times: (fd) => void this.#open.get(fd),
      fd_pread: (fd, vectors, count, offset, read) => this.#read(fd, vectors, count, read, offsetOf(offset)),
      fd_prestat_dir_name: (fd, at, length) => this.#preopenedName(fd, at, length),
      fd_prestat_get: (fd, at) => this.#prestat(fd, at),
      fd_pwrite: (fd, vectors, count, offset, written) => this.#write(fd, vectors, count, written, offsetOf(offset)),
      fd_read: (fd, vectors, count, read) => this.#read(fd, vectors, count, read, null),
      fd_readdir: (fd, at, length, cookie, used) => this.#readDirectory(fd, at, length, cookie, used),
      fd_renumber: (from, to) => {
        const replaced = this.#open.renumber(from, to);
        if (replaced !== null) this.#closed(replaced);
      },
      fd_seek: (fd, offset, whence, at) => this.#seek(fd, offset, whence, at),
      fd_sync: (fd) => void this.#open.get(fd),
      fd_tell: (fd, at) => this.#memory.put64(at, BigInt(this.#open.file(fd).position)),
      fd_write: (fd, vectors, count, written) => this.#write(fd, vectors, count, written, null),
      path_create_directory: (fd, at, length) => this.#workspace.createDirectory(this.#place(fd, at, length)),
      path_filestat_get: (fd, _flags, path, length, at) => this.#filestat(existing(this.#place(fd, path, length)), at),
      path_filestat_set_times: (fd, _flags, path, length) => void existing(this.#place(fd, path, length)),
      path_open: (fd, _flags, path, length, how, rights, _inherited, flags, at) =>
        this.#openPath(this.#place(fd, path, length), how, rights, flags, at),
      path_readlink: (fd, path, length) => {
        existing(this.#place(fd, path, length));
        throw new Refusal("INVAL");
      },
      path_remove_directory: (fd, at, length) => this.#workspace.removeDirectory(this.#place(fd, at, length)),
      path_rename: (fd, from, fromLength, toFd, to, toLength) =>
        this.#workspace.rename(this.#place(fd, from, fromLength), this.#place(toFd, to, toLength)),
      path_unlink_file: (fd, at, length) => this.#workspace.removeFile(this.#place(fd, at, length)),
    };
  }

  #place(fd: number, at: number, length: number): Place {
    if (length > MOST_PATH_BYTES) throw new Refusal("NAMETOOLONG");
    return this.#workspace.find(this.#open.directory(fd).node, this.#memory.text(at, length));
  }

  #writable(fd: number): OpenFile {
    const file = this.#open.file(fd);
    if ((file.rights & RIGHT_WRITE) === 0n) throw new Refusal("BADF");
    return file;
  }

  #closed(descriptor: Descriptor): void {
    if (descriptor.kind === "file") this.#workspace.release(descriptor.node);
  }

  #openPath(place: Place, how: number, rights: number, flags: number, at: number): void {
    // Before anything happens that the guest could not be told of.
    this.#memory.range(at, 4);
    const { node } = place;
    if (node !== null && (how & CREATE) !== 0 && (how & EXCLUSIVE) !== 0) throw new Refusal("EXIST");
    if (node?.kind === "directory") {
      if ((how & TRUNCATE) !== 0) throw new Refusal("ISDIR");
      return this.#memory.put32(at, this.#open.add({ kind: "directory", node, preopened: null }));
    }
    if (node !== null && (place.mustBeDirectory || (how & MUST_BE_DIRECTORY) !== 0)) throw new Refusal("NOTDIR");
    if (node === null && (how & CREATE) === 0) throw new Refusal("NOENT");
    const file = node ?? this.#workspace.createFile(place);
    const append = (flags & APPEND) !== 0;
    const fd = this.#open.add({ kind: "file", node: file, rights: BigInt(rights) & ALL_RIGHTS, position: 0, append });
    file.holders++;
    if ((how & TRUNCATE) !== 0) this.#workspace.resize(file, 0);
    this.#memory.put32(at, fd);
  }

  #read(fd: number, vectors: number, count: number, read: number, offset: number | null): void {
    const file = this.#open.file(fd);
    if ((file.rights & RIGHT_READ) === 0n) throw new Refusal("BADF");
    const ranges = this.#memory.vectors(vectors, count);
    this.#memory.range(read, 4);
    let at = offset ?? file.position;
    const from = at;
    for (const range of ranges) {
      if (at >= file.node.size) break;
      at += file.node.bytes.copy(range, 0, at, Math.min(file.node.size, at + range.length));
    }
    if (offset === null) file.position = at;
    this.#memory.put32(read, at - from);
  }

  #write(fd: number, vectors: number, count: number, written: number, offset: number | null): void {
    const file = this.#writable(fd);
    const ranges = this.#memory.vectors(vectors, count);
    this.#memory.range(written, 4);
    let at = offset ?? (file.append ? file.node.size : file.position);
    const from = at;
    try {
      for (const range of ranges) {
        this.#workspace.write(file.node, at, range);
        at += range.length;
      }
    } catch (refusal) {
      // What has been written until then counts.
      if (at === from) throw refusal;
    }
    if (offset === null) file.position = at;
    this.#memory.put32(written, at - from);
  }

  #seek(fd: number, offset: number, whence: number, at: number): void {
    const file = this.#open.file(fd);
    const base = { [FROM_START]: 0, [FROM_POSITION]: file.position, [FROM_END]: file.node.size }[whence];
    if (base === undefined) throw new Refusal("INVAL");
    this.#memory.range(at, 8);
    file.position = offsetOf(base + offset);
    this.#memory.put64(at, BigInt(file.position));
  }

  #allocate(fd: number, offset: number, length: number): void {
    const { node } = this.#writable(fd);
    const size = offsetOf(offset) + offsetOf(length);
    if (size > node.size) this.#workspace.resize(node, size);
  }

  #fdstat(fd: number, at: number): void {
    const open = this.#open.get(fd);
    const stat = this.#memory.range(at, FDSTAT_BYTES).fill(0);
    stat[0] = typeOf(open.node);
    stat[2] = open.kind === "file" && open.append ? APPEND : 0;
    stat.writeBigUInt64LE(open.kind === "file" ? open.rights : ALL_RIGHTS, 8);
    stat.writeBigUInt64LE(open.kind === "file" ? 0n : ALL_RIGHTS, 16);
  }

  #filestat(node: Node, at: number): void {
    const stat = this.#memory.range(at, FILESTAT_BYTES).fill(0);
    stat.writeBigUInt64LE(BigInt(node.inode), 8);
    stat[16] = typeOf(node);
    stat[24] = 1;
    stat.writeBigUInt64LE(BigInt(sizeOf(node)), 32);
  }

  #prestat(fd: number, at: number): void {
    const name = this.#preopened(fd);
    const stat = this.#memory.range(at, PRESTAT_BYTES).fill(0);
    stat.writeUInt32LE(name.length, 4);
  }

  #preopenedName(fd: number, at: number, length: number): void {
    const name = this.#preopened(fd);
    if (length < name.length) throw new Refusal("NAMETOOLONG");
    this.#memory.range(at, length).write(name, "latin1");
  }

  #preopened(fd: number): string {
    const open = this.#open.get(fd);
    if (open.kind === "file" || open.preopened === null) throw new Refusal("BADF");
    return open.preopened;
  }

  /** As many entries from the cookie on as there is room for; the last may be cut, and is then read again. */
  #readDirectory(fd: number, at: number, length: number, cookie: number, used: number): void {
    const { node } = this.#open.directory(fd);
    const room = this.#memory.range(at, length);
    this.#memory.range(used, 4);
    let to = 0;
    let next = 0;
    for (const [name, entry] of node.entries) {
      if (next++ < cookie) continue;
      if (to >= length) break;
      const text = Buffer.from(name);
      const dirent = Buffer.alloc(DIRENT_BYTES + text.length);
      dirent.writeBigUInt64LE(BigInt(next));
      dirent.writeBigUInt64LE(BigInt(entry.inode), 8);
      dirent.writeUInt32LE(text.length, 16);
      dirent[20] = typeOf(entry);
      text.copy(dirent, DIRENT_BYTES);
      to += dirent.copy(room, to);
    }
    this.#memory.put32(used, to);
  }
}

function existing({ node, mustBeDirectory }: Place): Node {
  if (node === null) throw new Refusal("NOENT");
  if (mustBeDirectory && node.kind !== "directory") throw new Refusal("NOTDIR");
  return node;
}

function typeOf(node: Node): number {
  return node.kind === "directory" ? DIRECTORY : REGULAR_FILE;
}

function sizeOf(node: Node): number {
  return isFile(node) ? node.size : 0;
}

function isFile(node: Node): node is File {
  return node.kind === "file";
}

/** @throws Refusal `INVAL` before the start, `FBIG` beyond all. */
function offsetOf(offset: number): number {
  if (offset < 0) throw new Refusal("INVAL");
  if (offset > MOST_OFFSET) throw new Refusal("FBIG");
  return offset;
}
