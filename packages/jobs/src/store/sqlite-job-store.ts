import { type JobId, type LibraryId, parseJson, type SqlRow, type SqlValue, type Transaction } from "@spacedrive/wire";
import { type CallRecord, isProgress, type RecordPlace } from "../call-record.js";
import type { SqliteDatabase } from "../database/sqlite-database.js";
import {
  entryOfStep,
  type HistoryLimits,
  historyLimits,
  type HistoryNotes,
  type JobHistory,
  keptHistory,
  NOTHING_HELD,
} from "../history.js";
import type { JobFilter, JobRecord } from "../job.js";
import { attemptNotRunning, jobExists, jobNotFound, jobUnreadable } from "../job-errors.js";
import type { JobSnapshot } from "../job-steps.js";
import type { StoreWatcher } from "../store-watcher.js";
import type { LibraryEvent } from "../library-event.js";
import { putEvent, selectEvent, selectEventNumber, selectWaiters } from "./event-table.js";
import { appendHistory, selectHistory } from "./history-table.js";
import { statusesOf } from "./job-filter.js";
import { JOB_MIGRATIONS } from "./job-migrations.js";
import { isEnded, needsNoRecords } from "../transitions.js";
import { wakeIfDue, wakeOnEvent } from "../waking.js";
import { CHANGING_COLUMNS, changingValues, isJobId, jobFromRow } from "./job-row.js";
import type {
  ChildCounts,
  DueJob,
  EmittedEvent,
  JobStore,
  JobStoreOptions,
  Moment,
  NewEvent,
  QueuedJob,
} from "./job-store.js";
import {
  deleteRecords,
  putRecords,
  readRecords,
  RECORD_COMPONENT,
  RECORD_MIGRATIONS,
  sweepRecords,
} from "./record-table.js";
import {
  countChildren,
  findLiveChild,
  isWatched,
  outliveParent,
  selectDue,
  selectLastWait,
  selectLiveChildren,
  selectNextDue,
  selectQueued,
  selectQueuedTypes,
  watchChild,
} from "./waiting-table.js";

type Reader = Pick<Transaction, "get" | "all">;

const FIXED_COLUMNS = ["id", "library", "type", "priority", "parent", "deadline_ms", "created_at"];
const INSERT = `INSERT INTO jobs (${[...FIXED_COLUMNS, ...CHANGING_COLUMNS].join(", ")})
  VALUES (${[...FIXED_COLUMNS, ...CHANGING_COLUMNS].map(() => "?").join(", ")}) ON CONFLICT (id) DO NOTHING`;
const UPDATE = `UPDATE jobs SET ${CHANGING_COLUMNS.map((column) => `${column} = ?`).join(", ")} WHERE library = ? AND id = ?`;
const CHECKPOINT = `UPDATE jobs SET state = ?, checkpoint = checkpoint + 1, attempts_since_progress = 0,
  wake = CASE WHEN wake_checkpoint > checkpoint THEN wake END,
  wake_checkpoint = CASE WHEN wake_checkpoint > checkpoint
    THEN checkpoint + CASE WHEN wake ->> '$.call' > ? THEN 2 ELSE 1 END END,
  consumed = ?, progress = ?, message = ?, bytes = ?, items = ?, updated_at = ?
  WHERE library = ? AND id = ? AND status = 'running' AND attempt = ?`;
const ATTEMPTS = `SELECT attempts_since_progress FROM jobs
  WHERE library = ? AND id = ? AND status = 'running' AND attempt = ?`;

const WITHOUT_STATES = [...FIXED_COLUMNS, ...CHANGING_COLUMNS]
  .map((column) => (column === "state" || column === "result" ? `NULL AS ${column}` : column))
  .join(", ");

/** As one value, so that a job and its warnings are read at the same moment. */
const WARNINGS = "SELECT json_group_array(message ORDER BY position) FROM job_warnings WHERE job_id = jobs.id";
/** More jobs, with their states, are read on another thread. */
const LONG_LIST = 100;

/** The jobs of one library, in tables beside its other data. Makes and updates its own tables. */
export class SqliteJobStore implements JobStore {
  readonly effects = "exactly-once";
  readonly #database: SqliteDatabase;
  readonly #library: LibraryId;
  readonly historyLimits: HistoryLimits;

  /**
   * @param options `history`: how much of each job's past is kept. Default `MAX_HISTORY` entries of `MAX_HISTORY_BYTES` in all.
   * @throws SpacedriveError `INVALID_INPUT`, and as {@link SqliteDatabase.migrate}.
   */
  constructor(database: SqliteDatabase, library: LibraryId, options: JobStoreOptions = {}) {
    this.#database = database;
    this.#library = library;
    this.historyLimits = historyLimits(options.history);
    database.migrate("jobs", JOB_MIGRATIONS);
    database.migrate(RECORD_COMPONENT, RECORD_MIGRATIONS);
  }

