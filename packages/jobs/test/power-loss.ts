import { execFileSync } from "node:child_process";
import { mkdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import type { StoreFaults, StoreStep } from "../src/index.js";

/**
 * What a loss of power would leave of a database: kept after each sync and each checkpoint, when the files are known to be
 * on the disk as they are. What was written since is lost.
 */
export class PowerLoss implements StoreFaults {
  readonly #folder: string;
  #database: string | null = null;
  #copies = 0;
  #walBytes = 0;

  /** @param folder where the copies go. */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  after({ operation, path }: StoreStep): void {
    if (operation === "checkpoint" || this.#database === null) this.#database = this.#copy(path, "database");
    // Frames are only ever appended to what is synced; a WAL that begins anew is shorter, and is copied whole.
    if (operation === "sync") this.#walBytes = statSync(`${path}-wal`).size;
  }

  /** A database as it would be found, with `tear` bytes of its WAL missing besides. */
  crash(path: string): string {
    const copy = this.#database ?? this.#copy(path, "database");
    const found = join(this.#folder, `found-${this.#copies++}.db`);
    copyFile(copy, found);
    copyFile(`${path}-wal`, `${found}-wal`);
    truncateSync(`${found}-wal`, this.#walBytes);
    return found;
  }

  #copy(path: string, name: string): string {
    const to = join(this.#folder, `${name}-${this.#copies++}`);
    copyFile(path, to);
    return to;
  }
}

/** By another process: closing a file of this one would drop the locks that SQLite has on it. */
function copyFile(from: string, to: string): void {
  execFileSync("cp", [from, to]);
}
