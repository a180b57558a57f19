import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { SpacedriveError } from "@spacedrive/wire";

/** A new empty folder that {@link removeFolder} takes away. */
export async function makeTemporaryFolder(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), "spacedrive-test-")));
}

export async function removeFolder(folder: string): Promise<void> {
  // A process that was just killed may still be letting go of its files.
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * Writes the files of a test, making the folders between.
 *
 * @throws SpacedriveError `PATH_DENIED` for a path that leads out of the folder.
 */
export async function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    if (relative(folder, file).split(sep)[0] === "..") {
      throw new SpacedriveError("PATH_DENIED", `"${path}" leads out of the test's folder.`);
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
