import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A bare SQLite database, WAL and synchronous FULL: each call of `commit` writes 1 KB and is durable when it returns. */
export interface BareDatabase extends AsyncDisposable {
  commit(): void;
}

export async function openBareDatabase(): Promise<BareDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "spacedrive-bench-"));
  const database = new DatabaseSync(join(folder, "bare.db"));
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE state (id INTEGER PRIMARY KEY, data TEXT)",
  );
  const write = database.prepare("INSERT INTO state VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data");
  let commits = 0;
  return {
    // SQLite writes nothing, and syncs nothing, for a row that stays as it is: each state differs from the last.
    commit: () => void write.run(JSON.stringify({ data: String(++commits).padEnd(1013, "a") })),
    async [Symbol.asyncDispose]() {
      database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
