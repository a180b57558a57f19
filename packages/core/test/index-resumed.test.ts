import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseJobId } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { addLocation, listEntries, listLocations } from "../src/index.js";
import { startIndexer } from "./children.js";
import { makeFiles, manyPaths } from "./make-files.js";
import { tempFolder } from "./temp-folder.js";
import { openTestLibrary } from "./test-library.js";

const FILES = manyPaths(3000);
const ITEMS = 3000 + 30;

describe("an index that is stopped", () => {
  it.each([1, 3, 5])(
    "by SIGKILL after checkpoint %i goes on from there and finds each entry once",
    async (checkpoints) => {
      await using dir = await tempFolder();
      const folder = join(dir.path, "files");
      makeFiles(folder, FILES);
      const dataDir = join(dir.path, "data");
      const child = await startIndexer(dataDir, folder, checkpoints);
      expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
      const idsThen = idsIn(join(dataDir, "libraries", "home", "library.db"));
      expect(idsThen.size).toBeLessThan(ITEMS);

      await using home = await openTestLibrary(dir.path);
      const [location] = await home.call(listLocations, {});
      const [running] = await home.core.jobs.list({ type: "core.index_location" });
      if (running === undefined) throw new Error("the job was lost");
      const job = await (await home.core.jobs.get(running.id)).done();
      expect(job).toMatchObject({ status: "completed", attempt: 2, metrics: { items: ITEMS }, progress: 1 });

      const entries = await home.call(listEntries, { location_id: location?.id });
      expect(entries.filter((entry) => entry.entry_type === "file").map((entry) => entry.path)).toEqual(
        [...FILES].sort(),
      );
      for (const { path, id } of entries) expect(idsThen.get(path) ?? id).toBe(id);
    },
  );

  it("by a pause goes on when it is resumed", async () => {
    await using dir = await tempFolder();
    makeFiles(join(dir.path, "files"), FILES);
    await using home = await openTestLibrary(dir.path);
    const added = await home.call(addLocation, { path: join(dir.path, "files") });
    const job = await home.core.jobs.get(parseJobId(added.job_id));
    for await (const update of job.updates()) {
      if (update.checkpoint >= 2) break;
    }
    const paused = await home.core.jobs.pause(job.id);
    expect(paused).toMatchObject({ status: "paused" });
    expect(paused.metrics.items).toBeLessThan(ITEMS);
    await home.core.jobs.resume(job.id);
    expect(await job.done()).toMatchObject({ status: "completed", metrics: { items: ITEMS } });
    expect(await home.call(listEntries, { location_id: added.location_id })).toHaveLength(ITEMS);
  });

  it("by closing the host goes on at the next start", async () => {
    await using dir = await tempFolder();
    makeFiles(join(dir.path, "files"), FILES);
    {
      await using home = await openTestLibrary(dir.path);
      const added = await home.call(addLocation, { path: join(dir.path, "files") });
      const job = await home.core.jobs.get(parseJobId(added.job_id));
      for await (const update of job.updates()) {
        if (update.checkpoint >= 2) break;
      }
    }
    await using home = await openTestLibrary(dir.path);
    const [running] = await home.core.jobs.list({ type: "core.index_location" });
    if (running === undefined) throw new Error("the job was lost");
    const job = await (await home.core.jobs.get(running.id)).done();
    expect(job).toMatchObject({ status: "completed", metrics: { items: ITEMS } });
  });

  it("by a cancel leaves what it found", async () => {
    await using dir = await tempFolder();
    makeFiles(join(dir.path, "files"), FILES);
    await using home = await openTestLibrary(dir.path);
    const added = await home.call(addLocation, { path: join(dir.path, "files") });
    const job = await home.core.jobs.get(parseJobId(added.job_id));
    for await (const update of job.updates()) {
      if (update.checkpoint >= 2) break;
    }
    expect(await home.core.jobs.cancel(job.id)).toMatchObject({ status: "cancelled" });
    const found = await home.call(listEntries, { location_id: added.location_id });
    expect(found.length).toBeGreaterThanOrEqual(200);
    expect((await home.call(listLocations, {}))[0]?.indexed_at).toBeNull();
  });
});

function idsIn(file: string): Map<string, string> {
  const database = new DatabaseSync(file);
  const rows = database.prepare("SELECT path, id FROM entries").all();
  database.close();
  return new Map(rows.map((row) => [String(row.path), String(row.id)]));
}
