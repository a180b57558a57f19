import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLibraryId, type LibraryId } from "@spacedrive/wire";

export const EXTENSION = "fuzz";
export const JOB_TYPE = "fuzz:work";
export const CHILD_TYPE = "fuzz:child";

/** The files of a host, as some moment left them. Null: not there. */
export type Disk = Readonly<Record<DiskFile, Buffer | null>>;
export type DiskFile = (typeof DISK_FILES)[number];
export const DISK_FILES = ["library.db", "library.db-wal", "host.db", "host.db-wal"] as const;

/** What outlives a host: the disk, and the world outside. */
export interface World {
  readonly library: LibraryId;
  readonly recordKey: Uint8Array;
  /** What has reached the outside. */
  readonly sent: { readonly text: string; readonly key: string }[];
  /** Another number each time, and a higher one. */
  next(): number;
  /** Always the same for a seed and as many questions. */
  chance(of: number): boolean;
  random(): number;
}

export function createWorld(seed: number): World {
  const random = seededRandom(seed);
  let last = 0;
  return {
    library: createLibraryId(),
    recordKey: randomBytes(32),
    sent: [],
    next: () => ++last,
    chance: (of) => random() < of,
    random,
  };
}

/** A folder for the disks of one case. In memory where that can be: a process that dies loses nothing that it has written. */
export async function caseFolder(): Promise<AsyncDisposable & { readonly path: string; next(): string }> {
  const memory = "/dev/shm";
  const path = await mkdtemp(join(existsSync(memory) ? memory : tmpdir(), "exactly-once-"));
  let folders = 0;
  return {
    path,
    next() {
      const folder = join(path, `${++folders}`);
      mkdirSync(folder);
      return folder;
    },
    async [Symbol.asyncDispose]() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/**
 * The files as they are now. The databases' locks are lost by it, so the host that has them open is to do nothing more: this
 * is what its death leaves.
 */
export function readDisk(folder: string): Disk {
  const read = (name: DiskFile): Buffer | null => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path) : null;
  };
  return {
    "library.db": read("library.db"),
    "library.db-wal": read("library.db-wal"),
    "host.db": read("host.db"),
    "host.db-wal": read("host.db-wal"),
  };
}

export function writeDisk(folder: string, disk: Disk): void {
  for (const name of DISK_FILES) {
    const bytes = disk[name];
    if (bytes !== null) writeFileSync(join(folder, name), bytes);
  }
}

/** Always the same for a seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
