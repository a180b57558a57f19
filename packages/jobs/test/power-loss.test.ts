import { DatabaseSync } from "node:sqlite";
import {
  createLibraryId,
  createWire,
  defineQuery,
  implement,
  type LibraryDirectory,
  localUser,
} from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineJob, getJobStatus, JobManager, jobOperations, SqliteDatabase, SqliteJobStore } from "../src/index.js";
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

const count = defineQuery({
  name: "test.count",
  scope: "library",
  input: z.object({}),
  output: z.object({ count: z.int() }),
});

test.each([1, 2])(
  "a loss of power takes nothing that anybody outside was told, by whatever way (seed %i)",
  async (seed) => {
    const random = seededRandom(seed);
    await using folder = await temporaryFolder();
    const path = folder.file("library.db");
    const power = new PowerLoss(folder.file("."), random);
    await using database = SqliteDatabase.open(path, { faults: power });
    const library = createLibraryId();
    const store = new SqliteJobStore(database, library);
    const libraries: LibraryDirectory = {
      has: (id) => id === library,
      transaction: (_id, work) => database.transaction(work),
      confirmed: () => database.confirmed(),
    };
    const counts = implement(count, {
      run: () => ({ count: database.read((tx) => Number(tx.get("SELECT sum(checkpoint) AS n FROM jobs")?.n)) }),
    });
    const wire = createWire([counts], { libraries });
    await using manager = new JobManager({ wire });
    for (const operation of jobOperations(manager)) wire.register(operation);
    let over = false;
    manager.register(
      defineJob({
        type: "test.counter",
        state: z.int(),
        async run(ctx, state) {
          while (!over) await ctx.checkpoint(++state);
        },
      }),
    );
    await manager.attach(library, store);
    power.begin(path);
    const jobs = await Promise.all([0, 0, 0].map((start) => manager.dispatch("test.counter", start, { library })));

    const foundIn = (sql: string): number => {
      const found = new DatabaseSync(power.strike(path));
      try {
        return Number(found.prepare(sql).get()?.["n"]);
      } finally {
        found.close();
      }
    };
    const ALL = "SELECT sum(checkpoint) AS n FROM jobs";
    const one = (id: string): string => `SELECT checkpoint AS n FROM jobs WHERE id = '${id}'`;
    const as = { caller: localUser, library };
    for (let rounds = 0; rounds < 12; rounds++) {
      // At whatever moment of a commit.
      for (let turns = Math.floor(random() * 4); turns > 0; turns--) await new Promise((next) => setImmediate(next));
      const job = jobs[rounds % jobs.length];
      if (job === undefined) continue;
      const told = await wire.call(count, {}, as);
      expect(foundIn(ALL)).toBeGreaterThanOrEqual(told.count);
      const status = await wire.call(getJobStatus, { job_id: job.id }, as);
      expect(foundIn(one(job.id))).toBeGreaterThanOrEqual(status.checkpoint);
      const record = await (await manager.get(job.id)).record();
      expect(foundIn(one(job.id))).toBeGreaterThanOrEqual(record.checkpoint);
      const [listed] = await manager.list({ library, idPrefix: job.id });
      expect(foundIn(one(job.id))).toBeGreaterThanOrEqual(listed?.checkpoint ?? Number.NaN);
      for await (const update of job.updates()) {
        expect(foundIn(one(job.id))).toBeGreaterThanOrEqual(update.checkpoint);
        break;
      }
    }
    over = true;
    await Promise.all(jobs.map((job) => job.done()));
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
