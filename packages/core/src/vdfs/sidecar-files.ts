import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { type StoreFaults, type StoreStep, systemFault } from "@spacedrive/jobs";
import { SpacedriveError, toSpacedriveError } from "@spacedrive/wire";
import { errnoOf } from "../paths/contained-file.js";

const FILE_KEY = /^[0-9a-f]{2}\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The bytes of sidecars, each in a file of its own, written once under a name that nothing else ever has. So a file is
 * whole before a row can name it, and needs no rename; one that no row ever named is swept when the library opens.
 */
export class SidecarFiles {
  readonly #folder: string;
  readonly #faults: StoreFaults | null;

  /** @param folder The library's `sidecars/`. */
  constructor(folder: string, faults: StoreFaults | null = null) {
    this.#folder = folder;
    this.#faults = faults;
  }

  /**
   * Resolves once the bytes are on disk, with the key by which a row names them.
   *
   * @throws SpacedriveError `DISK_FULL`, `STORE_FAILED`.
   */
  async write(data: Uint8Array): Promise<string> {
    const id = randomUUID();
    const shard = id.slice(0, 2);
    const key = `${shard}/${id}`;
    const path = join(this.#folder, shard, id);
    const step = { operation: "write-file", path } as const;
    try {
      this.#refuseFaulty(step, "write");
      const made = await mkdir(join(this.#folder, shard), { recursive: true, mode: 0o700 });
      const file = await open(path, "wx", 0o600);
      try {
        await file.writeFile(data);
        await file.sync();
      } finally {
        await file.close();
      }
      // The bytes are safe; so must be the names that lead to them.
      await syncFolder(join(this.#folder, shard));
      if (made !== undefined) await syncFolder(this.#folder);
      this.#faults?.after?.(step);
      return key;
    } catch (thrown) {
      await this.remove(key).catch(() => {});
      throw writeError(thrown);
    }
  }

  /** The bytes, or null where the file is not there. @throws SpacedriveError `STORE_CORRUPT`, `STORE_FAILED`. */
  async read(key: string): Promise<Buffer | null> {
    const path = this.#pathOf(key);
    try {
      const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
      try {
        return await file.readFile();
      } finally {
        await file.close();
      }
    } catch (thrown) {
      if (errnoOf(thrown) === "ENOENT") return null;
      throw toSpacedriveError(
        thrown,
        "STORE_FAILED",
        `A sidecar's file could not be read (${errnoOf(thrown) ?? "unknown"}).`,
      );
    }
  }

  /** Harmless where the file is not there. */
  async remove(key: string): Promise<void> {
    const step = { operation: "remove-file", path: this.#pathOf(key) } as const;
    this.#refuseFaulty(step, "unlink");
    try {
      await unlink(step.path);
    } catch (thrown) {
      if (errnoOf(thrown) !== "ENOENT") throw thrown;
    }
    this.#faults?.after?.(step);
  }

  /** Deletes the files that no row names; answers how many. Nothing may be written meanwhile. */
  async sweep(named: ReadonlySet<string>): Promise<number> {
    let swept = 0;
    for (const shard of await readdir(this.#folder)) {
      if (!/^[0-9a-f]{2}$/.test(shard)) continue;
      for (const id of await readdir(join(this.#folder, shard))) {
        const key = `${shard}/${id}`;
        if (!FILE_KEY.test(key) || named.has(key)) continue;
        await this.remove(key);
        swept++;
      }
    }
    return swept;
  }

  /** @throws Error where the operation is to fail. */
  #refuseFaulty(step: StoreStep, syscall: string): void {
    const fault = this.#faults?.before?.(step) ?? null;
    if (fault !== null) throw systemFault(fault, syscall);
  }

  /** A key comes from the database, which somebody may have given us: it must not lead elsewhere. */
  #pathOf(key: string): string {
    if (FILE_KEY.test(key)) return join(this.#folder, key);
    throw new SpacedriveError(
      "STORE_CORRUPT",
      "A sidecar's row names no file of this library. Restore it from a backup.",
    );
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no such thing, and writes names with their files.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function writeError(thrown: unknown): SpacedriveError {
  const errno = errnoOf(thrown);
  if (errno === "ENOSPC" || errno === "EDQUOT") {
    return new SpacedriveError("DISK_FULL", "There is no room left for the sidecar. Free some, then try again.", {
      cause: thrown,
    });
  }
  return toSpacedriveError(thrown, "STORE_FAILED", `The sidecar could not be written (${errno ?? "unknown"}).`);
}
