import { createEntryId, type Transaction } from "@spacedrive/wire";
import { BELOW, below } from "./entry-table.js";
import { integerOf, textOf } from "./row.js";
import type { WalkedEntry } from "./walk-folder.js";

/** One run of the indexer over one location: what it finds gets its generation, what is left with an older one is gone. */
export interface IndexRun {
  readonly locationId: string;
  readonly generation: number;
}

/** Adds what is new and updates what has changed; an entry that is known keeps its id and metadata. */
export function putWalked(tx: Transaction, run: IndexRun, entries: readonly WalkedEntry[], now: number): void {
  for (const { path, name, entryType, size, modifiedAt } of entries) {
    // `max`: an older run may still be under way beside this one.
    tx.run(
      `INSERT INTO entries (id, location_id, path, name, entry_type, size, modified_at, created_at, updated_at, seen)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (location_id, path) DO UPDATE SET
         updated_at = CASE
           WHEN entry_type = excluded.entry_type AND size = excluded.size AND modified_at = excluded.modified_at
           THEN updated_at ELSE excluded.updated_at END,
         entry_type = excluded.entry_type, size = excluded.size, modified_at = excluded.modified_at,
         seen = max(seen, excluded.seen)`,
      createEntryId(),
      run.locationId,
      path,
      name,
      entryType,
      size,
      modifiedAt,
      now,
      now,
      run.generation,
    );
  }
}

/** What cannot be looked at is not gone: it and all below it stay as they are. */
export function keepUnreadable(tx: Transaction, run: IndexRun, path: string): void {
  const { generation, locationId } = run;
  tx.run("UPDATE entries SET seen = max(seen, ?) WHERE location_id = ? AND path = ?", generation, locationId, path);
  tx.run(
    `UPDATE entries SET seen = max(seen, ?) WHERE location_id = ? AND ${BELOW}`,
    generation,
    locationId,
    ...below(path),
  );
}

/** How many entries one transaction of the sweep looks at: it must not hold the thread. */
const SWEEP_BATCH = 500;

/** Deletes, of the next entries by path, those that this run has not found. `after`: where to go on; null: at the end. */
export function sweepUnseen(
  tx: Transaction,
  run: IndexRun,
  after: string,
): { readonly after: string | null; readonly removed: number } {
  const rows = tx.all(
    "SELECT id, path, seen FROM entries WHERE location_id = ? AND path > ? ORDER BY path LIMIT ?",
    run.locationId,
    after,
    SWEEP_BATCH,
  );
  const unseen = rows.filter((row) => integerOf(row, "seen") < run.generation);
  for (const row of unseen) {
    const id = textOf(row, "id");
    tx.run("INSERT INTO sidecar_garbage SELECT file FROM sidecars WHERE entry_id = ?", id);
    tx.run("DELETE FROM sidecars WHERE entry_id = ?", id);
    tx.run("DELETE FROM entries WHERE id = ?", id);
  }
  const last = rows.at(-1);
  return {
    after: rows.length < SWEEP_BATCH || last === undefined ? null : textOf(last, "path"),
    removed: unseen.length,
  };
}
