import { copyFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/temporary-folder.js";
import { WalFile } from "./wal-file.js";

const LIMIT = 256 * 1024;
const FRAME = 24 + 4096;

/** A database whose WAL is lengthened after each commit. */
class ReservingDatabase implements AsyncDisposable {
  readonly path: string;
  readonly wal: WalFile;
  readonly #connection: DatabaseSync;
  readonly #folder: AsyncDisposable;

  private constructor(path: string, folder: AsyncDisposable) {
    this.path = path;
    this.#folder = folder;
    this.#connection = new DatabaseSync(path);
    this.#connection.exec("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE notes (n)");
    this.wal = new WalFile(path);
  }

  static async open(): Promise<ReservingDatabase> {
    const folder = await temporaryFolder();
    return new ReservingDatabase(folder.file("notes.db"), folder);
  }

  add(n: number): void {
    addTo(this.#connection, n);
    this.wal.mark();
    this.wal.reserve(LIMIT);
  }

  get walBytes(): number {
    return statSync(`${this.path}-wal`).size;
  }

  /** Frames that SQLite itself counts. */
  get frames(): number {
    return Number(this.#connection.prepare("PRAGMA wal_checkpoint(NOOP)").get()?.["log"]);
  }

  checkpoint(mode: "RESTART" | "TRUNCATE"): void {
    this.#connection.exec(`PRAGMA wal_checkpoint(${mode})`);
  }

  /** The numbers of the notes that are found in the files as they lie there, as after a crash. */
  found(): unknown[] {
    const copy = `${this.path}.copy`;
    for (const suffix of ["", "-wal"]) copyFileSync(`${this.path}${suffix}`, `${copy}${suffix}`);
    const found = new DatabaseSync(copy);
    expect(found.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    const numbers = found
      .prepare("SELECT n FROM notes ORDER BY n")
      .all()
      .map((row) => row["n"]);
    found.close();
    return numbers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.wal.close();
    this.#connection.close();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** One page. */
function addTo(connection: DatabaseSync, n: number): void {
  connection.prepare("INSERT INTO notes VALUES (?)").run(n);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test("keeps the file longer than what is written, and no longer than its limit", async () => {
  await using database = await ReservingDatabase.open();
  let grown = 0;
  let before = 0;
  for (const n of upTo(60)) {
    database.add(n);
    const { walBytes } = database;
    if (walBytes > before) grown++;
    before = walBytes;
    expect(walBytes).toBeGreaterThan(32 + database.wal.mark().frames * FRAME);
    expect(walBytes).toBeLessThan(LIMIT + 64 * 1024);
  }
  expect(grown).toBeLessThan(8);
  for (const n of upTo(60)) database.add(60 + n);
  expect(database.walBytes).toBe(32 + database.wal.mark().frames * FRAME);
});

test("zeros behind the last frame count for nothing", async () => {
  await using database = await ReservingDatabase.open();
  for (const n of upTo(20)) {
    database.add(n);
    expect(database.wal.mark().frames).toBe(database.frames);
    expect(database.found()).toEqual(upTo(n + 1));
  }
});

test("lengthens a WAL that begins anew in a file that was cut, and leaves one that is long enough", async () => {
  await using database = await ReservingDatabase.open();
  for (const n of upTo(20)) database.add(n);
  database.checkpoint("RESTART");
  const { walBytes } = database;
  database.add(20);
  expect(database.walBytes).toBe(walBytes);
  database.checkpoint("TRUNCATE");
  expect(database.walBytes).toBe(0);
  database.wal.reserve(LIMIT);
  database.add(21);
  expect(database.walBytes).toBeGreaterThan(32 + FRAME);
  expect(database.found()).toEqual(upTo(22));
});

test("overwrites nothing that another connection has written meanwhile", async () => {
  await using database = await ReservingDatabase.open();
  const other = new DatabaseSync(database.path);
  for (const n of upTo(100)) {
    // What the other one writes is not known to be there when the file is lengthened.
    if (n % 3 === 0) {
      addTo(other, n);
      database.wal.reserve(LIMIT);
    } else database.add(n);
  }
  other.close();
  expect(database.found()).toEqual(upTo(100));
});

test("a file of zeros is an empty WAL", async () => {
  await using folder = await temporaryFolder();
  writeFileSync(folder.file("zeros.db-wal"), Buffer.alloc(100_000));
  const wal = new WalFile(folder.file("zeros.db"));
  expect(wal.mark()).toEqual({ generation: 0, frames: 0 });
  wal.close();
});

test("a file that is deleted is known to be at once", async () => {
  await using database = await ReservingDatabase.open();
  expect(database.wal.isDeleted).toBe(false);
  rmSync(`${database.path}-wal`);
  expect(database.wal.isDeleted).toBe(true);
});

test("a file that has been given another name is not deleted", async () => {
  await using database = await ReservingDatabase.open();
  renameSync(`${database.path}-wal`, `${database.path}-moved`);
  expect(database.wal.isDeleted).toBe(false);
});

test("a deleted file is known to be within 64 looks where another has its name", async () => {
  await using database = await ReservingDatabase.open();
  rmSync(`${database.path}-wal`);
  writeFileSync(`${database.path}-wal`, "");
  const looks = Array.from({ length: 64 }, () => database.wal.isDeleted);
  expect(looks).toContain(true);
});
