import { constants } from "node:fs";
import { type FileHandle, lstat, open, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import { SpacedriveError, toSpacedriveError } from "@spacedrive/wire";

/**
 * Opens a regular file below `root` for reading. Neither `root` nor any step to the file may be a symbolic link, also not
 * one that was put there after the file was indexed.
 *
 * @param root The real path of a folder.
 * @param path Relative, with `/` between its segments.
 * @throws SpacedriveError `PATH_DENIED` where the way leaves `root`, `NOT_FOUND` where the file is gone, `INVALID_INPUT`
 * where it is not a regular file, `STORE_FAILED` where it cannot be read.
 */
export async function openContainedFile(root: string, path: string): Promise<FileHandle> {
  checkSteps(path);
  const expected = join(root, path);
  try {
    if ((await realpath(expected)) !== expected) throw leaves(path);
    // O_NONBLOCK: a FIFO put in the file's place must not hold a thread. Windows has neither flag, and no need of them.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const file = await open(expected, flags);
    try {
      await checkOpened(file, expected, path);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    throw fileError(error, path);
  }
}

function checkSteps(path: string): void {
  const steps = path.split("/");
  const windows = process.platform === "win32";
  const bad = steps.some((step) => step === "" || step === "." || step === ".." || step.includes("\0"));
  if (bad || (windows && /[\\:]/.test(path))) throw leaves(path);
}

/** Between the look and the opening somebody may have put a link in the way: what counts is what was opened. */
async function checkOpened(file: FileHandle, expected: string, path: string): Promise<void> {
  const opened = await file.stat({ bigint: true });
  if (!opened.isFile()) {
    throw new SpacedriveError("INVALID_INPUT", `"${path}" is not a regular file, so its bytes cannot be read.`);
  }
  const named = await nameOfOpenFile(file);
  if (named !== null) {
    if (named === expected) return;
    throw opened.nlink === 0n ? gone(path) : leaves(path);
  }
  // Elsewhere the kernel does not tell: the file that the checked path names now must be the one that was opened.
  const real = await realpath(expected);
  const there = await lstat(expected, { bigint: true });
  if (real !== expected || there.ino !== opened.ino || there.dev !== opened.dev) throw leaves(path);
}

/** The path by which the kernel knows an open file, or null where it does not say (it does on Linux). */
async function nameOfOpenFile(file: FileHandle): Promise<string | null> {
  if (process.platform !== "linux") return null;
  try {
    return await readlink(`/proc/self/fd/${file.fd}`);
  } catch {
    return null;
  }
}

function leaves(path: string): SpacedriveError {
  return new SpacedriveError(
    "PATH_DENIED",
    `"${path}" leads out of its location. Links are not followed; index the location again if it has changed.`,
  );
}

function gone(path: string): SpacedriveError {
  return new SpacedriveError("NOT_FOUND", `"${path}" is no longer in its location. Index the location again.`);
}

function fileError(thrown: unknown, path: string): SpacedriveError {
  switch (errnoOf(thrown)) {
    case "ENOENT":
    case "ENOTDIR":
      return gone(path);
    case "ELOOP":
      return leaves(path);
    default:
      return toSpacedriveError(
        thrown,
        "STORE_FAILED",
        `"${path}" could not be opened (${errnoOf(thrown) ?? "unknown"}).`,
      );
  }
}

/** The system's code of a failed file operation, such as `ENOENT`, or null. */
export function errnoOf(thrown: unknown): string | null {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : null;
}
