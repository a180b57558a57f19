import fc from "fast-check";
import { expect, test } from "vitest";
import { ERRNO, Refusal } from "./errno.js";
import { GuestMemory } from "./guest-memory.js";
import { WorkspaceFunctions } from "./workspace-functions.js";

const ROOT = 3;
const PATH = 1_000;
const OTHER_PATH = 6_000;
const VECTOR = 100;
const RESULT = 200;
const DATA = 20_000;
const ALL = 2 ** 29 - 1;
const READ_ONLY = 2;
const CREATE = 1;
const EXCLUSIVE = 4;
const TRUNCATE = 8;
const APPEND = 1;
const KB = 1024;

/** A guest's view of its files: each call answers an error number. */
class Guest {
  readonly bytes: Buffer;
  readonly #functions: ReturnType<WorkspaceFunctions["functions"]>;

  constructor(mostBytes = 64 * KB) {
    const memory = new WebAssembly.Memory({ initial: 4 });
    const guest = new GuestMemory();
    guest.setMemory(memory);
    this.bytes = Buffer.from(memory.buffer);
    this.#functions = new WorkspaceFunctions(guest, mostBytes).functions();
  }

  call(name: string, ...operands: readonly number[]): number {
    try {
      this.#functions[name]?.(...operands);
      return ERRNO.SUCCESS;
    } catch (thrown) {
      if (thrown instanceof Refusal) return thrown.errno;
      throw thrown;
    }
  }

  /** Calls with a path after the first operand. */
  at(name: string, path: string, ...more: readonly number[]): number {
    return this.call(name, ROOT, PATH, this.bytes.write(path, PATH), ...more);
  }

  open(path: string, how = 0, rights = ALL, flags = 0): number {
    const error = this.call("path_open", ROOT, 0, PATH, this.bytes.write(path, PATH), how, rights, 0, flags, RESULT);
    return error === ERRNO.SUCCESS ? this.bytes.readUInt32LE(RESULT) : -error;
  }

  write(fd: number, text: string): number {
    this.#vector(this.bytes.write(text, DATA));
    return this.call("fd_write", fd, VECTOR, 1, RESULT);
  }

  read(fd: number): string {
    this.#vector(50_000);
    expect(this.call("fd_read", fd, VECTOR, 1, RESULT)).toBe(ERRNO.SUCCESS);
    return this.bytes.toString("utf8", DATA, DATA + this.bytes.readUInt32LE(RESULT));
  }

  rename(from: string, to: string): number {
    const length = this.bytes.write(to, OTHER_PATH);
    return this.at("path_rename", from, ROOT, OTHER_PATH, length);
  }

  contentOf(path: string): string {
    return this.read(this.open(path));
  }

  size(path: string): number {
    expect(this.call("path_filestat_get", ROOT, 0, PATH, this.bytes.write(path, PATH), DATA)).toBe(ERRNO.SUCCESS);
    return Number(this.bytes.readBigUInt64LE(DATA + 32));
  }

  names(): string[] {
    expect(this.call("fd_readdir", ROOT, DATA, 4_000, 0, RESULT)).toBe(ERRNO.SUCCESS);
    const end = DATA + this.bytes.readUInt32LE(RESULT);
    const names: string[] = [];
    for (let at = DATA; at < end; ) {
      const length = this.bytes.readUInt32LE(at + 16);
      names.push(this.bytes.toString("utf8", at + 24, at + 24 + length));
      at += 24 + length;
    }
    return names;
  }

  #vector(length: number): void {
    this.bytes.writeUInt32LE(DATA, VECTOR);
    this.bytes.writeUInt32LE(length, VECTOR + 4);
  }
}

