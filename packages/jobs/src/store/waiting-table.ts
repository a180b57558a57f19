import { type JobId, type LibraryId, parseJobId, type SqlRow, type Transaction } from "@spacedrive/wire";
import type { JobRecord } from "../job.js";
import { JOB_STATUSES } from "../transitions.js";
import { ANY_CHILD } from "./job-row.js";
import type { ChildCounts, DueJob, Moment, QueuedJob } from "./job-store.js";

type Reader = Pick<Transaction, "get" | "all">;

/*
 * The statements of a SqliteJobStore about jobs that wait. Each is one descent of an index and what it answers: none looks at
 * all jobs, however many there are.
 */

const READY = "library = ? AND status = 'queued' AND not_before IS NULL";
const QUEUED = `SELECT id, type, priority, updated_at FROM jobs WHERE ${READY}`;

export function selectQueued(
  reader: Reader,
  library: LibraryId,
  of: { readonly type: string } | { readonly id: JobId },
  limit: number,
): QueuedJob[] {
  const rows =
    "id" in of
      ? reader.all(`${QUEUED} AND id = ?`, library, of.id)
      : reader.all(
          `${QUEUED} AND type = ? ORDER BY priority DESC, updated_at, sequence LIMIT ?`,
          library,
          of.type,
          limit,
        );
  return rows.map((row) => ({
    id: parseJobId(row.id),
    type: String(row.type),
    priority: Number(row.priority),
    queuedAt: Number(row.updated_at),
  }));
}

/** From type to type by the index: SQLite's DISTINCT would read every queued job. */
export function selectQueuedTypes(reader: Reader, library: LibraryId): string[] {
  const next = `SELECT type FROM jobs INDEXED BY jobs_ready WHERE ${READY} AND type > ? ORDER BY type LIMIT 1`;
  const types: string[] = [];
  for (let row = reader.get(next, library, ""); row !== undefined; row = reader.get(next, library, row.type ?? null)) {
    types.push(String(row.type));
  }
  return types;
}

const DUE: readonly (readonly [kind: DueJob["kind"], clock: keyof Moment, where: string])[] = [
  ["wake", "wall", "wake_at <= ? AND status = 'suspended'"],
  ["wake", "steady", "due_at <= ? AND status = 'suspended'"],
  ["ready", "steady", "due_at <= ? AND status = 'queued'"],
  ["expire", "steady", "deadline IS NOT NULL AND ended_at IS NULL AND deadline <= ?"],
];

export function selectDue(reader: Reader, library: LibraryId, now: Moment, limit: number): DueJob[] {
  return DUE.flatMap(([kind, clock, where]) => {
    const rows = reader.all(`SELECT id FROM jobs WHERE library = ? AND ${where} LIMIT ?`, library, now[clock], limit);
    return rows.map((row) => ({ id: parseJobId(row.id), kind }));
  });
}

export function selectNextDue(
  reader: Reader,
  library: LibraryId,
): { readonly wall: number | null; readonly steady: number | null } {
  const wakeAt = "SELECT min(wake_at) AS at FROM jobs WHERE library = ? AND wake_at IS NOT NULL";
  const dueAt = "SELECT min(due_at) AS at FROM jobs WHERE library = ? AND due_at IS NOT NULL";
  const deadline =
    "SELECT min(deadline) AS at FROM jobs WHERE library = ? AND deadline IS NOT NULL AND ended_at IS NULL";
  const steady = [dueAt, deadline].map((sql) => timeOf(reader.get(sql, library)));
  return { wall: timeOf(reader.get(wakeAt, library)), steady: earliest(steady) };
}

export function selectLastWait(reader: Reader, library: LibraryId): number | null {
  const sql =
    "SELECT max(wait_began) AS at FROM jobs WHERE library = ? AND wait_began IS NOT NULL AND ended_at IS NULL";
  return timeOf(reader.get(sql, library));
}

function timeOf(row: SqlRow | undefined): number | null {
  return row === undefined || row.at === null ? null : Number(row.at);
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

export function countChildren(reader: Reader, parent: JobId): ChildCounts {
  const rows = reader.all("SELECT status, count(*) AS count FROM jobs WHERE parent = ? GROUP BY status", parent);
  const counts = new Map(rows.map((row) => [row.status, Number(row.count)]));
  return Object.fromEntries(
    JOB_STATUSES.flatMap((status) => {
      const count = counts.get(status);
      return count === undefined ? [] : [[status, count]];
    }),
  );
}

export function selectLiveChildren(reader: Reader, library: LibraryId, parent: JobId | null, limit: number): JobId[] {
  const live = `FROM jobs INDEXED BY jobs_live_children
    WHERE parent IS NOT NULL AND ended_at IS NULL AND outlives_parent = 0 AND library = ?`;
  const rows =
    parent === null
      ? reader.all(
          `SELECT id ${live} AND (SELECT status FROM jobs p WHERE p.id = jobs.parent) = 'cancelled' LIMIT ?`,
          library,
          limit,
        )
      : reader.all(`SELECT id ${live} AND parent = ? LIMIT ?`, library, parent, limit);
  return rows.map((row) => parseJobId(row.id));
}

// Named, since the planner takes another index of parents and goes through all children that have ended.
const LIVE_CHILD = "SELECT id FROM jobs INDEXED BY jobs_live_children WHERE parent = ? AND ended_at IS NULL";
const IS_LIVE = "SELECT id FROM jobs WHERE id = ? AND parent = ? AND ended_at IS NULL";

export function findLiveChild(reader: Reader, parent: JobId, children: "all" | readonly JobId[]): JobId | null {
  if (children === "all") {
    const row = reader.get(`${LIVE_CHILD} LIMIT 1`, parent);
    return row === undefined ? null : parseJobId(row.id);
  }
  return children.find((id) => reader.get(IS_LIVE, id, parent) !== undefined) ?? null;
}

/** Of several children that a job waits for, the end of one is looked at: the others are looked for once it has come. */
export function watchChild(tx: Transaction, { id, wake }: JobRecord, child: JobId | null): void {
  if (wake === null || wake.condition.children === "all" || child === null) return;
  tx.run("UPDATE jobs SET wake_child = ? WHERE id = ?", child, id);
}

/** A job is retried by hand: if its parent has been cancelled, that cancel is not for it any more. */
export function outliveParent(tx: Transaction, id: JobId): void {
  const isCancelled = "(SELECT status FROM jobs p WHERE p.id = jobs.parent) = 'cancelled'";
  tx.run(`UPDATE jobs SET outlives_parent = 1 WHERE id = ? AND ${isCancelled}`, id);
}

/** True where a suspended parent is to look again when this child ends. */
export function isWatched(reader: Reader, parent: JobId, child: JobId): boolean {
  const row = reader.get("SELECT wake_child FROM jobs WHERE id = ? AND wake_child IS NOT NULL", parent);
  if (row === undefined) return false;
  // Of all children the last one matters, and the index knows which it is.
  return row.wake_child === child || (row.wake_child === ANY_CHILD && findLiveChild(reader, parent, "all") === null);
}
