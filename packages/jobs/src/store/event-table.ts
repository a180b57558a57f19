import type { JobId, LibraryId, Transaction } from "@spacedrive/wire";
import { parseJobId } from "@spacedrive/wire";
import { extensionOfEvent, type LibraryEvent, tooManyEvents } from "../library-event.js";
import type { NewEvent } from "./job-store.js";

type Reader = Pick<Transaction, "get" | "all">;

/*
 * The statements of a SqliteJobStore about events.
 */

const OF_NAME = "library = ? AND owner = ? AND name = ?";
const PUT = `INSERT INTO job_events (library, owner, name, number, payload, at) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (library, owner, name) DO UPDATE SET number = excluded.number, payload = excluded.payload, at = excluded.at`;

/** 0: there was none. */
export function selectEventNumber(reader: Reader, library: LibraryId, name: string): number {
  return Number(
    reader.get(`SELECT number FROM job_events WHERE ${OF_NAME}`, library, ownerOf(name), name)?.number ?? 0,
  );
}

export function selectEvent(reader: Reader, library: LibraryId, name: string): LibraryEvent | null {
  const row = reader.get(`SELECT number, payload, at FROM job_events WHERE ${OF_NAME}`, library, ownerOf(name), name);
  if (row === undefined) return null;
  const payload = row.payload === null ? null : String(row.payload);
  return { name, number: Number(row.number), payload, at: Number(row.at) };
}

/** Answers its number. @throws SpacedriveError `EVENTS_FULL`. */
export function putEvent(tx: Transaction, library: LibraryId, { name, payload, at, maxNames }: NewEvent): number {
  const owner = ownerOf(name);
  const last = selectEventNumber(tx, library, name);
  if (last === 0) {
    const row = tx.get("SELECT count(*) AS names FROM job_events WHERE library = ? AND owner = ?", library, owner);
    if (Number(row?.names) >= maxNames) throw tooManyEvents(name, maxNames);
  }
  tx.run(PUT, library, owner, name, last + 1, payload, at);
  return last + 1;
}

/** The suspended jobs that wait for an event of this name, whatever its number. */
export function selectWaiters(reader: Reader, library: LibraryId, name: string): JobId[] {
  const rows = reader.all("SELECT id FROM jobs WHERE library = ? AND wake_event = ?", library, name);
  return rows.map((row) => parseJobId(row.id));
}

function ownerOf(name: string): string {
  return extensionOfEvent(name) ?? "";
}
