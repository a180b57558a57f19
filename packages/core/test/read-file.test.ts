import { rename, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createEntry, listEntries, MAX_READ_BYTES, readFile } from "../src/index.js";
import { expectCode } from "./expect-code.js";
import { makeFiles } from "./make-files.js";
import { tempFolder } from "./temp-folder.js";
import { openTestLibrary, type TestLibrary } from "./test-library.js";

async function idOf(home: TestLibrary, locationId: string, path: string): Promise<string> {
  const entry = (await home.call(listEntries, { location_id: locationId })).find((found) => found.path === path);
  if (entry === undefined) throw new Error(`${path} is not indexed`);
  return entry.id;
}

describe("vdfs.read_file", () => {
  it("answers the bytes of a file, whole or in parts", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const root = join(dir.path, "files");
    makeFiles(root, ["sub/a"]);
    const bytes = Buffer.from(Uint8Array.from({ length: 1000 }, (_, i) => i % 256));
    await writeFile(join(root, "sub/a"), bytes);
    const { locationId } = await home.index(root);
    const entry_id = await idOf(home, locationId, "sub/a");

    const whole = await home.call(readFile, { entry_id });
    expect(Buffer.from(whole.data, "base64").equals(bytes)).toBe(true);
    expect(whole).toMatchObject({ size: 1000, offset: 0, eof: true });

    const part = await home.call(readFile, { entry_id, offset: 300, length: 200 });
    expect(Buffer.from(part.data, "base64").equals(bytes.subarray(300, 500))).toBe(true);
    expect(part).toMatchObject({ size: 1000, offset: 300, eof: false });
    expect(await home.call(readFile, { entry_id, offset: 900, length: 100 })).toMatchObject({ eof: true });
    expect(await home.call(readFile, { entry_id, offset: 5000 })).toMatchObject({ data: "", eof: true });
    expect(await home.call(readFile, { entry_id, length: 0 })).toMatchObject({ data: "", eof: false });
  });

  it("answers its limit of bytes and no more, and refuses to be asked for more", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const root = join(dir.path, "files");
    makeFiles(root, ["exact", "over"]);
    await truncate(join(root, "exact"), MAX_READ_BYTES);
    await truncate(join(root, "over"), MAX_READ_BYTES + 1);
    const { locationId } = await home.index(root);
    const exact = await home.call(readFile, { entry_id: await idOf(home, locationId, "exact") });
    expect(exact.eof).toBe(true);
    const entry_id = await idOf(home, locationId, "over");
    const over = await home.call(readFile, { entry_id });
    expect(over).toMatchObject({ eof: false, size: MAX_READ_BYTES + 1 });
    expect(Buffer.from(over.data, "base64")).toHaveLength(MAX_READ_BYTES);
    await expectCode(home.call(readFile, { entry_id, length: MAX_READ_BYTES + 1 }), "INVALID_INPUT");
  });

  it("refuses a file, or a folder on the way, that was swapped for a link after it was indexed", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const root = join(dir.path, "files");
    makeFiles(root, ["a", "sub/b"]);
    makeFiles(join(dir.path, "outside"), ["b"]);
    const { locationId } = await home.index(root);
    const a = await idOf(home, locationId, "a");
    const b = await idOf(home, locationId, "sub/b");
    await rename(join(root, "a"), join(root, "c"));
    await symlink(join(dir.path, "outside", "b"), join(root, "a"));
    await rename(join(root, "sub"), join(root, "kept"));
    await symlink(join(dir.path, "outside"), join(root, "sub"));
    await expectCode(home.call(readFile, { entry_id: a }), "PATH_DENIED");
    await expectCode(home.call(readFile, { entry_id: b }), "PATH_DENIED");
  });

  it("reads nothing outside of the location, whatever a database that was given to us says", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    makeFiles(join(dir.path, "files"), ["a"]);
    makeFiles(join(dir.path, "outside"), ["b"]);
    const { locationId } = await home.index(join(dir.path, "files"));
    const entry_id = await idOf(home, locationId, "a");
    for (const path of ["../outside/b", "/etc/passwd", "a/../../outside/b", ".."]) {
      await home.library.database.transaction((tx) => tx.run("UPDATE entries SET path = ?", path));
      await expectCode(home.call(readFile, { entry_id }), "PATH_DENIED");
    }
  });

  it("refuses folders and entries that an extension made, and names a file that has gone", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const root = join(dir.path, "files");
    makeFiles(root, ["sub/a"]);
    const { locationId } = await home.index(root);
    await expectCode(home.call(readFile, { entry_id: await idOf(home, locationId, "sub") }), "INVALID_INPUT");
    const note = await home.call(createEntry, { name: "passwd", path: "/etc/passwd", entry_type: "file" });
    await expectCode(home.call(readFile, { entry_id: note.id }), "INVALID_INPUT");
    await rename(join(root, "sub/a"), join(root, "sub/z"));
    const error = await expectCode(
      home.call(readFile, { entry_id: await idOf(home, locationId, "sub/a") }),
      "NOT_FOUND",
    );
    expect(error.message).toContain("sub/a");
  });
});
