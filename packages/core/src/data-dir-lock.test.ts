import { once } from "node:events";
import { mkdir, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startHolder } from "../test/children.js";
import { expectCode } from "../test/expect-code.js";
import { tempFolder } from "../test/temp-folder.js";
import { lockDataDir } from "./data-dir-lock.js";

describe("lockDataDir", () => {
  it("makes the directory where it is missing", async () => {
    await using dir = await tempFolder();
    const lock = await lockDataDir(join(dir.path, "new", "data"));
    expect(lock.folder).toBe(join(dir.path, "new", "data"));
    lock.release();
  });

  it("refuses this process a second time, naming directory and pid", async () => {
    await using dir = await tempFolder();
    const lock = await lockDataDir(dir.path);
    const error = await expectCode(lockDataDir(dir.path), "DATA_DIR_LOCKED");
    expect(error.details).toEqual({ data_dir: dir.path, pid: process.pid });
    expect(error.message).toContain(dir.path);
    expect(error.message).toContain(String(process.pid));
    lock.release();
  });

  it("looks again before it refuses: of two that start at once each may have been in the other's way", async () => {
    await using dir = await tempFolder();
    const first = await lockDataDir(dir.path);
    const second = lockDataDir(dir.path);
    first.release();
    (await second).release();
  });

  it("knows the directory by another name", async () => {
    await using dir = await tempFolder();
    await mkdir(join(dir.path, "data"));
    await symlink(join(dir.path, "data"), join(dir.path, "link"));
    const lock = await lockDataDir(join(dir.path, "data"));
    await expectCode(lockDataDir(join(dir.path, "link")), "DATA_DIR_LOCKED");
    lock.release();
  });

  it("says what a host.lock is that is no lock, and how to go on", async () => {
    await using dir = await tempFolder();
    const file = join(dir.path, "host.lock");
    await writeFile(file, "garbage");
    const error = await expectCode(lockDataDir(dir.path), "STORE_FAILED");
    expect(error.message).toContain(`"${file}" is no lock: something else has been written there.`);
    await rm(file);
    (await lockDataDir(dir.path)).release();
  });

  it("that cannot write its pid is STORE_FAILED, and lets go of the directory", async () => {
    await using dir = await tempFolder();
    await mkdir(join(dir.path, "host.pid"));
    const error = await expectCode(lockDataDir(dir.path), "STORE_FAILED");
    expect(error.message).toContain(dir.path);
    await rmdir(join(dir.path, "host.pid"));
    (await lockDataDir(dir.path)).release();
  });

  it("can be taken again after a release, and released twice", async () => {
    await using dir = await tempFolder();
    const first = await lockDataDir(dir.path);
    first.release();
    const second = await lockDataDir(dir.path);
    first.release();
    await expectCode(lockDataDir(dir.path), "DATA_DIR_LOCKED");
    second.release();
  });

  it("refuses while another process holds it, and not once that was killed", async () => {
    await using dir = await tempFolder();
    const holder = await startHolder(dir.path);
    const error = await expectCode(lockDataDir(dir.path), "DATA_DIR_LOCKED");
    expect(error.details.pid).toBe(holder.pid);

    holder.kill("SIGKILL");
    await once(holder, "exit");
    const lock = await lockDataDir(dir.path);
    lock.release();
  });

  it("is not held up by files that a killed process left", async () => {
    await using dir = await tempFolder();
    await writeFile(join(dir.path, "host.lock"), "");
    await writeFile(join(dir.path, "host.pid"), `${process.pid}\n`);
    const lock = await lockDataDir(dir.path);
    lock.release();
  });

  it("says so where the directory is a file", async () => {
    await using dir = await tempFolder();
    await writeFile(join(dir.path, "file"), "");
    const error = await expectCode(lockDataDir(join(dir.path, "file")), "STORE_FAILED");
    expect(error.message).toContain(join(dir.path, "file"));
  });

  it.runIf(process.platform === "linux")("says so where folders cannot be made", async () => {
    const error = await expectCode(lockDataDir("/proc/spacedrive/data"), "STORE_FAILED");
    expect(error.message).toContain('"/proc/spacedrive/data"');
  });
});
