import { open } from "node:fs/promises";
import { expect, test } from "vitest";
import { NotesDatabase } from "../../test/notes-database.js";
import { temporaryFolder } from "../../test/temporary-folder.js";
import { SqliteDatabase } from "./sqlite-database.js";
import { failStore } from "./store-faults.js";

/** Lets the database grow by so many pages of 4 KiB and no more. */
function leaveRoom(notes: NotesDatabase, pages: number): void {
  notes.database.read((tx) => {
    const used = Number(tx.get("PRAGMA page_count")?.page_count);
    tx.get(`PRAGMA max_page_count = ${used + pages}`);
  });
}

test("a transaction that is too large for the disk fails by itself", async () => {
  await using notes = await NotesDatabase.open();
  leaveRoom(notes, 4);
  const results = await Promise.allSettled([notes.add("a"), notes.addBytes(1_000_000), notes.add("b")]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(results[1]).toMatchObject({ reason: { code: "DISK_FULL", retryable: true } });
  expect(notes.texts).toEqual(["a", "b"]);
});

test("a database whose folder is deleted confirms nothing more", async () => {
  const folder = await temporaryFolder();
  const path = folder.file("notes.db");
  await using database = SqliteDatabase.open(path);
  database.migrate("notes", [{ name: "create notes", sql: "CREATE TABLE notes (text TEXT) STRICT" }]);
  const add = (): Promise<number> => database.transaction((tx) => tx.run("INSERT INTO notes VALUES ('a')"));
  await add();
  await folder[Symbol.asyncDispose]();
  await expect(add()).rejects.toMatchObject({ code: "STORE_FAILED", message: expect.stringContaining("deleted") });
  await expect(add()).rejects.toMatchObject({ code: "STORE_FAILED", retryable: false });
  await expect(database.reopen()).rejects.toMatchObject({ code: "STORE_FAILED" });
});

test("a commit that fails is tried again by each of its transactions alone", async () => {
  await using notes = await NotesDatabase.open({
    faults: failStore({ operation: "commit", fault: "disk-full", times: 2 }),
  });
  const results = await Promise.allSettled(["a", "b", "c"].map((text) => notes.add(text)));
  expect(results).toMatchObject([
    { status: "rejected", reason: { code: "DISK_FULL", retryable: true } },
    { status: "fulfilled" },
    { status: "fulfilled" },
  ]);
  expect(notes.texts).toEqual(["b", "c"]);
});

test.each([
  ["begin", "io-error", "STORE_FAILED"],
  ["begin", "corrupt", "STORE_CORRUPT"],
  ["begin", "locked", "STORE_LOCKED"],
  ["work", "disk-full", "DISK_FULL"],
  ["work", "corrupt", "STORE_CORRUPT"],
  ["commit", "io-error", "STORE_FAILED"],
] as const)(
  "where %s fails with %s the transaction is told %s, changes nothing, and the next one works",
  async (operation, fault, code) => {
    const times = fault === "locked" ? 1_000 : 1;
    let broken = true;
    const plan = failStore({ operation, fault, times });
    await using notes = await NotesDatabase.open({
      faults: { before: (step) => (broken ? (plan.before?.(step) ?? null) : null) },
    });
    await expect(notes.add("a")).rejects.toMatchObject({ code, message: expect.stringContaining(notes.path) });
    broken = false;
    await notes.add("b");
    expect(notes.texts).toEqual(["b"]);
  },
);

test.each([
  ["io-error", "STORE_FAILED", false],
  ["disk-full", "DISK_FULL", true],
] as const)(
  "a sync that fails with %s confirms nothing, and the database takes no more until it is opened again",
  async (fault, code, passes) => {
    await using notes = await NotesDatabase.open({ faults: failStore({ operation: "sync", fault, at: 2 }) });
    await notes.add("confirmed");
    const unconfirmed = { code, retryable: false, details: { unconfirmed: true } };
    const refused = { code, retryable: passes, message: expect.stringMatching(/opened again/), details: {} };
    const results = await Promise.allSettled([notes.add("a"), notes.add("b")]);
    expect(results).toMatchObject([
      { status: "rejected", reason: unconfirmed },
      { status: "rejected", reason: unconfirmed },
    ]);
    await expect(notes.add("c")).rejects.toMatchObject(refused);
    await expect(notes.database.durable()).rejects.toMatchObject(refused);
    await expect(notes.database.scan("SELECT 1")).rejects.toMatchObject(refused);
    expect(() => notes.texts).toThrow(expect.objectContaining(refused));

    await notes.reopen();
    expect(notes.texts).toEqual(["confirmed"]);
    await notes.add("d");
    expect(notes.texts).toEqual(["confirmed", "d"]);
  },
);

test("what is waiting when a sync fails is refused with it", async () => {
  let notes: NotesDatabase | null = null;
  let waiting: Promise<number> | null = null;
  await using opened = await NotesDatabase.open({
    faults: {
      before: ({ operation }) => {
        if (operation !== "sync" || notes === null) return null;
        waiting = notes.add("b");
        waiting.catch(() => {});
        return "io-error";
      },
    },
  });
  notes = opened;
  await expect(notes.add("a")).rejects.toMatchObject({ code: "STORE_FAILED" });
  await expect(waiting).rejects.toMatchObject({ code: "STORE_FAILED" });
  await notes.reopen();
  expect(notes.texts).toEqual([]);
});

test("a relaxed database whose sync fails refuses what comes after", async () => {
  await using notes = await NotesDatabase.open({
    durability: "relaxed",
    faults: failStore({ operation: "sync", fault: "io-error" }),
  });
  await notes.add("a");
  await expect(notes.database.durable()).rejects.toMatchObject({ code: "STORE_FAILED" });
  await expect(notes.add("b")).rejects.toMatchObject({ code: "STORE_FAILED" });
});

test("a damaged page is told as such by what needs it, and the rest works", async () => {
  await using notes = await NotesDatabase.open();
  await notes.database.transaction((tx) => {
    tx.run("CREATE TABLE others (id INTEGER PRIMARY KEY, text)");
    for (let note = 0; note < 2_000; note++) tx.run("INSERT INTO notes (text) VALUES (?)", "x".repeat(100));
  });
  await notes.database.close();
  const file = await open(notes.path, "r+");
  const { size } = await file.stat();
  for (let at = 6 * 4096; at < size; at += 4096) await file.write(Buffer.alloc(4096, 0xff), 0, 4096, at);
  await file.close();
  await notes.reopen();
  const corrupt = { code: "STORE_CORRUPT", message: expect.stringContaining(notes.path) };
  expect(() => notes.texts).toThrow(expect.objectContaining(corrupt));
  await expect(notes.database.scan("SELECT * FROM notes")).rejects.toMatchObject(corrupt);
  const results = await Promise.allSettled([
    notes.database.transaction((tx) => tx.run("INSERT INTO others (text) VALUES ('a')")),
    notes.database.transaction((tx) => tx.run("UPDATE notes SET text = 'b'")),
    notes.database.transaction((tx) => tx.run("INSERT INTO others (text) VALUES ('c')")),
  ]);
  expect(results).toMatchObject([
    { status: "fulfilled" },
    { status: "rejected", reason: corrupt },
    { status: "fulfilled" },
  ]);
});

test.each(["open", "migrate"] as const)(
  "a database whose %s fails says why, and is readied when it works again",
  async (operation) => {
    await using folder = await temporaryFolder();
    const path = folder.file("notes.db");
    const migrations = [{ name: "create notes", sql: "CREATE TABLE notes (text TEXT) STRICT" }];
    const ready = (faults: ReturnType<typeof failStore> | null): SqliteDatabase => {
      const database = SqliteDatabase.open(path, { faults });
      database.migrate("notes", migrations);
      return database;
    };
    expect(() => ready(failStore({ operation, fault: "disk-full" }))).toThrow(
      expect.objectContaining({ code: "DISK_FULL", message: expect.stringContaining(path) }),
    );
    await using database = ready(null);
    await database.transaction((tx) => tx.run("INSERT INTO notes VALUES ('a')"));
  },
);

test("what readies a database is told before and after, once", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("notes.db");
  const told: string[] = [];
  const open = (): SqliteDatabase => {
    const database = SqliteDatabase.open(path, {
      faults: {
        before: ({ operation }) => {
          told.push(`before ${operation}`);
          return null;
        },
        after: ({ operation }) => void told.push(`after ${operation}`),
      },
    });
    database.migrate("notes", [{ name: "create notes", sql: "CREATE TABLE notes (text TEXT) STRICT" }]);
    return database;
  };
  await open().close();
  expect(told).toEqual(["open", "migrate", "close"].flatMap((step) => [`before ${step}`, `after ${step}`]));
  told.length = 0;
  await open().close();
  expect(told).toEqual(["open", "close"].flatMap((step) => [`before ${step}`, `after ${step}`]));
});
