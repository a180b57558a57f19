import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { listEntries, listSidecars, readSidecar } from "../src/index.js";
import { startScribe } from "./children.js";
import { tempFolder } from "./temp-folder.js";
import { openTestLibrary } from "./test-library.js";

// The first transaction makes the entry, the others write a sidecar each.
it.each([
  { which: 1, moment: "after" },
  { which: 2, moment: "before" },
  { which: 2, moment: "after" },
  { which: 3, moment: "before" },
  { which: 3, moment: "after" },
] as const)(
  "a job killed $moment its transaction $which leaves one entry with two whole sidecars, and no file beside them",
  async ({ which, moment }) => {
    await using dir = await tempFolder();
    const dataDir = join(dir.path, "data");
    expect(await once(await startScribe(dataDir, which, moment), "exit")).toEqual([null, "SIGKILL"]);
    expect(await once(await startScribe(dataDir), "exit")).toEqual([0, null]);

    await using home = await openTestLibrary(dir.path);
    const [job] = await home.core.jobs.list({ type: "test.notes" });
    expect(job).toMatchObject({ status: "completed", attempt: 2, warnings: [] });
    const entries = await home.call(listEntries, { location_id: null });
    expect(entries).toMatchObject([{ name: "Note" }]);
    const entry_id = entries[0]?.id ?? "";
    expect((await home.call(listSidecars, { entry_id })).map(({ filename }) => filename)).toEqual(["a.txt", "b.txt"]);
    for (const filename of ["a.txt", "b.txt"]) {
      const { data } = await home.call(readSidecar, { entry_id, filename });
      expect(Buffer.from(data, "base64").toString()).toBe("content");
    }
    const files = await readdir(join(home.library.folder, "sidecars"), { recursive: true, withFileTypes: true });
    expect(files.filter((file) => file.isFile())).toHaveLength(2);
  },
);
