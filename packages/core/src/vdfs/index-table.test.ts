import { join } from "node:path";
import { SqliteDatabase } from "@spacedrive/jobs";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../../test/temp-folder.js";
import { keepUnreadable, putWalked, sweepUnseen } from "./index-table.js";
import { VDFS_MIGRATIONS } from "./vdfs-schema.js";
import type { WalkedEntry } from "./walk-folder.js";

interface TestIndex extends AsyncDisposable {
  readonly database: SqliteDatabase;
  put(generation: number, paths: readonly string[]): Promise<void>;
  keep(generation: number, path: string): Promise<void>;
  /** Sweeps to the end; answers how many went. */
  sweep(generation: number): Promise<number>;
  paths(): string[];
}

function openIndex(folder: string): TestIndex {
  const database = SqliteDatabase.open(join(folder, "library.db"));
  database.migrate("vdfs", VDFS_MIGRATIONS);
  const runOf = (generation: number) => ({ locationId: "L", generation });
  return {
    database,
    async put(generation, paths) {
      await database.transaction((tx) => {
        tx.run("INSERT OR IGNORE INTO locations (id, name, path, ignore, created_at) VALUES ('L', 'L', '/L', '[]', 0)");
        putWalked(tx, runOf(generation), paths.map(walked), 0);
      });
    },
    keep: (generation, path) => database.transaction((tx) => keepUnreadable(tx, runOf(generation), path)),
    async sweep(generation) {
      let removed = 0;
      for (let after: string | null = ""; after !== null; ) {
        const from: string = after;
        const step = await database.transaction((tx) => sweepUnseen(tx, runOf(generation), from));
        removed += step.removed;
        after = step.after;
      }
      return removed;
    },
    paths: () => database.read((tx) => tx.all("SELECT path FROM entries ORDER BY path").map((row) => String(row.path))),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

function walked(path: string): WalkedEntry {
  return { path, name: path.split("/").at(-1) ?? "", entryType: "file", size: 1, modifiedAt: 1 };
}

describe("the index", () => {
  it("drops what a run has not found", async () => {
    await using dir = await tempFolder();
    await using index = openIndex(dir.path);
    await index.put(1, ["a", "b", "c"]);
    await index.put(2, ["a", "c"]);
    expect(await index.sweep(2)).toBe(1);
    expect(index.paths()).toEqual(["a", "c"]);
  });

  it("keeps a folder that could not be read with all below it, and nothing beside it", async () => {
    await using dir = await tempFolder();
    await using index = openIndex(dir.path);
    await index.put(1, ["closed", "closed/a", "closed/b/c", "closed.txt", "closed0", "other"]);
    await index.keep(2, "closed");
    await index.sweep(2);
    expect(index.paths()).toEqual(["closed", "closed/a", "closed/b/c"]);
  });

  it("keeps what a newer run beside this one has found", async () => {
    await using dir = await tempFolder();
    await using index = openIndex(dir.path);
    await index.put(2, ["new", "both"]);
    await index.put(1, ["both"]);
    expect(await index.sweep(1)).toBe(0);
    expect(await index.sweep(2)).toBe(0);
    expect(index.paths()).toEqual(["both", "new"]);
  });

  it("sweeps more than one batch to the end", async () => {
    await using dir = await tempFolder();
    await using index = openIndex(dir.path);
    await index.put(
      1,
      Array.from({ length: 4500 }, (_, i) => `f${i}`),
    );
    await index.put(2, ["f7"]);
    expect(await index.sweep(2)).toBe(4499);
    expect(index.paths()).toEqual(["f7"]);
  });
});
