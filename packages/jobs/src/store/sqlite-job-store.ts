import { type JobId, type LibraryId, parseJobId, type SqlValue, type Transaction } from "@spacedrive/wire";
import type { SqliteDatabase } from "../database/sqlite-database.js";
import type { JobFilter, JobRecord } from "../job.js";
import { attemptNotRunning, jobExists, jobNotFound } from "../job-errors.js";
import type { JobSnapshot } from "../job-steps.js";
import { statusesOf } from "./job-filter.js";
import { JOB_MIGRATIONS } from "./job-migrations.js";
import { CHANGING_COLUMNS, changingValues, jobFromRow } from "./job-row.js";
import type { JobStore, QueuedJob } from "./job-store.js";

type Reader = Pick<Transaction, "get" | "all">;

const FIXED_COLUMNS = ["id", "library", "type", "priority", "parent", "created_at"];
const INSERT = `INSERT INTO jobs (${[...FIXED_COLUMNS, ...CHANGING_COLUMNS].join(", ")})
  VALUES (${[...FIXED_COLUMNS, ...CHANGING_COLUMNS].map(() => "?").join(", ")}) ON CONFLICT (id) DO NOTHING`;
const UPDATE = `UPDATE jobs SET ${CHANGING_COLUMNS.map((column) => `${column} = ?`).join(", ")} WHERE library = ? AND id = ?`;
const CHECKPOINT = `UPDATE jobs SET state = ?, checkpoint = checkpoint + 1, attempts_since_progress = 0,
  progress = ?, message = ?, bytes = ?, items = ?, updated_at = ?
  WHERE library = ? AND id = ? AND status = 'running' AND attempt = ?`;

/** The jobs of one library, in tables beside its other data. Makes and updates its own tables. */
export class SqliteJobStore implements JobStore {
  readonly #database: SqliteDatabase;
  readonly #library: LibraryId;

  /** @throws SpacedriveError as {@link SqliteDatabase.migrate}. */
  constructor(database: SqliteDatabase, library: LibraryId) {
    this.#database = database;
    this.#library = library;
    database.migrate("jobs", JOB_MIGRATIONS);
  }

  insert(job: JobRecord): Promise<void> {
    return this.#database.transaction((tx) => {
      const fixed = [job.id, this.#library, job.type, job.priority, job.parent, job.createdAt];
      if (tx.run(INSERT, ...fixed, ...changingValues(job)) === 0) throw jobExists(job.id);
      writeWarnings(tx, job.id, job.warnings, 0);
    });
  }

  async get(id: JobId): Promise<JobRecord | null> {
    return this.#database.read((tx) => this.#read(tx, id));
  }

  async list(filter: Omit<JobFilter, "library">, limit: number): Promise<readonly JobRecord[]> {
    const where = ["library = ?"];
    const params: SqlValue[] = [this.#library];
    const statuses = statusesOf(filter);
    if (statuses !== null) {
      where.push(`status IN (${statuses.map(() => "?").join(", ")})`);
      params.push(...statuses);
    }
    if (filter.idPrefix !== undefined) {
      // A range of the key: "g" follows every digit of an id.
      where.push("id >= ? AND id < ?");
      params.push(filter.idPrefix, `${filter.idPrefix}g`);
    }
    if (filter.type !== undefined) {
      where.push("type = ?");
      params.push(filter.type);
    }
    if (filter.extension !== undefined) {
      // Everything that begins with "<extension>:", as a range: ";" follows ":".
      where.push("type >= ? AND type < ?");
      params.push(`${filter.extension}:`, `${filter.extension};`);
    }
    if (filter.parent !== undefined) {
      where.push("parent = ?");
      params.push(filter.parent);
    }
    const sql = `SELECT * FROM jobs WHERE ${where.join(" AND ")} ORDER BY sequence DESC LIMIT ?`;
    return this.#database.read((tx) =>
      tx.all(sql, ...params, limit).map((row) => jobFromRow(row, warningsOf(tx, row.id))),
    );
  }

  async queued(): Promise<readonly QueuedJob[]> {
    const sql = "SELECT id, type, priority FROM jobs WHERE library = ? AND status = 'queued' ORDER BY sequence";
    return this.#database.read((tx) =>
      tx.all(sql, this.#library).map((row) => ({
        id: parseJobId(row.id),
        type: String(row.type),
        priority: Number(row.priority),
      })),
    );
  }

  update(id: JobId, step: (job: JobRecord) => JobRecord): Promise<JobRecord> {
    return this.#database.transaction((tx) => {
      const job = this.#read(tx, id);
      if (job === null) throw jobNotFound(id);
      const updated = step(job);
      tx.run(UPDATE, ...changingValues(updated), this.#library, id);
      // Steps either keep the warnings, or cut them to their beginning, or append.
      if (updated.warnings !== job.warnings) writeWarnings(tx, id, updated.warnings, job.warnings.length);
      return updated;
    });
  }

  checkpoint(id: JobId, attempt: number, snapshot: JobSnapshot): Promise<void> {
    const { report } = snapshot;
    const { bytes, items } = report.metrics;
    return this.#database.transaction((tx) => {
      const values = [snapshot.state, report.progress, report.message, bytes, items, snapshot.at];
      if (tx.run(CHECKPOINT, ...values, this.#library, id, attempt) === 0) throw attemptNotRunning(id, attempt);
      if (report.warnings.length > snapshot.storedWarnings) {
        writeWarnings(tx, id, report.warnings, snapshot.storedWarnings);
      }
    });
  }

  #read(tx: Reader, id: JobId): JobRecord | null {
    const row = tx.get("SELECT * FROM jobs WHERE library = ? AND id = ?", this.#library, id);
    return row === undefined ? null : jobFromRow(row, warningsOf(tx, id));
  }
}

function warningsOf(tx: Reader, id: SqlValue | undefined): string[] {
  const rows = tx.all("SELECT message FROM job_warnings WHERE job_id = ? ORDER BY position", id ?? null);
  return rows.map((row) => String(row.message));
}

/** Makes the stored warnings equal to `warnings`, of which the first `stored` are there, or which are fewer than that. */
function writeWarnings(tx: Transaction, id: JobId, warnings: readonly string[], stored: number): void {
  if (stored > warnings.length)
    tx.run("DELETE FROM job_warnings WHERE job_id = ? AND position >= ?", id, warnings.length);
  for (const [position, message] of warnings.entries()) {
    if (position >= stored) tx.run("INSERT INTO job_warnings VALUES (?, ?, ?)", id, position, message);
  }
}
