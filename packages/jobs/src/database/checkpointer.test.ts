import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { NotesDatabase } from "../../test/notes-database.js";
import { temporaryFolder } from "../../test/temporary-folder.js";
import { SqliteDatabase } from "./sqlite-database.js";
import { failStore, type StoreFaults } from "./store-faults.js";

const LIMIT = 256 * 1024;

/** Tells of each checkpoint that has ended. */
function watchCheckpoints(): { readonly faults: StoreFaults; count: number; next(): Promise<void> } {
  let waiting = Promise.withResolvers<void>();
  const watch = {
    count: 0,
    next: () => waiting.promise,
    faults: {
      after: ({ operation }) => {
        if (operation !== "checkpoint") return;
        watch.count++;
        waiting.resolve();
        waiting = Promise.withResolvers();
      },
    } satisfies StoreFaults,
  };
  return watch;
}

async function addUntil(notes: NotesDatabase, enough: () => boolean): Promise<void> {
  while (!enough()) await Promise.all(Array.from({ length: 8 }, () => notes.addBytes(1_000)));
}

function walOf(notes: NotesDatabase): { readonly size: number; readonly ino: number } {
  return statSync(`${notes.path}-wal`);
}

test("the WAL is bounded while it is written all the time, and stays the same file", async () => {
  const checkpoints = watchCheckpoints();
  await using notes = await NotesDatabase.open({ walLimitBytes: LIMIT, faults: checkpoints.faults });
  const { ino } = walOf(notes);
  let largest = 0;
  await addUntil(notes, () => {
    largest = Math.max(largest, walOf(notes).size);
    return checkpoints.count >= 10;
  });
  // What comes while the first step of a checkpoint runs is on top.
  expect(largest).toBeLessThan(40 * LIMIT);
  expect(walOf(notes).ino).toBe(ino);
});

test("leaves a WAL below its limit alone", async () => {
  const checkpoints = watchCheckpoints();
  await using notes = await NotesDatabase.open({ walLimitBytes: LIMIT, faults: checkpoints.faults });
  await notes.addBytes(LIMIT / 2);
  await notes.database.durable();
  expect(checkpoints.count).toBe(0);
  await notes.addBytes(LIMIT / 2);
  await checkpoints.next();
});

test("a reader keeps the WAL from beginning anew, and once it has ended it does, and is cut", async () => {
  const checkpoints = watchCheckpoints();
  await using notes = await NotesDatabase.open({ walLimitBytes: LIMIT, faults: checkpoints.faults });
  const reader = new DatabaseSync(notes.path, { readOnly: true });
  const look = reader.prepare("SELECT count(*) AS n FROM notes").iterate();
  await notes.add("before");
  look.next();
  await addUntil(notes, () => checkpoints.count >= 2 && walOf(notes).size > 5 * LIMIT);
  expect(look.next().done).toBe(true);
  reader.close();
  const { size } = walOf(notes);
  await addUntil(notes, () => walOf(notes).size < size);
});

test("a checkpoint that fails is told, loses nothing and is tried again", async () => {
  const checkpoints = watchCheckpoints();
  const plan = failStore({ operation: "checkpoint", fault: "io-error", times: 2 });
  await using notes = await NotesDatabase.open({ walLimitBytes: LIMIT, faults: { ...plan, ...checkpoints.faults } });
  const told: unknown[] = [];
  notes.database.watch({ failed: () => {}, reopened: () => {}, checkpointFailed: ({ code }) => void told.push(code) });
  await notes.add("first");
  await addUntil(notes, () => checkpoints.count > 0);
  // Once, however often it fails in a row.
  expect(told).toEqual(["STORE_FAILED"]);
  await notes.reopen();
  expect(notes.texts[0]).toBe("first");
});

test("close copies the WAL into the database and leaves none behind", async () => {
  await using notes = await NotesDatabase.open();
  await notes.add("kept");
  await notes.database.scan("SELECT * FROM notes");
  await notes.database.close();
  expect(["-wal", "-shm"].map((suffix) => existsSync(`${notes.path}${suffix}`))).toEqual([false, false]);
  await notes.reopen();
  expect(notes.texts).toEqual(["kept"]);
});

test("finds the WAL of a database that is opened through a link", async () => {
  await using notes = await NotesDatabase.open();
  const folder = join(dirname(notes.path), "elsewhere");
  await mkdir(folder);
  await symlink(notes.path, join(folder, "link.db"));
  await using linked = SqliteDatabase.open(join(folder, "link.db"));
  await linked.transaction((tx) => tx.run("INSERT INTO notes (text) VALUES ('by link')"));
  expect(notes.texts).toEqual(["by link"]);
});

test("a database that was left open keeps no process alive", async () => {
  await using folder = await temporaryFolder();
  const script = `
    import { SqliteDatabase } from "@spacedrive/jobs";
    const database = SqliteDatabase.open(process.argv[1], { walLimitBytes: 1 });
    database.migrate("notes", [{ name: "create notes", sql: "CREATE TABLE notes (id)" }]);
    for (let note = 0; note < 100; note++) await database.transaction((tx) => tx.run("INSERT INTO notes VALUES (?)", note));
    console.log((await database.scan("SELECT * FROM notes")).length);`;
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", script, folder.file("left-open.db")], {
    encoding: "utf8",
    timeout: 15_000,
  });
  expect(printed.trim()).toBe("100");
});
