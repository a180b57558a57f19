import { createLibraryId, type LibraryId } from "@spacedrive/wire";
import { describe, expect, test } from "vitest";
import { newJobIn } from "../../test/new-job.js";
import { temporaryFolder } from "../../test/temporary-folder.js";
import { SqliteDatabase } from "../database/sqlite-database.js";
import type { HistoryEntry } from "../history.js";
import { claimJob } from "../job-steps.js";
import type { JobStore, JobStoreOptions } from "./job-store.js";
import { MemoryJobStore } from "./memory-job-store.js";
import { SqliteJobStore } from "./sqlite-job-store.js";

type OpenStore = (library: LibraryId, options: JobStoreOptions) => Promise<AsyncDisposable & { store: JobStore }>;

const openMemory: OpenStore = async (_library, options) => ({
  store: new MemoryJobStore(options),
  [Symbol.asyncDispose]: async () => {},
});
const openSqlite: OpenStore = async (library, options) => {
  const folder = await temporaryFolder();
  const database = SqliteDatabase.open(folder.file("library.db"));
  return {
    store: new SqliteJobStore(database, library, options),
    async [Symbol.asyncDispose]() {
      await database.close();
      await folder[Symbol.asyncDispose]();
    },
  };
};

/** An entry of so many bytes as JSON. */
function entryOf(bytes: number, at: number): HistoryEntry {
  const empty: HistoryEntry = { kind: "warning", at, message: "" };
  // Two bytes each.
  const message = "é".repeat((bytes - Buffer.byteLength(JSON.stringify(empty))) / 2);
  return { ...empty, message };
}

/** A running job's history after these entries, written one by one, without that it began to run. */
async function historyOf(
  store: JobStore,
  library: LibraryId,
  entries: readonly HistoryEntry[],
): Promise<{ readonly ats: readonly number[]; readonly dropped: number }> {
  const { id } = newJobIn(library);
  await store.insert(newJobIn(library, { id }));
  await store.update(id, (job) => claimJob(job, { extensionVersion: null, resumable: true, at: 1 }));
  const report = { progress: 0, message: "", warnings: [], metrics: { bytes: 0, items: 0 } };
  for (const entry of entries) {
    const history = { entries: [entry], missed: 0 };
    await store.checkpoint(id, 1, { state: "0", report, storedWarnings: 0, consumed: 0, history, at: entry.at });
  }
  const { entries: kept, dropped } = await store.history(id);
  return { ats: kept.filter(({ kind }) => kind === "warning").map(({ at }) => at), dropped };
}

const RUNNING = { kind: "status", at: 1, status: "running", attempt: 1, code: null, message: "" };
const ENTRY = 101;
const entries = Array.from({ length: 8 }, (_, n) => entryOf(ENTRY, 1_001 + n));
const upTo = (last: number, count: number): number[] =>
  Array.from({ length: count }, (_, n) => 1_000 + last - count + 1 + n);

describe.each([
  { name: "memory", open: openMemory },
  { name: "sqlite", open: openSqlite },
])("the history of a $name store", ({ open }) => {
  const library = createLibraryId();

  test("keeps as many entries as it may, and no more", async () => {
    await using opened = await open(library, { history: { entries: 8 } });
    // With the entry that it began to run there is one too many, and of its kind there is only that.
    expect(await historyOf(opened.store, library, entries.slice(1))).toEqual({ ats: upTo(8, 7), dropped: 0 });
    expect(await historyOf(opened.store, library, entries)).toEqual({ ats: upTo(8, 7), dropped: 1 });
  });

  test("keeps as many bytes as it may, and no more", async () => {
    const bytes = Buffer.byteLength(JSON.stringify(RUNNING)) + 5 * ENTRY;
    await using opened = await open(library, { history: { bytes } });
    expect(await historyOf(opened.store, library, entries)).toEqual({ ats: upTo(8, 5), dropped: 3 });
    await using less = await open(library, { history: { bytes: bytes - 1 } });
    expect(await historyOf(less.store, library, entries)).toEqual({ ats: upTo(8, 4), dropped: 4 });
  });

  test("keeps the last entry, however long it is, and counts on from it", async () => {
    await using opened = await open(library, { history: { bytes: 1 } });
    expect(await historyOf(opened.store, library, entries)).toEqual({ ats: upTo(8, 1), dropped: 8 });
  });

  test("counts what an attempt still holds against the same limits", async () => {
    await using opened = await open(library, { history: { entries: 3 } });
    const { id } = newJobIn(library);
    await opened.store.insert(newJobIn(library, { id }));
    await opened.store.update(id, (job) => claimJob(job, { extensionVersion: null, resumable: true, at: 1 }));
    const told = await opened.store.history(id, { entries: entries.slice(0, 4), missed: 2 });
    expect(told).toEqual({ entries: [RUNNING, ...entries.slice(2, 4)], dropped: 2 + 2 });
  });

  test.each([0, 1.5, -1, Number.NaN])("takes no limit of %d", async (limit) => {
    await expect(open(library, { history: { entries: limit } })).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(open(library, { history: { bytes: limit } })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});
