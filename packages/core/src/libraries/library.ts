import type { SqliteDatabase } from "@spacedrive/jobs";
import type { LibraryId } from "@spacedrive/wire";

/** An open library: a folder with `library.db` and `sidecars/`. */
export interface Library {
  readonly id: LibraryId;
  readonly name: string;
  /** The folder's absolute path. */
  readonly folder: string;
  /** Its index and its jobs, in one file, so that one transaction can cover both. */
  readonly database: SqliteDatabase;
}

/** A folder that looks like a library and could not be opened. */
export interface UnopenedLibrary {
  readonly name: string;
  readonly folder: string;
  readonly error: Error;
}