  watch(watcher: StoreWatcher): () => void {
    return this.#database.watch(watcher);
  }

  confirmed(): Promise<void> | null {
    return this.#database.confirmed();
  }

  insert(job: JobRecord): Promise<void> {
    return this.#database.transaction((tx) => this.insertIn(tx, job));
  }

  insertIn(tx: Transaction, job: JobRecord): void {
    const fixed = [job.id, this.#library, job.type, job.priority, job.parent, job.deadlineMs, job.createdAt];
    if (tx.run(INSERT, ...fixed, ...changingValues(job)) === 0) throw jobExists(job.id);
    writeWarnings(tx, job.id, job.warnings, 0);
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
    const matching = `FROM jobs WHERE ${where.join(" AND ")} ORDER BY sequence DESC`;
    const columns = filter.states === false ? WITHOUT_STATES : "*";
    const sql = `SELECT ${columns}, (${WARNINGS}) AS warnings ${matching} LIMIT ?`;
    const isLong = (tx: Reader): boolean =>
      limit > LONG_LIST && tx.get(`SELECT 1 ${matching} LIMIT 1 OFFSET ?`, ...params, LONG_LIST) !== undefined;
    const rows = this.#database.read((tx) => (isLong(tx) ? null : tx.all(sql, ...params, limit)));
    const jobs = rows ?? (await this.#database.scan(sql, [...params, limit], { maxRows: limit, unconfirmed: true }));
    // A row without a job's id is nobody's.
    return jobs.filter(({ id }) => isJobId(id)).map((row) => jobFromRow(row, warningsFromJson(row)));
  }

  async queued(of: { readonly type: string } | { readonly id: JobId }, limit: number): Promise<readonly QueuedJob[]> {
    return this.#database.read((reader) => selectQueued(reader, this.#library, of, limit));
  }

  async queuedTypes(): Promise<readonly string[]> {
    return this.#database.read((reader) => selectQueuedTypes(reader, this.#library));
  }

  async due(now: Moment, limit: number): Promise<readonly DueJob[]> {
    return this.#database.read((reader) => selectDue(reader, this.#library, now, limit));
  }

  async nextDue(): Promise<{ readonly wall: number | null; readonly steady: number | null }> {
    return this.#database.read((reader) => selectNextDue(reader, this.#library));
  }

  async lastWaitBegan(): Promise<number | null> {
    return this.#database.read((reader) => selectLastWait(reader, this.#library));
  }

  async countChildren(parent: JobId): Promise<ChildCounts> {
    return this.#database.read((reader) => countChildren(reader, parent));
  }

  async liveChildren(parent: JobId | null, limit: number): Promise<readonly JobId[]> {
    return this.#database.read((reader) => selectLiveChildren(reader, this.#library, parent, limit));
  }

  update(id: JobId, step: (job: JobRecord) => JobRecord, history?: HistoryNotes): Promise<JobRecord> {
    return this.#database.transaction((tx) => this.updateIn(tx, id, step, history));
  }

  updateIn(tx: Transaction, id: JobId, step: (job: JobRecord) => JobRecord, history?: HistoryNotes): JobRecord {
    const job = this.#read(tx, id);
    if (job === null) throw jobNotFound(id);
    const stepped = step(job);
    if (job.unreadable !== true || stepped.status === "cancelled") return this.#write(tx, job, stepped, history);
    // What could not be read would be gone for good.
    if (stepped !== job) throw jobUnreadable(id);
    return job;
  }

  emit(event: NewEvent): Promise<EmittedEvent> {
    return this.#database.transaction((tx) => this.emitIn(tx, event));
  }

  emitIn(tx: Transaction, event: NewEvent): EmittedEvent {
    const number = putEvent(tx, this.#library, event);
    const woken: JobId[] = [];
    for (const id of selectWaiters(tx, this.#library, event.name)) {
      const job = this.#read(tx, id);
      const stepped = job === null ? null : wakeOnEvent(job, { ...event, number });
      if (job === null || stepped === null || stepped === job) continue;
      this.#write(tx, job, stepped);
      woken.push(id);
    }
    return { number, woken };
  }

  async lastEvent(name: string): Promise<LibraryEvent | null> {
    return this.#database.read((reader) => selectEvent(reader, this.#library, name));
  }

  checkpoint(id: JobId, attempt: number, snapshot: JobSnapshot): Promise<void> {
    const { report, state, consumed, history } = snapshot;
    const { bytes, items } = report.metrics;
    return this.#database.transaction((tx) => {
      const values = [state, consumed, consumed, report.progress, report.message, bytes, items, snapshot.at];
      if (tx.run(CHECKPOINT, ...values, this.#library, id, attempt) === 0) throw attemptNotRunning(id, attempt);
      if (report.warnings.length > snapshot.storedWarnings) {
        writeWarnings(tx, id, report.warnings, snapshot.storedWarnings);
      }
      sweepRecords(tx, id, consumed);
      if (history) appendHistory(tx, id, { ...history, limits: this.historyLimits });
    });
  }

  async history(id: JobId, held: HistoryNotes = NOTHING_HELD): Promise<JobHistory> {
    const { entries, dropped } = this.#database.read((reader) => selectHistory(reader, id));
    return keptHistory({ entries: [...entries, ...held.entries], dropped: dropped + held.missed }, this.historyLimits);
  }

  async records(id: JobId, after: number): Promise<readonly CallRecord[]> {
    return readRecords(this.#database, id, after);
  }

  record(id: JobId, attempt: number, records: readonly CallRecord[]): Promise<void> {
    return this.#database.transaction((tx) => this.recordIn(tx, id, attempt, records));
  }

  recordIn(tx: Transaction, id: JobId, attempt: number, records: readonly CallRecord[]): void {
    // Once is enough: a job's row may hold a large state, and is written as a whole.
    if (this.#attemptsOf(tx, id, attempt) > 0 && isProgress(records))
      tx.run("UPDATE jobs SET attempts_since_progress = 0 WHERE id = ?", id);
    putRecords(tx, id, records);
  }

  forget(id: JobId, attempt: number, places: readonly RecordPlace[]): Promise<void> {
    return this.#database.transaction((tx) => {
      this.#attemptsOf(tx, id, attempt);
      deleteRecords(tx, id, places);
    });
  }

  /** Stores what a step made of a job, and what follows from it for the job and for its parent. */
  #write(tx: Transaction, job: JobRecord, stepped: JobRecord, history?: HistoryNotes): JobRecord {
    const { id } = job;
    let child: JobId | null = null;
    const updated = wakeIfDue(stepped, {
      findLiveChild: (children) => (child = findLiveChild(tx, id, children)),
      lastEvent: (name) => selectEventNumber(tx, this.#library, name),
    });
    tx.run(UPDATE, ...changingValues(updated), this.#library, id);
    // Steps either keep the warnings, or cut them to their beginning, or append.
    if (updated.warnings !== job.warnings) writeWarnings(tx, id, updated.warnings, job.warnings.length);
    if (needsNoRecords(updated.status)) sweepRecords(tx, id, Number.MAX_SAFE_INTEGER);
    const entry = entryOfStep(job, updated);
    const entries = [...(history?.entries ?? []), ...(entry === null ? [] : [entry])];
    appendHistory(tx, id, { entries, missed: history?.missed ?? 0, limits: this.historyLimits });
    if (isEnded(job.status) && !isEnded(updated.status) && updated.parent !== null) outliveParent(tx, id);
    if (updated.status === "suspended") watchChild(tx, updated, child);
    if (isEnded(updated.status) && !isEnded(job.status) && updated.parent !== null) {
      if (isWatched(tx, updated.parent, id)) this.#wakeParent(tx, updated.parent, updated.updatedAt);
    }
    return updated;
  }

  #wakeParent(tx: Transaction, id: JobId, at: number): void {
    const parent = this.#read(tx, id);
    // As if it were suspended now: it is woken, or waits for another child.
    if (parent?.status === "suspended" && parent.unreadable !== true)
      this.#write(tx, parent, { ...parent, updatedAt: at });
  }

  /** Attempts since the last progress. @throws SpacedriveError `JOB_NOT_RUNNING`. */
  #attemptsOf(tx: Reader, id: JobId, attempt: number): number {
    const row = tx.get(ATTEMPTS, this.#library, id, attempt);
    if (row === undefined) throw attemptNotRunning(id, attempt);
    return Number(row.attempts_since_progress);
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

function warningsFromJson(row: SqlRow): string[] {
  const warnings = parseJson(String(row.warnings), `the warnings of job ${String(row.id)}`, "STORE_CORRUPT");
  return Array.isArray(warnings) ? warnings.map(String) : [];
}

/** Makes the stored warnings equal to `warnings`, of which the first `stored` are there, or which are fewer than that. */
function writeWarnings(tx: Transaction, id: JobId, warnings: readonly string[], stored: number): void {
  if (stored > warnings.length)
    tx.run("DELETE FROM job_warnings WHERE job_id = ? AND position >= ?", id, warnings.length);
  for (const [position, message] of warnings.entries()) {
    if (position >= stored) tx.run("INSERT INTO job_warnings VALUES (?, ?, ?)", id, position, message);
  }
}
