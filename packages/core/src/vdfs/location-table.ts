import { parseJson, SpacedriveError, type SqlRow, toJson, type Transaction } from "@spacedrive/wire";
import { z } from "zod";
import type { locationSchema } from "./definitions.js";
import { integerOf, integerOrNull, type Reader, textOf, textOrNull } from "./row.js";

export type Location = z.output<typeof locationSchema>;

const ignoreSchema = z.array(z.string());

/** @throws SpacedriveError `NOT_FOUND`. */
export function requireLocation(reader: Reader, id: string): Location {
  const row = reader.get("SELECT * FROM locations WHERE id = ?", id);
  if (row === undefined) throw new SpacedriveError("NOT_FOUND", `This library has no location ${id}.`);
  return locationOf(row);
}

export function selectLocations(reader: Reader): Location[] {
  return reader.all("SELECT * FROM locations ORDER BY path").map(locationOf);
}

/** The same real path is the same location. What it is called and leaves out changes only for who may say so. */
export function putLocation(tx: Transaction, asked: Location): Location {
  const row = tx.get("SELECT * FROM locations WHERE path = ?", asked.path);
  if (row === undefined) {
    tx.run(
      "INSERT INTO locations (id, name, path, ignore, added_by, created_at) VALUES (?, ?, ?, ?, ?, ?)",
      asked.id,
      asked.name,
      asked.path,
      toJson(asked.ignore, "the ignored names"),
      asked.added_by,
      asked.created_at,
    );
    return asked;
  }
  const known = locationOf(row);
  if (asked.added_by !== null && asked.added_by !== known.added_by) return known;
  tx.run(
    "UPDATE locations SET name = ?, ignore = ?, added_by = ? WHERE id = ?",
    asked.name,
    toJson(asked.ignore, "the ignored names"),
    asked.added_by,
    known.id,
  );
  return { ...asked, id: known.id };
}

export function setIndexJob(tx: Transaction, id: string, jobId: string): void {
  tx.run("UPDATE locations SET index_job_id = ? WHERE id = ?", jobId, id);
}

/** Numbers the indexing that begins now; entries with an older number at its end are gone. */
export function raiseGeneration(tx: Transaction, id: string): number {
  const row = tx.get("UPDATE locations SET generation = generation + 1 WHERE id = ? RETURNING generation", id);
  if (row === undefined) throw new SpacedriveError("NOT_FOUND", `This library has no location ${id}.`);
  return integerOf(row, "generation");
}

export function setIndexed(tx: Transaction, id: string, now: number): void {
  tx.run("UPDATE locations SET indexed_at = ? WHERE id = ?", now, id);
}

function locationOf(row: SqlRow): Location {
  const id = textOf(row, "id");
  const ignore = ignoreSchema.safeParse(parseJson(textOf(row, "ignore"), `location ${id}`, "STORE_CORRUPT"));
  return {
    id,
    name: textOf(row, "name"),
    path: textOf(row, "path"),
    ignore: ignore.data ?? [],
    added_by: textOrNull(row, "added_by"),
    created_at: integerOf(row, "created_at"),
    indexed_at: integerOrNull(row, "indexed_at"),
    index_job_id: textOrNull(row, "index_job_id"),
  };
}
