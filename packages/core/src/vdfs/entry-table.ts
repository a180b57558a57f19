import {
  type EntryId,
  parseJson,
  SpacedriveError,
  type SqlRow,
  type SqlValue,
  type Transaction,
} from "@spacedrive/wire";
import type { z } from "zod";
import type { entrySchema } from "./definitions.js";
import { isPlainObject, type JsonObject } from "./json-object.js";
import { integerOf, type Reader, type Selection, textOf, textOrNull } from "./row.js";

export type Entry = z.output<typeof entrySchema>;

export interface EntryFilter {
  /** Null: of no location; undefined: of any or none. */
  readonly locationId: string | null | undefined;
  readonly entryType: string | undefined;
  readonly under: string | undefined;
  readonly after: string | undefined;
  readonly afterId: string | undefined;
  readonly limit: number;
}

/** @throws SpacedriveError `NOT_FOUND`. */
export function requireEntry(reader: Reader, id: string): Entry {
  const row = reader.get("SELECT * FROM entries WHERE id = ?", id);
  if (row === undefined) {
    throw new SpacedriveError("NOT_FOUND", `This library has no entry ${id}. It may have gone from its location.`);
  }
  return entryOf(row);
}

export function insertEntry(tx: Transaction, entry: Entry, metadata: string): void {
  tx.run(
    `INSERT INTO entries (id, location_id, path, name, entry_type, size, modified_at, metadata, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    entry.id,
    entry.location_id,
    entry.path,
    entry.name,
    entry.entry_type,
    entry.size,
    entry.modified_at,
    metadata,
    entry.created_at,
    entry.updated_at,
  );
}

export function setMetadata(tx: Transaction, id: EntryId, metadata: string, now: number): void {
  tx.run("UPDATE entries SET metadata = ?, updated_at = ? WHERE id = ?", metadata, now, id);
}

/** Ordered by path, then by id; its rows are for {@link entryOf}. */
export function entriesSelection(filter: EntryFilter): Selection {
  const conditions: string[] = [];
  const params: SqlValue[] = [];
  const where = (condition: string, ...values: SqlValue[]): void => {
    conditions.push(condition);
    params.push(...values);
  };
  if (filter.locationId === null) where("location_id IS NULL");
  else if (filter.locationId !== undefined) where("location_id = ?", filter.locationId);
  if (filter.entryType !== undefined) where("entry_type = ?", filter.entryType);
  const under = filter.under?.replace(/\/+$/, "") ?? "";
  if (under !== "") where(BELOW, ...below(under));
  if (filter.after !== undefined && filter.afterId !== undefined)
    where("(path, id) > (?, ?)", filter.after, filter.afterId);
  else if (filter.after !== undefined) where("path > ?", filter.after);
  const which = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  return { sql: `SELECT * FROM entries ${which} ORDER BY path, id LIMIT ?`, params: [...params, filter.limit] };
}

/** What lies below a path, as two bounds, so that the index can find it: `0` is the character after `/`. */
export const BELOW = "path > ? AND path < ?";

export function below(path: string): [string, string] {
  return [`${path}/`, `${path}0`];
}

export function entryOf(row: SqlRow): Entry {
  const id = textOf(row, "id");
  return {
    id,
    location_id: textOrNull(row, "location_id"),
    path: textOf(row, "path"),
    name: textOf(row, "name"),
    entry_type: textOf(row, "entry_type"),
    size: integerOf(row, "size"),
    modified_at: integerOf(row, "modified_at"),
    metadata: metadataOf(textOf(row, "metadata"), id),
    created_at: integerOf(row, "created_at"),
    updated_at: integerOf(row, "updated_at"),
  };
}

function metadataOf(text: string, id: string): JsonObject {
  // Most entries have none, and a list may have tens of thousands.
  if (text === "{}") return {};
  const metadata = parseJson(text, `the metadata of entry ${id}`, "STORE_CORRUPT");
  if (isPlainObject(metadata)) return metadata;
  throw new SpacedriveError("STORE_CORRUPT", `The metadata of entry ${id} is no JSON object. Restore the library.`);
}
