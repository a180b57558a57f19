import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createEntryId } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { createEntry, listSidecars, MAX_SIDECAR_BYTES, readSidecar, writeSidecar } from "../src/index.js";
import { expectCode } from "./expect-code.js";
import { tempFolder } from "./temp-folder.js";
import { openTestLibrary, type TestLibrary } from "./test-library.js";

async function makeEntry(home: TestLibrary): Promise<string> {
  return (await home.call(createEntry, { name: "Note", path: "notes", entry_type: "note" })).id;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

async function filesOf(home: TestLibrary): Promise<string[]> {
  const all = await readdir(join(home.library.folder, "sidecars"), { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

describe("sidecars", () => {
  it("answer the bytes that were written, after a restart too", async () => {
    await using dir = await tempFolder();
    const bytes = Buffer.from(Uint8Array.from({ length: 1000 }, (_, i) => i % 256));
    let id = "";
    {
      await using home = await openTestLibrary(dir.path);
      id = await makeEntry(home);
      const written = await home.call(writeSidecar, { entry_id: id, filename: "raw", data: bytes.toString("base64") });
      expect(written).toEqual({ bytes_written: 1000 });
    }
    await using home = await openTestLibrary(dir.path);
    const read = await home.call(readSidecar, { entry_id: id, filename: "raw" });
    expect(Buffer.from(read.data, "base64").equals(bytes)).toBe(true);
    expect(read.size).toBe(1000);
  });

  it("may be empty", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const id = await makeEntry(home);
    expect(await home.call(writeSidecar, { entry_id: id, filename: "none", data: "" })).toEqual({ bytes_written: 0 });
    expect(await home.call(readSidecar, { entry_id: id, filename: "none" })).toEqual({ data: "", size: 0 });
  });

  it("keep one row when they are written again, and let go of the old files", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const id = await makeEntry(home);
    for (const text of ["one", "two", "three"]) {
      await home.call(writeSidecar, { entry_id: id, filename: "x.txt", data: base64(text) });
    }
    expect(await home.call(listSidecars, { entry_id: id })).toMatchObject([{ filename: "x.txt", size: 5 }]);
    expect((await home.call(readSidecar, { entry_id: id, filename: "x.txt" })).data).toBe(base64("three"));
    expect((await filesOf(home)).length).toBeLessThanOrEqual(2);
  });

  it("answer one version or the other while they are written again", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const id = await makeEntry(home);
    await home.call(writeSidecar, { entry_id: id, filename: "x", data: base64("0") });
    const writes = (async () => {
      for (let i = 1; i <= 30; i++)
        await home.call(writeSidecar, { entry_id: id, filename: "x", data: base64(`${i}`) });
    })();
    const reads = Array.from({ length: 100 }, () => home.call(readSidecar, { entry_id: id, filename: "x" }));
    for (const { data } of await Promise.all(reads)) expect(Buffer.from(data, "base64").toString()).toMatch(/^\d+$/);
    await writes;
    expect((await home.call(readSidecar, { entry_id: id, filename: "x" })).data).toBe(base64("30"));
  });

  it.each(["../x", "a/b", "a\\b", "..", ".", "", "nul", "a\0b", "a\nb", "x".repeat(256)])(
    "refuse the name %j, and write nothing",
    async (filename) => {
      await using dir = await tempFolder();
      await using home = await openTestLibrary(dir.path);
      const id = await makeEntry(home);
      await expectCode(home.call(writeSidecar, { entry_id: id, filename, data: base64("x") }), "PATH_DENIED");
      expect(await filesOf(home)).toEqual([]);
    },
  );

  it("take a name of 255 bytes", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const id = await makeEntry(home);
    await home.call(writeSidecar, { entry_id: id, filename: "x".repeat(255), data: base64("x") });
    await home.call(readSidecar, { entry_id: id, filename: "x".repeat(255) });
  });

  it("take their limit of bytes and refuse one more", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const id = await makeEntry(home);
    const limit = Buffer.alloc(MAX_SIDECAR_BYTES).toString("base64");
    await home.call(writeSidecar, { entry_id: id, filename: "x", data: limit });
    const over = Buffer.alloc(MAX_SIDECAR_BYTES + 1).toString("base64");
    await expectCode(home.call(writeSidecar, { entry_id: id, filename: "x", data: over }), "PAYLOAD_TOO_LARGE");
  });

  it("need an entry, a known name and base64", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const id = await makeEntry(home);
    const stranger = createEntryId();
    await expectCode(home.call(writeSidecar, { entry_id: stranger, filename: "x", data: "" }), "NOT_FOUND");
    await expectCode(home.call(listSidecars, { entry_id: stranger }), "NOT_FOUND");
    await expectCode(home.call(writeSidecar, { entry_id: id, filename: "x", data: "not base64!" }), "INVALID_INPUT");
    await home.call(writeSidecar, { entry_id: id, filename: "ocr.json", data: base64("{}") });
    const error = await expectCode(home.call(readSidecar, { entry_id: id, filename: "ocr" }), "NOT_FOUND");
    expect(error.message).toContain('"ocr.json"');
    expect(await filesOf(home)).toHaveLength(1);
  });

  it("are swept at the start where no row names them, and only then", async () => {
    await using dir = await tempFolder();
    let id = "";
    {
      await using home = await openTestLibrary(dir.path);
      id = await makeEntry(home);
      await home.call(writeSidecar, { entry_id: id, filename: "x", data: base64("kept") });
      const orphan = "ab01cd23-0000-4000-8000-000000000000";
      await mkdir(join(home.library.folder, "sidecars", "ab"), { recursive: true });
      await writeFile(join(home.library.folder, "sidecars", "ab", orphan), "orphan");
      await writeFile(join(home.library.folder, "sidecars", "ab", "not-ours.txt"), "stays");
    }
    await using home = await openTestLibrary(dir.path);
    expect(await filesOf(home)).toHaveLength(2);
    expect(await filesOf(home)).toContain("not-ours.txt");
    expect((await home.call(readSidecar, { entry_id: id, filename: "x" })).data).toBe(base64("kept"));
  });

  it("say so where their file has been taken away", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const id = await makeEntry(home);
    await home.call(writeSidecar, { entry_id: id, filename: "x", data: base64("x") });
    await rm(join(home.library.folder, "sidecars"), { recursive: true });
    await expectCode(home.call(readSidecar, { entry_id: id, filename: "x" }), "STORE_CORRUPT");
  });

  it("never lead out of their folder, whatever a database that was given to us says", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const id = await makeEntry(home);
    await home.call(writeSidecar, { entry_id: id, filename: "x", data: base64("x") });
    await home.library.database.transaction((tx) => tx.run("UPDATE sidecars SET file = '../library.db'"));
    await expectCode(home.call(readSidecar, { entry_id: id, filename: "x" }), "STORE_CORRUPT");
  });
});
