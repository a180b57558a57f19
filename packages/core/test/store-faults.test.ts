import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { failStore } from "@spacedrive/jobs";
import { parseJobId } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import {
  addLocation,
  createEntry,
  getEntry,
  listEntries,
  listSidecars,
  readSidecar,
  writeSidecar,
} from "../src/index.js";
import { expectCode } from "./expect-code.js";
import { makeFiles, manyPaths } from "./make-files.js";
import { tempFolder } from "./temp-folder.js";
import { openTestLibrary, type TestLibrary } from "./test-library.js";

const note = { name: "Note", path: "notes", entry_type: "note" };

/** Lets the database grow by so many pages of 4 KiB and no more; null: as it likes. */
async function leaveRoom(home: TestLibrary, pages: number | null): Promise<void> {
  await home.library.database.transaction((tx) => {
    const used = Number(tx.get("PRAGMA page_count")?.page_count);
    tx.get(`PRAGMA max_page_count = ${pages === null ? 4_000_000_000 : used + pages}`);
  });
}

describe("a full disk", () => {
  it("is told by its code, keeps what was there, and is over when there is room", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const kept = await home.call(createEntry, note);
    await leaveRoom(home, 2);
    const large = { ...note, metadata: { text: "x".repeat(100_000) } };
    const error = await expectCode(home.call(createEntry, large), "DISK_FULL");
    expect(error.retryable).toBe(true);
    expect(await home.call(listEntries, {})).toEqual([kept]);
    await leaveRoom(home, null);
    await home.call(createEntry, large);
  });

  it("is told of a sidecar too, which is then not there at all", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path, {
      store: { faults: failStore({ operation: "write-file", fault: "disk-full" }) },
    });
    const { id } = await home.call(createEntry, note);
    const sidecar = { entry_id: id, filename: "x", data: "AAAA" };
    await expectCode(home.call(writeSidecar, sidecar), "DISK_FULL");
    expect(await home.call(listSidecars, { entry_id: id })).toEqual([]);
    await home.call(writeSidecar, sidecar);
    expect(await home.call(listSidecars, { entry_id: id })).toHaveLength(1);
  });

  it("has an index wait, visibly, and go on when there is room", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path, { jobLimits: { retryBackoffMs: 1, retryLimit: 2 } });
    const folder = join(dir.path, "files");
    makeFiles(folder, manyPaths(2000));
    await leaveRoom(home, 60);
    const { location_id, job_id } = await home.call(addLocation, { path: folder });
    const job = await home.core.jobs.get(parseJobId(job_id));
    for await (const { waitingFor } of job.updates()) if (waitingFor?.includes("DISK_FULL")) break;
    await leaveRoom(home, null);
    expect(await job.done()).toMatchObject({ status: "completed" });
    expect(await home.call(listEntries, { location_id })).toHaveLength(2020);
  });
});

describe("a locked database", () => {
  it("is told by its code, changes nothing, and is over when it is let go", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const { id } = await home.call(createEntry, note);
    const other = new DatabaseSync(home.library.database.path);
    other.exec("BEGIN IMMEDIATE");
    const error = await expectCode(home.call(createEntry, note), "STORE_LOCKED");
    expect(error.retryable).toBe(true);
    await expectCode(home.call(writeSidecar, { entry_id: id, filename: "x", data: "AAAA" }), "STORE_LOCKED");
    expect(await home.call(getEntry, { entry_id: id })).toMatchObject(note);
    other.exec("ROLLBACK");
    other.close();
    expect(await home.call(listEntries, {})).toHaveLength(1);
    expect(await home.call(listSidecars, { entry_id: id })).toEqual([]);
    await home.call(createEntry, note);
  });
});

describe("a sidecar whose bytes cannot be written", () => {
  it.each([
    ["disk-full", "DISK_FULL"],
    ["io-error", "STORE_FAILED"],
  ] as const)("for %s is told as %s, leaves what was there, and can be written again", async (fault, code) => {
    await using dir = await tempFolder();
    const faults = failStore({ operation: "write-file", fault, at: 2 });
    await using home = await openTestLibrary(dir.path, { store: { faults } });
    const { id } = await home.call(createEntry, note);
    const write = (data: string): Promise<unknown> => home.call(writeSidecar, { entry_id: id, filename: "x", data });
    await write("AAAA");
    await expectCode(write("BBBB"), code);
    expect(await home.call(readSidecar, { entry_id: id, filename: "x" })).toMatchObject({ data: "AAAA" });
    await write("BBBB");
    expect(await home.call(readSidecar, { entry_id: id, filename: "x" })).toMatchObject({ data: "BBBB" });
  });
});
