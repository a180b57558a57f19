import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StoreFaults, StoreStep } from "../src/index.js";

const PAGE = 4096;
const WAL_HEADER = 32;

/**
 * What a loss of power may leave of a database. It keeps the files as they were when they were last known to be on the
 * disk: the WAL after each sync, the database after each checkpoint. Of what was written since, the disk may have got any
 * part: page by page, a found file has either the old content or the new.
 */
export class PowerLoss implements StoreFaults {
  readonly #folder: string;
  readonly #random: () => number;
  #database: Buffer = Buffer.alloc(0);
  #wal: Buffer = Buffer.alloc(0);
  /** Which of its lives the WAL was in when the database was kept. */
  #life: Buffer = Buffer.alloc(0);
  #found = 0;

  constructor(folder: string, random: () => number) {
    this.#folder = folder;
    this.#random = random;
  }

  after({ operation, path }: StoreStep): void {
    if (operation === "checkpoint") this.#keepDatabase(path);
    // Nothing is written between the beginning and the end of a sync: the file is what was synced.
    if (operation === "sync") this.#wal = readFileSync(`${path}-wal`);
  }

  /** The files as they are, all on the disk: call it when the database has been opened. */
  begin(path: string): void {
    this.after({ operation: "checkpoint", path });
    this.after({ operation: "sync", path });
  }

  /** Answers the path of the database as it would be found if the power went now. */
  strike(path: string): string {
    const wal = readFileSync(`${path}-wal`);
    // It begins anew only once a checkpoint has synced the database, of which nobody may have been told yet.
    if (this.#life.compare(lifeOf(wal)) !== 0) this.#keepDatabase(path);
    const found = join(this.#folder, `found-${++this.#found}.db`);
    const left = this.#mixed(this.#wal, wal);
    // SQLite syncs a new header before it writes a frame below it.
    wal.copy(left, 0, 0, Math.min(WAL_HEADER, left.length));
    writeFileSync(`${found}-wal`, left);
    writeFileSync(found, this.#mixed(this.#database, readByOther(path)));
    return found;
  }

  #keepDatabase(path: string): void {
    this.#life = lifeOf(readFileSync(`${path}-wal`));
    this.#database = readByOther(path);
  }

  #mixed(old: Buffer, now: Buffer): Buffer {
    const longer = old.length < now.length && this.#random() < 0.5 ? now : old;
    const mixed = Buffer.from(longer);
    for (let at = 0; at < mixed.length; at += PAGE) {
      const from = this.#random() < 0.5 ? now : old;
      if (at < from.length) from.copy(mixed, at, at, Math.min(at + PAGE, from.length));
    }
    return mixed;
  }
}

/** The salts of a WAL, which change whenever it begins anew. */
function lifeOf(wal: Buffer): Buffer {
  return wal.subarray(16, 24);
}

/** Closing the file in this process would drop the locks that SQLite has on it. */
function readByOther(path: string): Buffer {
  return execFileSync("cat", [path], { maxBuffer: 64 * 1024 * 1024 });
}
