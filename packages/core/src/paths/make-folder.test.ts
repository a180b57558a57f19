import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../../test/temp-folder.js";
import { makeFolder } from "./make-folder.js";

describe("makeFolder", () => {
  it("makes what is missing, with its mode, and leaves what is there", async () => {
    await using dir = await tempFolder();
    makeFolder(join(dir.path, "a", "b", "c"), 0o700);
    expect((await stat(join(dir.path, "a", "b", "c"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(dir.path, "a"))).mode & 0o777).toBe(0o700);
    makeFolder(join(dir.path, "a", "b", "c"), 0o755);
    expect((await stat(join(dir.path, "a", "b", "c"))).mode & 0o777).toBe(0o700);
  });

  it("fails where a step is a file", async () => {
    await using dir = await tempFolder();
    await writeFile(join(dir.path, "file"), "");
    expect(() => makeFolder(join(dir.path, "file"), 0o700)).toThrow(/EEXIST/);
    expect(() => makeFolder(join(dir.path, "file", "below"), 0o700)).toThrow(/ENOTDIR/);
  });

  it("finds the root, and a folder that another made meanwhile", async () => {
    await using dir = await tempFolder();
    await mkdir(join(dir.path, "there"));
    makeFolder("/", 0o700);
    makeFolder(join(dir.path, "there"), 0o700);
  });

  it.runIf(process.platform === "linux")("ends where folders cannot be made", () => {
    expect(() => makeFolder("/proc/spacedrive/data", 0o700)).toThrow(/ENOENT/);
    expect(() => makeFolder("/proc/spacedrive", 0o700)).toThrow(/ENOENT/);
  });
});
