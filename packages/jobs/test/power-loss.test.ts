import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { SqliteDatabase } from "../src/index.js";
import { PowerLoss } from "./power-loss.js";
import { temporaryFolder } from "./temporary-folder.js";

const WRITERS = 4;
const STRIKES = 40;

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

test.each([1, 2, 3])(
  "a loss of power takes nothing that was confirmed, whatever else the disk got (seed %i)",
  async (seed) => {
    const random = seededRandom(seed);
    await using folder = await temporaryFolder();
    const path = folder.file("library.db");
    const power = new PowerLoss(folder.file("."), random);
    // A small limit: many strikes fall between the steps of a checkpoint.
    await using database = SqliteDatabase.open(path, { faults: power, walLimitBytes: 64 * 1024 });
    database.migrate("counts", [
      { name: "create counts", sql: "CREATE TABLE counts (writer INTEGER PRIMARY KEY, count INTEGER, filling BLOB)" },
      {
        name: "create log",
        sql: "CREATE TABLE log (writer INTEGER, count INTEGER, PRIMARY KEY (writer, count)) WITHOUT ROWID",
      },
    ]);
    power.begin(path);

    const confirmed = Array.from({ length: WRITERS }, () => 0);
    let strikes = 0;
    const write = async (writer: number): Promise<void> => {
      for (let count = 1; strikes < STRIKES; count++) {
        const filling = Math.floor(random() * 6_000);
        await database.transaction((tx) => {
          tx.run("INSERT OR REPLACE INTO counts VALUES (?, ?, zeroblob(?))", writer, count, filling);
          tx.run("INSERT INTO log VALUES (?, ?)", writer, count);
        });
        confirmed[writer] = count;
        if (random() < 0.1) {
          strikes++;
          check(power.strike(path), confirmed);
        }
      }
    };
    await Promise.all(confirmed.map((_, writer) => write(writer)));
  },
);

function check(path: string, confirmed: readonly number[]): void {
  const found = new DatabaseSync(path);
  try {
    expect(found.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    for (const [writer, count] of confirmed.entries()) {
      const row = found.prepare("SELECT count FROM counts WHERE writer = ?").get(writer);
      const log = found.prepare("SELECT count(*) AS n, max(count) AS last FROM log WHERE writer = ?").get(writer);
      const last = Number(row?.["count"] ?? 0);
      expect(last).toBeGreaterThanOrEqual(count);
      // Both of a transaction, or neither.
      expect(log).toEqual({ n: last, last: last === 0 ? null : last });
    }
  } finally {
    found.close();
  }
}
