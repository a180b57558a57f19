import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { SqliteDatabase, type SqliteDatabaseOptions } from "@spacedrive/jobs";
import {
  type Clock,
  createLibraryId,
  isSpacedriveError,
  type LibraryId,
  parseLibraryId,
  SpacedriveError,
  type SqlRow,
  type Transaction,
  toSpacedriveError,
} from "@spacedrive/wire";
import type { Library } from "./library.js";

interface OpenLibraryOptions {
  readonly folder: string;
  readonly name: string;
  /** Makes the library where there is none; otherwise that is an error. */
  readonly create: boolean;
  readonly clock: Clock;
  readonly store: SqliteDatabaseOptions;
}

/** The file that makes a folder a library. */
export function libraryFile(folder: string): string {
  return join(folder, "library.db");
}

/**
 * Opens a library's folder, or makes it.
 *
 * @throws SpacedriveError `NOT_FOUND`, `STORE_CORRUPT`, `STORE_LOCKED`, `DISK_FULL` or `STORE_FAILED`, naming the library.
 */
export async function openLibrary(options: OpenLibraryOptions): Promise<Library> {
  const { folder, name, create } = options;
  const file = libraryFile(folder);
  let database: SqliteDatabase | null = null;
  try {
    if (!create && !existsSync(file)) throw new SpacedriveError("NOT_FOUND", `there is no ${file}.`);
    await mkdir(join(folder, "sidecars"), { recursive: true, mode: 0o700 });
    database = SqliteDatabase.open(file, options.store);
    const id = readIdentity(database, file) ?? (await createIdentity(database, file, options));
    return { id, name, folder, database };
  } catch (cause) {
    await database?.close();
    throw named(cause, name);
  }
}

/** Keeps the name inside the database equal to that of the folder, which its owner may have renamed. */
export async function recordName(library: Library): Promise<void> {
  const recorded = library.database.read((tx) => tx.get("SELECT name FROM library"))?.name;
  if (recorded === library.name) return;
  await library.database.transaction((tx) => tx.run("UPDATE library SET name = ?", library.name));
}

/** Null: a database without a single table of anybody's. */
function readIdentity(database: SqliteDatabase, file: string): LibraryId | null {
  const tables = database.read((tx) =>
    tx.all(
      "SELECT name FROM sqlite_schema WHERE name <> 'schema_migrations' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    ),
  );
  if (tables.length === 0) return null;
  const row = tables.some((table) => table.name === "library") ? database.read(selectIdentity) : undefined;
  if (row === undefined) throw notOurs(file);
  try {
    return parseLibraryId(row.id);
  } catch (cause) {
    throw notOurs(file, cause);
  }
}

function selectIdentity(tx: Pick<Transaction, "get">): SqlRow | undefined {
  return tx.get("SELECT id FROM library");
}

async function createIdentity(database: SqliteDatabase, file: string, options: OpenLibraryOptions): Promise<LibraryId> {
  // An empty file where a library is expected has lost its content; to fill it would hide that.
  if (!options.create) throw notOurs(file);
  const id = createLibraryId();
  await database.transaction((tx) => {
    tx.run("CREATE TABLE library (id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT");
    tx.run("INSERT INTO library VALUES (?, ?, ?)", id, options.name, options.clock.now());
  });
  return id;
}

function notOurs(file: string, cause?: unknown): SpacedriveError {
  return new SpacedriveError("STORE_CORRUPT", `${file} is not the database of a library. Restore it from a backup.`, {
    cause,
  });
}

function named(cause: unknown, name: string): SpacedriveError {
  const error = toSpacedriveError(cause, "STORE_FAILED", "its folder could not be used; the host's log has the cause.");
  const code = isSpacedriveError(cause) ? cause.code : "STORE_FAILED";
  return new SpacedriveError(code, `Library "${name}" could not be opened: ${error.message}`, {
    cause,
    details: { library_name: name },
    retryable: error.retryable,
  });
}
