import { mkdir, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join, parse } from "node:path";
import { describe, expect, it } from "vitest";
import {
  addLocation,
  type Entry,
  listEntries,
  listLocations,
  listSidecars,
  updateMetadata,
  writeSidecar,
} from "../src/index.js";
import { expectCode } from "./expect-code.js";
import { makeFiles } from "./make-files.js";
import { tempFolder } from "./temp-folder.js";
import { grantAll, openTestLibrary, type TestLibrary } from "./test-library.js";

async function entriesOf(home: TestLibrary, locationId: string): Promise<Map<string, Entry>> {
  const entries = await home.call(listEntries, { location_id: locationId });
  return new Map(entries.map((entry) => [entry.path, entry]));
}

describe("vdfs.add_location", () => {
  it("indexes a folder by a job, and lists its entries as an array", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const photos = join(dir.path, "photos");
    makeFiles(photos, ["2024/summer.jpg", "readme.txt"]);
    const { locationId, job } = await home.index(photos);
    expect(job).toMatchObject({ status: "completed", progress: 1, metrics: { items: 3 }, warnings: [] });

    const entries = await home.call("query:vdfs.list_entries.v1", { location_id: locationId });
    expect(entries).toMatchObject([
      { path: "2024", name: "2024", entry_type: "directory", size: 0, location_id: locationId, metadata: {} },
      { path: "2024/summer.jpg", name: "summer.jpg", entry_type: "file", size: "2024/summer.jpg".length },
      { path: "readme.txt", name: "readme.txt", entry_type: "file" },
    ]);
    const [location] = await home.call(listLocations, {});
    expect(location).toMatchObject({
      id: locationId,
      name: "photos",
      path: photos,
      added_by: null,
      index_job_id: job.id,
    });
    expect(location?.indexed_at).toBeGreaterThan(0);
  });

  it("goes by the real path: the same folder is the same location", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    makeFiles(join(dir.path, "photos"), ["a"]);
    await symlink(join(dir.path, "photos"), join(dir.path, "link"));
    const first = await home.index(join(dir.path, "photos"));
    expect((await home.index(join(dir.path, "link"))).locationId).toBe(first.locationId);
    expect((await home.index(join(dir.path, "photos", "..", "photos"))).locationId).toBe(first.locationId);
    expect(await home.call(listLocations, {})).toHaveLength(1);
  });

  it("indexed again, finds what is new, drops what is gone and leaves the rest its id, metadata and sidecars", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const root = join(dir.path, "notes");
    makeFiles(root, ["kept", "changed", "gone", "old/a", "old/b"]);
    const { locationId } = await home.index(root);
    const before = await entriesOf(home, locationId);
    for (const [path, entry] of before) {
      await home.call(updateMetadata, { entry_id: entry.id, metadata: { path } });
      await home.call(writeSidecar, { entry_id: entry.id, filename: "x", data: "AAAA" });
    }
    await rm(join(root, "gone"));
    await rm(join(root, "old"), { recursive: true });
    await writeFile(join(root, "changed"), "something longer than it was");
    await utimes(join(root, "changed"), new Date(1_000_000), new Date(1_000_000));
    makeFiles(root, ["new"]);

    const again = await home.index(root);
    expect(again.locationId).toBe(locationId);
    expect(again.job).toMatchObject({ status: "completed", result: expect.stringContaining('"removed":4') });
    const after = await entriesOf(home, locationId);
    expect([...after.keys()]).toEqual(["changed", "kept", "new"]);
    expect(after.get("kept")).toMatchObject({ id: before.get("kept")?.id, metadata: { path: "kept" } });
    expect(after.get("changed")).toMatchObject({
      id: before.get("changed")?.id,
      metadata: { path: "changed" },
      modified_at: 1_000_000,
    });
    expect(await home.call(listSidecars, { entry_id: after.get("kept")?.id ?? "" })).toHaveLength(1);
    await expectCode(home.call(listSidecars, { entry_id: before.get("gone")?.id ?? "" }), "NOT_FOUND");
  });

  it("leaves out .git and node_modules, or what it is told to", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const root = join(dir.path, "project");
    makeFiles(root, [".git/config", "node_modules/x/index.js", "src/main.ts", "dist/main.js"]);
    const { locationId } = await home.index(root);
    expect([...(await entriesOf(home, locationId)).keys()]).toEqual(["dist", "dist/main.js", "src", "src/main.ts"]);
    await home.index(root, { ignore: ["dist", "node_modules", ".git"] });
    expect([...(await entriesOf(home, locationId)).keys()]).toEqual(["src", "src/main.ts"]);
  });

  it("does not follow links, and says how many there were", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const root = join(dir.path, "root");
    makeFiles(root, ["a"]);
    makeFiles(join(dir.path, "outside"), ["secret"]);
    await symlink(join(dir.path, "outside"), join(root, "out"));
    await symlink(root, join(root, "loop"));
    const { locationId, job } = await home.index(root);
    expect([...(await entriesOf(home, locationId)).keys()]).toEqual(["a"]);
    expect(job.warnings).toEqual(["2 symbolic links were not followed."]);
  });

  it("fails and keeps the index where the folder has gone or become a link", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const root = join(dir.path, "disk");
    makeFiles(root, ["a"]);
    const { locationId } = await home.index(root);
    const index = async (): Promise<unknown> => {
      const job = await home.core.jobs.dispatch(
        "core.index_location",
        { location_id: locationId },
        { library: home.library.id },
      );
      return job.done();
    };
    await rename(root, join(dir.path, "moved"));
    expect(await index()).toMatchObject({ status: "failed", error: { code: "NOT_FOUND" } });
    await symlink(join(dir.path, "moved"), root);
    expect(await index()).toMatchObject({ status: "failed", error: { code: "PATH_DENIED" } });
    expect([...(await entriesOf(home, locationId)).keys()]).toEqual(["a"]);
  });
});

