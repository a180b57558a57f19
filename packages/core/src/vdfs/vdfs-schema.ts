import type { Migration } from "@spacedrive/jobs";

/** The tables of a library's index. A released step never changes: add one. */
export const VDFS_MIGRATIONS: readonly Migration[] = [
  {
    name: "create locations, entries and sidecars",
    sql: `
      CREATE TABLE locations (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        path TEXT NOT NULL UNIQUE,
        ignore TEXT NOT NULL,
        added_by TEXT,
        generation INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL,
        indexed_at INTEGER,
        index_job_id TEXT
      ) STRICT;
      CREATE TABLE entries (
        id TEXT PRIMARY KEY,
        location_id TEXT REFERENCES locations (id),
        path TEXT NOT NULL,
        name TEXT NOT NULL,
        entry_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        modified_at INTEGER NOT NULL,
        metadata TEXT NOT NULL DEFAULT '{}',
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        -- The last generation of its location's index that found it.
        seen INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      -- Entries of no location may share a path: to SQLite each NULL is another.
      CREATE UNIQUE INDEX entries_by_path ON entries (location_id, path);
      CREATE TABLE sidecars (
        entry_id TEXT NOT NULL REFERENCES entries (id),
        filename TEXT NOT NULL,
        file TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        PRIMARY KEY (entry_id, filename)
      ) STRICT, WITHOUT ROWID;
      -- Files that no sidecar needs any more, and that are still to be deleted.
      CREATE TABLE sidecar_garbage (file TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
    `,
  },
];
