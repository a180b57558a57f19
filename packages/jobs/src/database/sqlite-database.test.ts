import { writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/temporary-folder.js";
import type { Migration } from "./migration.js";
import { SqliteDatabase } from "./sqlite-database.js";
import type { StoreFaults } from "./store-faults.js";

const TABLE: Migration = { name: "create notes", sql: "CREATE TABLE notes (id INTEGER PRIMARY KEY, text)" };
const COUNT = "SELECT count(*) AS n FROM notes";

async function openNotes(
  faults: StoreFaults | null = null,
): Promise<AsyncDisposable & { readonly database: SqliteDatabase; readonly path: string }> {
  const folder = await temporaryFolder();
  const path = folder.file("library.db");
  const database = SqliteDatabase.open(path, { busyTimeoutMs: 1, faults });
  database.migrate("notes", [TABLE]);
  return {
    database,
    path,
    async [Symbol.asyncDispose]() {
      await database.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test("what a transaction wrote is there for another connection once it resolves", async () => {
  await using notes = await openNotes();
  const changed = await notes.database.transaction((tx) =>
    tx.run("INSERT INTO notes (text) VALUES (?), (?)", "a", "b"),
  );
  expect(changed).toBe(2);
  const other = new DatabaseSync(notes.path, { readOnly: true });
  expect(other.prepare(COUNT).get()).toMatchObject({ n: 2 });
  other.close();
});

test("answers a transaction after the sync that follows its commit, and not before", async () => {
  const steps: string[] = [];
  await using notes = await openNotes({ after: ({ operation }) => steps.push(operation) });
  steps.length = 0;
  await notes.database.transaction((tx) => tx.run("INSERT INTO notes (text) VALUES ('kept')"));
  expect(steps).toEqual(["begin", "work", "commit", "sync"]);
});

test("rolls all of a transaction back when its work throws, and passes the error on as it is", async () => {
  await using notes = await openNotes();
  const reason = new RangeError("no");
  const work = notes.database.transaction((tx) => {
    tx.run("INSERT INTO notes (text) VALUES ('lost')");
    throw reason;
  });
  await expect(work).rejects.toBe(reason);
  expect(notes.database.read((tx) => tx.get(COUNT)?.n)).toBe(0);
});

test("refuses work that is not synchronous", async () => {
  await using notes = await openNotes();
  const work = notes.database.transaction(async (tx) => tx.run("INSERT INTO notes (text) VALUES ('late')"));
  await expect(work).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect(notes.database.read((tx) => tx.get(COUNT)?.n)).toBe(0);
});

test("refuses a transaction inside a transaction, and the outer one goes on", async () => {
  await using notes = await openNotes();
  let inner: Promise<unknown> = Promise.resolve();
  await notes.database.transaction((tx) => {
    inner = notes.database.transaction((nested) => nested.run("DELETE FROM notes"));
    inner.catch(() => {});
    tx.run("INSERT INTO notes (text) VALUES ('kept')");
  });
  await expect(inner).rejects.toMatchObject({ code: "STORE_FAILED", retryable: false });
  expect(notes.database.read((tx) => tx.get(COUNT)?.n)).toBe(1);
});

test("a transaction is void after its work", async () => {
  await using notes = await openNotes();
  const leaked = await notes.database.transaction((tx) => ({ tx }));
  expect(() => leaked.tx.run("DELETE FROM notes")).toThrow(expect.objectContaining({ code: "STORE_FAILED" }));
});

test("answers integers as numbers, and as bigints where a number cannot hold them", async () => {
  await using notes = await openNotes();
  const values = [Number.MAX_SAFE_INTEGER, BigInt(Number.MAX_SAFE_INTEGER) + 1n, -(2n ** 63n), 0.5, null, "text"];
  await notes.database.transaction((tx) => {
    for (const value of values) tx.run("INSERT INTO notes (text) VALUES (?)", value);
  });
  const read = notes.database.read((tx) => tx.all("SELECT text FROM notes ORDER BY id").map((row) => row.text));
  expect(read).toEqual(values);
});

test("a column may have any name", async () => {
  await using notes = await openNotes();
  const row = notes.database.read((tx) => tx.get('SELECT 1 AS "__proto__", 2 AS "constructor"'));
  expect(Object.entries(row ?? {})).toEqual([
    ["__proto__", 1],
    ["constructor", 2],
  ]);
});

test("migrates each component by itself, each step once", async () => {
  await using notes = await openNotes();
  const { database } = notes;
  const column: Migration = {
    name: "add colour",
    sql: "ALTER TABLE notes ADD COLUMN colour TEXT; CREATE INDEX c ON notes (colour)",
  };
  database.migrate("other", [{ name: "create others", sql: "CREATE TABLE others (id)" }]);
  database.migrate("notes", [TABLE, column]);
  database.migrate("notes", [TABLE, column]);
  const versions = database.read((tx) => tx.all("SELECT component, version FROM schema_migrations ORDER BY component"));
  expect(versions.map((row) => ({ ...row }))).toEqual([
    { component: "notes", version: 2 },
    { component: "other", version: 1 },
  ]);
});

test("a migration that fails changes nothing", async () => {
  await using notes = await openNotes();
  const broken: Migration = { name: "break", sql: "ALTER TABLE notes ADD COLUMN colour TEXT; CREATE TABLE notes (id)" };
  expect(() => notes.database.migrate("notes", [TABLE, broken])).toThrow(
    expect.objectContaining({ code: "STORE_FAILED" }),
  );
  expect(notes.database.read((tx) => tx.all("PRAGMA table_info(notes)").length)).toBe(2);
});

test("refuses a file that a newer version wrote", async () => {
  await using notes = await openNotes();
  expect(() => notes.database.migrate("notes", [])).toThrow(
    expect.objectContaining({ code: "STORE_FAILED", message: expect.stringContaining("newer version") }),
  );
});

test("calls a full disk a full disk, keeps what was there, and goes on once there is room", async () => {
  await using notes = await openNotes();
  const { database } = notes;
  const pages = database.read((tx) => Number(tx.get("PRAGMA page_count")?.page_count));
  const insert = (): Promise<number> =>
    database.transaction((tx) => {
      tx.run("INSERT INTO notes (text) VALUES ('first')");
      return tx.run("INSERT INTO notes (text) VALUES (zeroblob(1000000))");
    });
  database.read((tx) => tx.get(`PRAGMA max_page_count = ${pages + 2}`));
  await expect(insert()).rejects.toMatchObject({ code: "DISK_FULL", message: expect.stringContaining(notes.path) });
  expect(database.read((tx) => tx.get(COUNT)?.n)).toBe(0);
  database.read((tx) => tx.get("PRAGMA max_page_count = 100000"));
  await expect(insert()).resolves.toBe(1);
});

test("says that another connection holds the lock, and works once it lets go", async () => {
  await using notes = await openNotes();
  const other = new DatabaseSync(notes.path);
  other.exec("BEGIN IMMEDIATE");
  const insert = (): Promise<number> =>
    notes.database.transaction((tx) => tx.run("INSERT INTO notes (text) VALUES ('x')"));
  await expect(insert()).rejects.toMatchObject({ code: "STORE_LOCKED", retryable: true });
  other.close();
  await expect(insert()).resolves.toBe(1);
});

test("refuses a file that is no database, and leaves it as it is", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("garbage.db");
  await writeFile(path, "This is not a database, and long enough to be looked at as one. ".repeat(100));
  expect(() => SqliteDatabase.open(path)).toThrow(
    expect.objectContaining({ code: "STORE_CORRUPT", message: expect.stringContaining(path) }),
  );
});

test("names the file that it cannot open", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("no/such/folder.db");
  expect(() => SqliteDatabase.open(path)).toThrow(
    expect.objectContaining({ code: "STORE_FAILED", message: expect.stringContaining(path) }),
  );
});

test("closing twice is harmless, and afterwards it says that it is closed", async () => {
  await using notes = await openNotes();
  await notes.database.close();
  await notes.database.close();
  await expect(notes.database.transaction(() => 1)).rejects.toMatchObject({ code: "CLOSED" });
  expect(() => notes.database.read(() => 1)).toThrow(expect.objectContaining({ code: "CLOSED" }));
});
