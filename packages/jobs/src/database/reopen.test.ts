import { execFileSync } from "node:child_process";
import { copyFile, readFile, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { SpacedriveError } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { NotesDatabase } from "../../test/notes-database.js";
import { temporaryFolder } from "../../test/temporary-folder.js";
import type { DatabaseWatcher } from "./database-watcher.js";
import { SqliteDatabase } from "./sqlite-database.js";
import { failStore } from "./store-faults.js";

/** What a database told of itself. */
function recordTold(): {
  readonly watcher: DatabaseWatcher;
  readonly told: unknown[];
  readonly reopened: Promise<void>;
} {
  const { promise, resolve } = Promise.withResolvers<void>();
  const told: unknown[] = [];
  return {
    told,
    reopened: promise,
    watcher: {
      failed: ({ code, retryable }: SpacedriveError) => void told.push({ code, retryable }),
      reopened: () => {
        told.push("reopened");
        resolve();
      },
    },
  };
}

test("a database that failed for want of room opens itself again once there is some, with all that was confirmed", async () => {
  // The second sync is the transaction's; each time it is opened again it syncs one of its own.
  const faults = failStore({ operation: "sync", fault: "disk-full", at: 2, times: 4 });
  await using notes = await NotesDatabase.open({ faults, reopenMs: 1 });
  const { told, reopened, watcher } = recordTold();
  notes.database.watch(watcher);
  await notes.add("confirmed");
  await expect(notes.add("a")).rejects.toMatchObject({ code: "DISK_FULL" });
  expect(notes.database.failure).toMatchObject({ code: "DISK_FULL", retryable: true });
  await reopened;
  expect(told).toEqual([{ code: "DISK_FULL", retryable: true }, "reopened"]);
  expect(notes.database.failure).toBeNull();
  expect(notes.texts).toEqual(["confirmed"]);
  await notes.add("b");
  expect(notes.texts).toEqual(["confirmed", "b"]);
});

test("one that cannot be opened again for another reason says that it has to be looked after", async () => {
  const faults = failStore(
    { operation: "sync", fault: "disk-full" },
    { operation: "open", fault: "disk-full", at: 2, times: 2 },
    { operation: "open", fault: "io-error", at: 4 },
  );
  await using notes = await NotesDatabase.open({ faults, reopenMs: 1 });
  const { told, watcher } = recordTold();
  const lost = Promise.withResolvers<void>();
  notes.database.watch(watcher);
  notes.database.watch({ failed: ({ retryable }) => void (retryable || lost.resolve()), reopened: () => {} });
  await expect(notes.add("a")).rejects.toMatchObject({ code: "DISK_FULL" });
  await lost.promise;
  expect(told).toEqual([
    { code: "DISK_FULL", retryable: true },
    { code: "STORE_FAILED", retryable: false },
  ]);
  await expect(notes.add("b")).rejects.toMatchObject({ code: "STORE_FAILED", retryable: false });
  await notes.database.reopen();
  await notes.add("c");
  expect(notes.texts).toEqual(["c"]);
});

test("one whose disk failed stays failed until somebody reopens it, as often as that takes", async () => {
  const faults = failStore({ operation: "sync", fault: "io-error", at: 2, times: 2 });
  await using notes = await NotesDatabase.open({ faults, reopenMs: 1 });
  const { told, watcher } = recordTold();
  notes.database.watch(watcher);
  await notes.add("confirmed");
  await expect(notes.add("a")).rejects.toMatchObject({ code: "STORE_FAILED" });
  const failed = { code: "STORE_FAILED", retryable: false };
  await expect(notes.database.reopen()).rejects.toMatchObject(failed);
  expect(() => notes.texts).toThrow(expect.objectContaining(failed));
  // Who asks at the same time gets the same.
  await Promise.all([notes.database.reopen(), notes.database.reopen()]);
  expect(told).toEqual([failed, failed, "reopened"]);
  expect(notes.texts).toEqual(["confirmed"]);
});

test("where it was told not to, a database does not open itself", async () => {
  const faults = failStore({ operation: "sync", fault: "disk-full" });
  await using notes = await NotesDatabase.open({ faults, reopenMs: null });
  await expect(notes.add("a")).rejects.toMatchObject({ code: "DISK_FULL" });
  await expect(notes.add("b")).rejects.toMatchObject({ code: "DISK_FULL", retryable: false });
  await notes.database.reopen();
  expect(notes.texts).toEqual([]);
});

test("one that works can be reopened, too: what waits is finished, and what comes meanwhile is told to come again", async () => {
  await using notes = await NotesDatabase.open();
  const added = Promise.all(["a", "b", "c"].map((text) => notes.add(text)));
  const reopened = notes.database.reopen();
  await expect(notes.add("d")).rejects.toMatchObject({ code: "STORE_FAILED", retryable: true });
  await added;
  await reopened;
  expect(notes.texts).toEqual(["a", "b", "c"]);
});

test("a failed database can be closed, and is not opened after that", async () => {
  const faults = failStore({ operation: "sync", fault: "disk-full" });
  await using notes = await NotesDatabase.open({ faults, reopenMs: 1 });
  await expect(notes.add("a")).rejects.toMatchObject({ code: "DISK_FULL" });
  await notes.database.close();
  await expect(notes.database.reopen()).rejects.toMatchObject({ code: "CLOSED" });
  await expect(notes.add("b")).rejects.toMatchObject({ code: "CLOSED" });
});

test("what a process left in the WAL that died is written once more before anything is confirmed that follows it", async () => {
  await using folder = await temporaryFolder();
  await using notes = await NotesDatabase.open();
  await notes.add("found");
  const copy = folder.file("copy.db");
  execFileSync("cp", [notes.path, copy]);
  await copyFile(`${notes.path}-wal`, `${copy}-wal`);
  const before = await readFile(`${copy}-wal`);
  await utimes(`${copy}-wal`, 1, 1);
  await using database = SqliteDatabase.open(copy);
  expect((await stat(`${copy}-wal`)).mtimeMs).toBeGreaterThan(1_000_000);
  expect((await readFile(join(`${copy}-wal`))).equals(before)).toBe(true);
  expect(database.read((tx) => tx.all("SELECT text FROM notes").map(({ text }) => text))).toEqual(["found"]);
});

test("a migration is durable when it returns: a sync that fails after it does not take it back", async () => {
  const faults = failStore({ operation: "sync", fault: "io-error", at: 2 });
  await using notes = await NotesDatabase.open({ faults });
  await notes.add("confirmed");
  const add = notes.add("lost");
  notes.database.migrate("more", [{ name: "create more", sql: "CREATE TABLE more (id INTEGER PRIMARY KEY)" }]);
  await expect(add).rejects.toMatchObject({ code: "STORE_FAILED" });
  await notes.database.reopen();
  await notes.database.transaction((tx) => tx.run("INSERT INTO more VALUES (1)"));
  expect(notes.texts).toEqual(["confirmed"]);
});
