import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdtempSync,
  openSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SpacedriveError } from "@spacedrive/wire";
import { SOCKET_NAME } from "./protocol.js";

/** A socket's path has at most 107 bytes on Linux and 103 on macOS. */
const MAX_PATH_BYTES = 103;

/**
 * A data directory, as a socket in it is reached. Its path may be too long for a socket; on Linux it is named by a file
 * descriptor, elsewhere by a short link. What is reached is the folder that was checked, also if somebody puts another in
 * its place.
 */
export interface SocketFolder extends Disposable {
  /** Short enough for a socket below it. Until it is disposed. */
  readonly path: string;
}

/**
 * @param folder The real path of a data directory.
 * @throws SpacedriveError `PATH_DENIED` where the folder is another user's, or others may put files into it, the system's
 * error where it cannot be opened.
 */
export function openSocketFolder(folder: string, platform: NodeJS.Platform = process.platform): SocketFolder {
  if (platform === "linux") {
    const named = openByDescriptor(folder);
    if (named !== null) return named;
  }
  checkOwner(lstatSync(folder), folder);
  if (Buffer.byteLength(join(folder, SOCKET_NAME)) <= MAX_PATH_BYTES) return { path: folder, [Symbol.dispose]() {} };
  return openByLink(folder);
}

/** Null where the kernel does not show a process's descriptors as files. */
function openByDescriptor(folder: string): SocketFolder | null {
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const opened = fstatSync(descriptor);
    checkOwner(opened, folder);
    const path = `/proc/self/fd/${descriptor}`;
    if (statSync(path, { throwIfNoEntry: false })?.ino === opened.ino) {
      return { path, [Symbol.dispose]: closeOnce(descriptor) };
    }
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  closeSync(descriptor);
  return null;
}

function closeOnce(descriptor: number): () => void {
  let open = true;
  return () => {
    if (open) closeSync(descriptor);
    open = false;
  };
}

function openByLink(folder: string): SocketFolder {
  const made = mkdtempSync(join(tmpdir(), "sd-"));
  const path = join(made, "d");
  symlinkSync(folder, path, "dir");
  return { path, [Symbol.dispose]: () => rmSync(made, { recursive: true, force: true }) };
}

/** Whoever can write in the folder can put a socket of their own there. */
function checkOwner(folder: Stats, path: string): void {
  const user = process.geteuid?.();
  const problem = !folder.isDirectory()
    ? "is not a folder"
    : user !== undefined && folder.uid !== user && folder.uid !== 0
      ? "belongs to another user"
      : (folder.mode & 0o022) !== 0 && (folder.mode & 0o1000) === 0
        ? "can be written by other users (chmod go-w)"
        : null;
  if (problem !== null) throw new SpacedriveError("PATH_DENIED", `"${path}" ${problem}.`);
}
