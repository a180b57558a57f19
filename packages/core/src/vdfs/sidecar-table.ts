import { SpacedriveError, type SqlRow, type Transaction } from "@spacedrive/wire";
import type { z } from "zod";
import type { sidecarSchema } from "./definitions.js";
import { integerOf, type Reader, type Selection, textOf } from "./row.js";

/** A sidecar and the file, below the library's `sidecars/`, that has its bytes. */
export type Sidecar = z.output<typeof sidecarSchema> & { readonly file: string };

/** @throws SpacedriveError `NOT_FOUND`, naming what the entry has. */
export function requireSidecar(reader: Reader, entryId: string, filename: string): Sidecar {
  const row = reader.get("SELECT * FROM sidecars WHERE entry_id = ? AND filename = ?", entryId, filename);
  if (row !== undefined) return sidecarOf(row);
  const names = selectSidecars(reader, entryId).map((sidecar) => JSON.stringify(sidecar.filename));
  const hint = names.length === 0 ? "It has none." : `It has ${names.slice(0, 5).join(", ")}.`;
  throw new SpacedriveError("NOT_FOUND", `Entry ${entryId} has no sidecar ${JSON.stringify(filename)}. ${hint}`);
}

export function selectSidecars(reader: Reader, entryId: string): Sidecar[] {
  return reader.all("SELECT * FROM sidecars WHERE entry_id = ? ORDER BY filename", entryId).map(sidecarOf);
}

export interface NewSidecar {
  readonly entryId: string;
  readonly filename: string;
  readonly file: string;
  readonly size: number;
  readonly now: number;
}

/** Puts a sidecar in the place of the one with its name, whose file becomes garbage. */
export function putSidecar(tx: Transaction, sidecar: NewSidecar): void {
  const { entryId, filename, file, size, now } = sidecar;
  tx.run(
    "INSERT INTO sidecar_garbage SELECT file FROM sidecars WHERE entry_id = ? AND filename = ?",
    entryId,
    filename,
  );
  tx.run(
    `INSERT INTO sidecars VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (entry_id, filename)
     DO UPDATE SET file = excluded.file, size = excluded.size, updated_at = excluded.updated_at`,
    entryId,
    filename,
    file,
    size,
    now,
    now,
  );
}

/** The files that rows name, at most so many. */
export function sidecarFilesSelection(most: number): Selection {
  return { sql: "SELECT file FROM sidecars LIMIT ?", params: [most] };
}

export function sidecarFileOf(row: SqlRow): string {
  return textOf(row, "file");
}

export function selectGarbage(reader: Reader, most: number): string[] {
  return reader.all("SELECT file FROM sidecar_garbage LIMIT ?", most).map((row) => textOf(row, "file"));
}

export function deleteGarbage(tx: Transaction, files: readonly string[]): void {
  for (const file of files) tx.run("DELETE FROM sidecar_garbage WHERE file = ?", file);
}

function sidecarOf(row: SqlRow): Sidecar {
  return {
    filename: textOf(row, "filename"),
    file: textOf(row, "file"),
    size: integerOf(row, "size"),
    created_at: integerOf(row, "created_at"),
    updated_at: integerOf(row, "updated_at"),
  };
}
