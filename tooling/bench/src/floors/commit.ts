import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A bare SQLite database, WAL and synchronous FULL: what `commit` writes is durable when it returns. */
export interface BareDatabase extends AsyncDisposable {
  /** So many rows of 1 KB, which are the same ones each time. */
  commit(rows?: number): void;
}

export async function openBareDatabase(): Promise<BareDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "spacedrive-bench-"));
  const database = new DatabaseSync(join(folder, "bare.db"));
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE state (id INTEGER PRIMARY KEY, data TEXT)",
  );
  const write = database.prepare("INSERT INTO state VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data");
  const begin = database.prepare("BEGIN IMMEDIATE");
  const end = database.prepare("COMMIT");
  let written = 0;
  // SQLite writes nothing, and syncs nothing, for a row that stays as it is: each state differs from the last.
  const put = (row: number): void => void write.run(row, JSON.stringify({ data: String(++written).padEnd(1013, "a") }));
  return {
    commit(rows = 1) {
      if (rows === 1) return put(1);
      begin.run();
      for (let row = 1; row <= rows; row++) put(row);
      end.run();
    },
    async [Symbol.asyncDispose]() {
      database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * What so many jobs write in so many steps, eight jobs in a commit, as many as run at once: in a bare database, in
 * milliseconds.
 */
export function commitsOfEight(database: BareDatabase, jobs: number, steps: number): number {
  const from = performance.now();
  for (let step = 0; step < steps; step++) {
    for (let left = jobs; left > 0; left -= 8) database.commit(Math.min(left, 8));
  }
  return performance.now() - from;
}
