import type { Migration } from "../database/migration.js";

/** The tables of jobs. Append only: each entry is a version that somebody's disk may have. */
export const JOB_MIGRATIONS: readonly Migration[] = [
  {
    name: "create jobs",
    sql: `
      CREATE TABLE jobs (
        sequence INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        library TEXT NOT NULL,
        type TEXT NOT NULL,
        status TEXT NOT NULL,
        priority INTEGER NOT NULL,
        parent TEXT,
        resumable INTEGER NOT NULL,
        extension_version TEXT,
        attempt INTEGER NOT NULL,
        attempts_since_progress INTEGER NOT NULL,
        checkpoint INTEGER NOT NULL,
        progress REAL NOT NULL,
        message TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        items INTEGER NOT NULL,
        checkpointed TEXT,
        error_code TEXT,
        error_message TEXT,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        started_at INTEGER,
        ended_at INTEGER,
        result TEXT,
        state TEXT
      ) STRICT;
      CREATE INDEX jobs_by_status ON jobs (library, status, sequence);
      CREATE INDEX jobs_by_type ON jobs (library, type, sequence);
      CREATE INDEX jobs_by_parent ON jobs (parent, sequence) WHERE parent IS NOT NULL;
      CREATE TABLE job_warnings (
        job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (job_id, position)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: "count the recorded calls that a job's state covers",
    sql: "ALTER TABLE jobs ADD COLUMN consumed INTEGER NOT NULL DEFAULT 0",
  },
  {
    name: "let jobs wait: for a time, for their children, for their next attempt",
    sql: `
      ALTER TABLE jobs ADD COLUMN not_before INTEGER;
      ALTER TABLE jobs ADD COLUMN deadline_ms INTEGER;
      ALTER TABLE jobs ADD COLUMN deadline INTEGER;
      ALTER TABLE jobs ADD COLUMN wake TEXT;
      ALTER TABLE jobs ADD COLUMN wake_checkpoint INTEGER;
      -- What follows from the columns above while the job waits, and is NULL while it does not: for the indexes.
      ALTER TABLE jobs ADD COLUMN wake_at INTEGER;
      ALTER TABLE jobs ADD COLUMN due_at INTEGER;
      ALTER TABLE jobs ADD COLUMN wake_child TEXT;
      CREATE INDEX jobs_ready ON jobs (library, type, priority DESC, updated_at, sequence)
        WHERE status = 'queued' AND not_before IS NULL;
      CREATE INDEX jobs_by_wake_at ON jobs (library, wake_at) WHERE wake_at IS NOT NULL;
      CREATE INDEX jobs_by_due_at ON jobs (library, due_at) WHERE due_at IS NOT NULL;
      CREATE INDEX jobs_by_deadline ON jobs (library, deadline) WHERE deadline IS NOT NULL AND ended_at IS NULL;
      CREATE INDEX jobs_live_children ON jobs (parent) WHERE parent IS NOT NULL AND ended_at IS NULL;
      CREATE INDEX jobs_child_statuses ON jobs (parent, status) WHERE parent IS NOT NULL;
    `,
  },
  {
    name: "keep what jobs did",
    sql: `
      CREATE TABLE job_history (
        job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        entry TEXT NOT NULL,
        PRIMARY KEY (job_id, number)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: "let jobs wait for events, and keep orders to those that run",
    sql: `
      CREATE TABLE job_events (
        library TEXT NOT NULL,
        -- The extension whose event it is, or '' for the host.
        owner TEXT NOT NULL,
        name TEXT NOT NULL,
        number INTEGER NOT NULL,
        payload TEXT,
        at INTEGER NOT NULL,
        UNIQUE (library, owner, name)
      ) STRICT;
      -- As wake_at: set while the job waits.
      ALTER TABLE jobs ADD COLUMN wake_event TEXT;
      ALTER TABLE jobs ADD COLUMN ordered TEXT;
      CREATE INDEX jobs_by_wake_event ON jobs (library, wake_event) WHERE wake_event IS NOT NULL;
    `,
  },
  {
    name: "tell children that outlive a cancelled parent",
    sql: "ALTER TABLE jobs ADD COLUMN outlives_parent INTEGER NOT NULL DEFAULT 0",
  },
  {
    name: "remember when waits began",
    sql: `
      ALTER TABLE jobs ADD COLUMN wait_began INTEGER;
      UPDATE jobs SET wait_began = updated_at WHERE due_at IS NOT NULL OR deadline IS NOT NULL;
      CREATE INDEX jobs_by_wait_began ON jobs (library, wait_began) WHERE wait_began IS NOT NULL AND ended_at IS NULL;
    `,
  },
];
