import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { errnoOf } from "./contained-file.js";

/**
 * Makes a folder and those above it that are missing, one after the other. Node's recursive mkdir never comes back from
 * places where folders cannot be made but their absence looks curable, such as `/proc`.
 *
 * @throws the system's error of the step that failed.
 */
export function makeFolder(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" && !isThere(dirname(path))) {
      makeFolder(dirname(path), mode);
      makeFolder(path, mode);
    } else if (!isFolder(path)) throw error;
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Whatever mkdir says of a folder that is there (EEXIST, EROFS, EISDIR, EPERM): it need not be made. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
