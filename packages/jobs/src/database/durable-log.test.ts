import { copyFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/temporary-folder.js";
import { DurableLog } from "./durable-log.js";
import { defaultWorkerUrl } from "./threads/default-worker-url.js";
import { storeThreads } from "./threads/store-threads.js";

/** Commits what no sync follows, with `around` it, lets go of the file as after a failed sync, and answers what is there. */
async function leftAfter(around: (log: DurableLog, commit: () => void) => void): Promise<readonly unknown[]> {
  await using folder = await temporaryFolder();
  const path = folder.file("notes.db");
  const connection = new DatabaseSync(path);
  connection.exec("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE notes (n)");
  const log = new DurableLog({
    path,
    thread: storeThreads(defaultWorkerUrl()).sync,
    pace: { mayHoldLoop: () => false, took: () => {} },
    limitBytes: 262_144,
    faults: null,
  });
  around(log, () => {
    connection.exec("INSERT INTO notes VALUES (1)");
    log.committed();
  });
  log.dropUnsynced();
  // What another process would find, if this one died here.
  const copy = folder.file("copy.db");
  for (const suffix of ["", "-wal"]) copyFileSync(`${path}${suffix}`, `${copy}${suffix}`);
  const found = new DatabaseSync(copy);
  const rows = found.prepare("SELECT n FROM notes").all();
  for (const each of [found, log, connection]) each.close();
  return rows;
}

test("what was committed, and confirmed to nobody, is taken back after a failed sync", async () => {
  expect(
    await leftAfter((log, commit) => {
      log.checkpointBegins();
      log.checkpointEnded();
      commit();
    }),
  ).toEqual([]);
});

test.each<[when: string, around: (log: DurableLog, commit: () => void) => void]>([
  [
    "is under way",
    (log, commit) => {
      commit();
      log.checkpointBegins();
    },
  ],
  [
    "has ended",
    (log, commit) => {
      commit();
      log.checkpointBegins();
      log.checkpointEnded();
    },
  ],
  [
    "began before it",
    (log, commit) => {
      log.checkpointBegins();
      commit();
      log.checkpointEnded();
    },
  ],
])("nothing is taken back that a checkpoint may have copied: one that %s", async (_when, around) => {
  expect(await leftAfter(around)).toHaveLength(1);
});