test("a file is written, read from any place in it, appended to, cut, and removed", () => {
  const guest = new Guest();
  const fd = guest.open("note.txt", CREATE | EXCLUSIVE);
  expect(guest.write(fd, "hello ")).toBe(ERRNO.SUCCESS);
  expect(guest.write(fd, "world")).toBe(ERRNO.SUCCESS);
  expect(guest.call("fd_seek", fd, -5, 2, RESULT)).toBe(ERRNO.SUCCESS);
  expect(guest.read(fd)).toBe("world");
  expect(guest.write(guest.open("note.txt", 0, ALL, APPEND), "!")).toBe(ERRNO.SUCCESS);
  expect(guest.contentOf("note.txt")).toBe("hello world!");
  expect(guest.call("fd_filestat_set_size", fd, 2)).toBe(ERRNO.SUCCESS);
  expect(guest.call("fd_filestat_set_size", fd, 4)).toBe(ERRNO.SUCCESS);
  expect(guest.contentOf("note.txt")).toBe("he\0\0");
  expect(guest.size("note.txt")).toBe(4);
  expect(guest.contentOf("note.txt".replace("note", "./note"))).toBe("he\0\0");
  guest.open("note.txt", TRUNCATE);
  expect(guest.size("note.txt")).toBe(0);
  expect(guest.at("path_unlink_file", "note.txt")).toBe(ERRNO.SUCCESS);
  expect(guest.open("note.txt")).toBe(-ERRNO.NOENT);
});

test("directories are made, listed, renamed, and removed when they are empty", () => {
  const guest = new Guest();
  expect(guest.at("path_create_directory", "a")).toBe(ERRNO.SUCCESS);
  expect(guest.at("path_create_directory", "a")).toBe(ERRNO.EXIST);
  expect(guest.at("path_create_directory", "a/b/c")).toBe(ERRNO.NOENT);
  guest.open("a/file", CREATE);
  guest.open("other", CREATE);
  expect(guest.names()).toEqual(["a", "other"]);
  expect(guest.at("path_remove_directory", "a")).toBe(ERRNO.NOTEMPTY);
  expect(guest.at("path_unlink_file", "a")).toBe(ERRNO.ISDIR);
  expect(guest.rename("a/file", "moved")).toBe(ERRNO.SUCCESS);
  expect(guest.rename("moved", "other")).toBe(ERRNO.SUCCESS);
  expect(guest.at("path_remove_directory", "a/")).toBe(ERRNO.SUCCESS);
  expect(guest.names()).toEqual(["other"]);
});

test("no path leads out of it", () => {
  const guest = new Guest();
  guest.at("path_create_directory", "a");
  guest.open("file", CREATE);
  for (const path of ["..", "../x", "a/../../x", "a/../..", "./../etc/passwd"])
    expect(guest.open(path, CREATE)).toBe(-ERRNO.NOTCAPABLE);
  for (const path of ["/etc/passwd", "/", "//x"]) expect(guest.open(path, CREATE)).toBe(-ERRNO.NOTCAPABLE);
  for (const path of ["file/..", "file/../x", "file/"]) expect(guest.open(path)).toBe(-ERRNO.NOTDIR);
  for (const path of ["none/..", "none/../file", ""]) expect(guest.open(path)).toBe(-ERRNO.NOENT);
  expect(guest.open("a\0b", CREATE)).toBe(-ERRNO.ILSEQ);
  expect(guest.open("x".repeat(255), CREATE)).toBeGreaterThan(ROOT);
  expect(guest.open("x".repeat(256), CREATE)).toBe(-ERRNO.NAMETOOLONG);
  expect(guest.open("a/".repeat(2_500))).toBe(-ERRNO.NAMETOOLONG);
  expect(guest.open("a/../file")).toBeGreaterThan(ROOT);
  expect(guest.open("__proto__", CREATE)).toBeGreaterThan(ROOT);
});

test("a directory cannot be moved into itself", () => {
  const guest = new Guest();
  guest.at("path_create_directory", "a");
  guest.at("path_create_directory", "a/b");
  expect(guest.rename("a", "a/b/c")).toBe(ERRNO.INVAL);
  const inner = guest.open("a/b");
  const to = guest.bytes.write("c", OTHER_PATH);
  expect(guest.at("path_rename", "a", inner, OTHER_PATH, to)).toBe(ERRNO.INVAL);
  expect(guest.rename(".", "x")).toBe(ERRNO.INVAL);
});

