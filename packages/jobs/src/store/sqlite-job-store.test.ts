import { createLibraryId } from "@spacedrive/wire";
import { describe, expect, test } from "vitest";
import { newJobIn } from "../../test/new-job.js";
import { temporaryFolder } from "../../test/temporary-folder.js";
import { cancelJob, pauseJob } from "../job-steps.js";
import { SqliteDatabase } from "../database/sqlite-database.js";
import { jobStoreConformance } from "./job-store-conformance.js";
import { SqliteJobStore } from "./sqlite-job-store.js";

describe("sqlite job store", () => {
  const cases = jobStoreConformance(async (library) => {
    const folder = await temporaryFolder();
    let database = SqliteDatabase.open(folder.file("library.db"));
    return {
      store: new SqliteJobStore(database, library),
      transaction: (work) => database.transaction(work),
      async reopen() {
        await database.close();
        database = SqliteDatabase.open(folder.file("library.db"));
        return new SqliteJobStore(database, library);
      },
      async [Symbol.asyncDispose]() {
        await database.close();
        await folder[Symbol.asyncDispose]();
      },
    };
  });
  test.each(cases)("$name", ({ run }) => run());

  test("keeps the jobs of two libraries in one file apart", async () => {
    await using folder = await temporaryFolder();
    await using database = SqliteDatabase.open(folder.file("host.db"));
    const [mine, theirs] = [createLibraryId(), createLibraryId()];
    const store = new SqliteJobStore(database, mine);
    const other = new SqliteJobStore(database, theirs);
    const job = newJobIn(mine);
    await store.insert(job);
    expect(await other.get(job.id)).toBeNull();
    expect(await other.list({}, 10)).toEqual([]);
    expect(await other.queued({ type: job.type }, 9)).toEqual([]);
    await expect(other.update(job.id, (stored) => stored)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await store.get(job.id)).toEqual(job);
  });

  test("answers what it can of a row that it did not write, and lets that job only be cancelled", async () => {
    await using folder = await temporaryFolder();
    await using database = SqliteDatabase.open(folder.file("library.db"));
    const library = createLibraryId();
    const store = new SqliteJobStore(database, library);
    const job = newJobIn(library);
    await store.insert(job);
    await database.transaction((tx) => tx.run("UPDATE jobs SET status = 'flying'"));
    const read = await store.get(job.id);
    expect(read).toMatchObject({ unreadable: true, error: { code: "STORE_CORRUPT" }, state: job.state });
    expect(await store.list({}, 9)).toEqual([read]);
    await expect(store.update(job.id, (stored) => pauseJob(stored, null, 1))).rejects.toMatchObject({
      message: expect.stringContaining(job.id),
    });
    await expect(store.update(job.id, (stored) => ({ ...stored, priority: 1 }))).rejects.toMatchObject({
      code: "STORE_CORRUPT",
    });
    expect(await store.get(job.id)).toEqual(read);
    const cancelled = await store.update(job.id, (stored) => cancelJob(stored, null, 1));
    expect(cancelled).toMatchObject({ status: "cancelled", error: null });
    expect(await store.get(job.id)).toEqual(cancelled);
  });
});
