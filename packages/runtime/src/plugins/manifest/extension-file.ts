import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import path from "node:path";
import { SpacedriveError } from "@spacedrive/wire";

/** What to read, and what to call the faults. */
export interface ExtensionFile {
  /** The extension's folder. */
  readonly folder: string;
  /** Relative, checked by the manifest's schema. */
  readonly file: string;
  readonly maxBytes: number;
  readonly missing: (cause: unknown) => SpacedriveError;
  readonly tooLarge: (bytes: number) => SpacedriveError;
}

/**
 * Reads a file of an extension that lies, symlinks resolved, inside the extension's folder. The folder itself may be a
 * symlink: that is the integrator's own choice.
 *
 * @throws SpacedriveError `PATH_DENIED` where it leads out of the folder or is no ordinary file, and what `missing` and
 * `tooLarge` make.
 */
export async function readExtensionFile(options: ExtensionFile): Promise<Buffer> {
  const { folder, file, maxBytes } = options;
  const denied = (reason: string): SpacedriveError =>
    new SpacedriveError(
      "PATH_DENIED",
      `${JSON.stringify(file)} ${reason}; an extension's files stay in its folder, ${folder}.`,
    );

  let root: string;
  let target: string;
  try {
    root = await realpath(folder);
    target = await realpath(path.join(root, file));
  } catch (cause) {
    throw options.missing(cause);
  }
  const relative = path.relative(root, target);
  if (relative === "" || relative.split(path.sep)[0] === ".." || path.isAbsolute(relative))
    throw denied("leads out of its folder");

  let handle: FileHandle;
  try {
    // Non-blocking, so that a named pipe cannot hold the host; no link, since `target` has none left.
    handle = await open(target, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
  } catch (cause) {
    throw options.missing(cause);
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw denied("is not an ordinary file");
    if (stat.size > maxBytes) throw options.tooLarge(stat.size);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