test("a file is read and written as it was opened, and is there until nobody has it open", () => {
  const guest = new Guest();
  const fd = guest.open("f", CREATE);
  guest.write(fd, "text");
  const reader = guest.open("f", 0, READ_ONLY);
  expect(guest.write(reader, "no")).toBe(ERRNO.BADF);
  expect(guest.call("fd_filestat_set_size", reader, 0)).toBe(ERRNO.BADF);
  guest.at("path_unlink_file", "f");
  expect(guest.read(reader)).toBe("text");
  expect(guest.call("fd_close", reader)).toBe(ERRNO.SUCCESS);
  expect(guest.call("fd_close", reader)).toBe(ERRNO.BADF);
});

test("everything together has its limit, and what is removed makes room again", () => {
  const guest = new Guest(64 * KB);
  const fd = guest.open("big", CREATE);
  expect(guest.call("fd_filestat_set_size", fd, 63 * KB)).toBe(ERRNO.SUCCESS);
  expect(guest.call("fd_filestat_set_size", fd, 63 * KB + 1)).toBe(ERRNO.NOSPC);
  expect(guest.call("fd_filestat_set_size", fd, 64 * KB + 1)).toBe(ERRNO.FBIG);
  expect(guest.call("fd_allocate", fd, 2 ** 39, 2 ** 39)).toBe(ERRNO.FBIG);
  expect(guest.call("fd_seek", fd, 2 ** 40, 0, RESULT)).toBe(ERRNO.SUCCESS);
  expect(guest.write(fd, "x")).toBe(ERRNO.FBIG);
  expect(guest.open("another", CREATE)).toBe(-ERRNO.NOSPC);
  guest.at("path_unlink_file", "big");
  expect(guest.open("another", CREATE)).toBe(-ERRNO.NOSPC);
  guest.call("fd_close", fd);
  for (let i = 0; i < 64; i++) expect(guest.at("path_create_directory", `d${i}`)).toBe(ERRNO.SUCCESS);
  expect(guest.at("path_create_directory", "one more")).toBe(ERRNO.NOSPC);
});

test("no more than 8,192 names are there at once, which a thread's own heap has room for", () => {
  const guest = new Guest(64 * KB * KB);
  let made = 0;
  const name = (): string => `${made}`.padStart(255, "n");
  while (made < 10_000 && guest.at("path_create_directory", name()) === ERRNO.SUCCESS) made++;
  expect(made).toBe(8_192);
  expect(guest.open("f", CREATE)).toBe(-ERRNO.NOSPC);
  made--;
  expect(guest.at("path_remove_directory", name())).toBe(ERRNO.SUCCESS);
  expect(guest.open("f", CREATE)).toBeGreaterThan(ROOT);
  expect(guest.open("g", CREATE)).toBe(-ERRNO.NOSPC);
  expect(guest.at("path_unlink_file", "f")).toBe(ERRNO.SUCCESS);
  // Its descriptor holds it.
  expect(guest.open("g", CREATE)).toBe(-ERRNO.NOSPC);
});

test("no more than 256 are open at once", () => {
  const guest = new Guest();
  for (let i = 2; i < 256; i++) expect(guest.open(".")).toBeGreaterThan(ROOT);
  expect(guest.open(".")).toBe(-ERRNO.MFILE);
  guest.call("fd_close", 100);
  expect(guest.open(".")).toBe(100);
});

test("any calls with any operands are answered, and what is held stays below the limit", () => {
  const name = fc.constantFrom(...Object.keys(new WorkspaceFunctions(new GuestMemory(), 0).functions()));
  const operand = fc.oneof(
    fc.constantFrom(0, 1, 3, 4, 5, 6, VECTOR, RESULT, PATH, 2 ** 18 - 4, 2 ** 18, 2 ** 32 - 1, -1, 2 ** 53),
    fc.nat(16),
  );
  const calls = fc.array(fc.tuple(name, fc.array(operand, { minLength: 9, maxLength: 9 })), { maxLength: 60 });
  fc.assert(
    fc.property(calls, fc.constantFrom("a", "a/b", "b", "..", "/"), (given, path) => {
      const guest = new Guest(16 * KB);
      guest.open("a", CREATE);
      guest.at("path_create_directory", "b");
      guest.bytes.write(path, PATH);
      for (const [called, operands] of given) expect(guest.call(called, ...operands)).toBeTypeOf("number");
    }),
    { numRuns: 500 },
  );
});