describe("who may add which folder", () => {
  it("refuses the root of the file system", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const { root } = parse(dir.path);
    for (const path of [root, join(dir.path, ...dir.path.split("/").map(() => ".."))]) {
      const error = await expectCode(home.call(addLocation, { path }), "PATH_DENIED");
      expect(error.message).toContain("root of a file system");
    }
  });

  it("refuses the data directory, what lies in it and what it lies in", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    await symlink(home.core.dataDir, join(dir.path, "link"));
    for (const path of [home.core.dataDir, home.library.folder, dir.path, join(dir.path, "link")]) {
      const error = await expectCode(home.call(addLocation, { path }), "PATH_DENIED");
      expect(error.message).toContain("data directory");
    }
    await mkdir(join(dir.path, "data-of-mine"));
    await home.index(join(dir.path, "data-of-mine"));
  });

  it("names a path that is relative, not there, or no folder", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    await writeFile(join(dir.path, "file"), "");
    await expectCode(home.call(addLocation, { path: "photos" }), "INVALID_INPUT");
    await expectCode(home.call(addLocation, { path: `${dir.path}\0` }), "INVALID_INPUT");
    await expectCode(home.call(addLocation, { path: join(dir.path, "file") }), "INVALID_INPUT");
    const error = await expectCode(home.call(addLocation, { path: join(dir.path, "gone") }), "NOT_FOUND");
    expect(error.message).toContain(join(dir.path, "gone"));
    expect(await home.call(listLocations, {})).toEqual([]);
  });

  it("lets an extension add only folders inside a location that the user has added", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    grantAll(home.core, "finance");
    const finance = { kind: "extension", extension: "finance" } as const;
    makeFiles(join(dir.path, "user"), ["receipts/a", "other/b"]);
    makeFiles(join(dir.path, "private"), ["x"]);
    await symlink(join(dir.path, "private"), join(dir.path, "user", "link"));

    const receipts = join(dir.path, "user", "receipts");
    await expectCode(home.call(addLocation, { path: receipts }, finance), "PATH_DENIED");
    await home.index(join(dir.path, "user"));
    await home.call(addLocation, { path: receipts }, finance);
    const locations = await home.call(listLocations, {});
    expect(locations.find((location) => location.path === receipts)?.added_by).toBe("finance");

    const outside = ["private", "gone", "user/../private", "user/link", "username"];
    for (const path of outside) {
      const error = await expectCode(home.call(addLocation, { path: join(dir.path, path) }, finance), "PATH_DENIED");
      expect(error.message).toContain('"finance"');
    }
  });

  it("lets an extension change neither name nor rules of the user's location", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    grantAll(home.core, "finance");
    makeFiles(join(dir.path, "user"), ["a"]);
    const { locationId } = await home.index(join(dir.path, "user"));
    const reply = await home.call(
      addLocation,
      { path: join(dir.path, "user"), name: "mine", ignore: ["a"] },
      { kind: "extension", extension: "finance" },
    );
    expect(reply.location_id).toBe(locationId);
    const [location] = await home.call(listLocations, {});
    expect(location).toMatchObject({ name: "user", ignore: [".git", "node_modules"], added_by: null });
  });
});
