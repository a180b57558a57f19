import { isErrorCode, parseJobId, parseJson, parseLibraryId, type SqlRow, type SqlValue } from "@spacedrive/wire";
import { z } from "zod";
import type { JobRecord, WakeCondition } from "../job.js";
import { jobUnreadable } from "../job-errors.js";
import { JOB_STATUSES } from "../transitions.js";

/** The columns of a job that change after its insertion, in the order of {@link changingValues}. */
export const CHANGING_COLUMNS = [
  "status",
  "resumable",
  "extension_version",
  "attempt",
  "attempts_since_progress",
  "checkpoint",
  "consumed",
  "progress",
  "message",
  "bytes",
  "items",
  "checkpointed",
  "error_code",
  "error_message",
  "not_before",
  "deadline",
  "wait_began",
  "wake",
  "wake_checkpoint",
  "wake_at",
  "due_at",
  "wake_child",
  "wake_event",
  "ordered",
  "updated_at",
  "started_at",
  "ended_at",
  "result",
  "state",
] as const;

export function changingValues(job: JobRecord): SqlValue[] {
  return [
    job.status,
    job.resumable ? 1 : 0,
    job.extensionVersion,
    job.attempt,
    job.attemptsSinceProgress,
    job.checkpoint,
    job.consumed,
    job.progress,
    job.message,
    job.metrics.bytes,
    job.metrics.items,
    job.checkpointed === null ? null : JSON.stringify(job.checkpointed),
    job.error?.code ?? null,
    job.error?.message ?? null,
    job.notBefore,
    job.deadline,
    job.waitBegan,
    job.wake === null ? null : JSON.stringify({ ...job.wake.condition, call: job.wake.call }),
    job.wake?.checkpoint ?? null,
    ...waitingValues(job),
    job.ordered,
    job.updatedAt,
    job.startedAt,
    job.endedAt,
    job.result,
    job.state,
  ];
}

/** Columns that are set only while the job waits. */
function waitingValues({
  status,
  wake,
  notBefore,
}: JobRecord): [wakeAt: SqlValue, dueAt: SqlValue, child: SqlValue, event: SqlValue] {
  if (status === "queued") return [null, notBefore, null, null];
  if (status !== "suspended" || wake === null) return [null, null, null, null];
  const { at, due, children, event } = wake.condition;
  // Which of several children it waits for is for the store to find.
  return [at, due, children === "all" ? ANY_CHILD : null, event?.name ?? null];
}

/** In `wake_child`: not one child, but all of them. */
export const ANY_CHILD = "*";

const nullable = z.string().nullable();
const count = z.int().nonnegative();
const metrics = z.object({ bytes: count, items: count });
const vitals = z.object({ progress: z.number(), message: z.string(), metrics, warningCount: count });

const wake = z.object({
  at: z.number().nullable(),
  due: z.number().nullable(),
  children: z.union([z.literal("all"), z.array(z.string().transform(parseJobId))]).nullable(),
  // Older rows have none.
  event: z.object({ name: z.string(), after: count }).nullable().default(null),
  call: count.default(0),
});

/** A time too large for a number is as good as the next one that is not. */
const time = z.union([z.number(), z.bigint().transform(Number)]);

const jobRow = z.object({
  id: z.string(),
  library: z.string(),
  type: z.string(),
  status: z.enum(JOB_STATUSES),
  priority: z.int(),
  parent: nullable,
  resumable: z.union([z.literal(0), z.literal(1)]),
  extension_version: nullable,
  attempt: count,
  attempts_since_progress: count,
  checkpoint: count,
  consumed: count,
  progress: z.number(),
  message: z.string(),
  bytes: count,
  items: count,
  checkpointed: nullable,
  error_code: nullable,
  error_message: nullable,
  not_before: time.nullable(),
  deadline_ms: time.nullable(),
  deadline: time.nullable(),
  wait_began: time.nullable(),
  wake: nullable,
  wake_checkpoint: count.nullable(),
  ordered: z.enum(["pause", "cancel"]).nullable(),
  created_at: time,
  updated_at: time,
  started_at: time.nullable(),
  ended_at: time.nullable(),
  result: nullable,
  state: nullable,
});

/** What stands for a column that cannot be read. Its job does not run, and is not over. */
const BLANK: { readonly [Column in keyof z.input<typeof jobRow>]: SqlValue } = {
  id: null,
  library: null,
  type: "",
  status: "paused",
  priority: 0,
  parent: null,
  resumable: 1,
  extension_version: null,
  attempt: 0,
  attempts_since_progress: 0,
  checkpoint: 0,
  consumed: 0,
  progress: 0,
  message: "",
  bytes: 0,
  items: 0,
  checkpointed: null,
  error_code: null,
  error_message: null,
  not_before: null,
  deadline_ms: null,
  deadline: null,
  wait_began: null,
  wake: null,
  wake_checkpoint: null,
  ordered: null,
  created_at: 0,
  updated_at: 0,
  started_at: null,
  ended_at: null,
  result: null,
  state: null,
};

export function isJobId(value: unknown): boolean {
  try {
    parseJobId(value);
    return true;
  } catch {
    return false;
  }
}

/** A row that cannot be read whole, as a newer version's or a damaged one's, is answered as {@link JobRecord.unreadable}. */
export function jobFromRow(row: SqlRow, warnings: readonly string[]): JobRecord {
  try {
    return recordOf(row, warnings);
  } catch (cause) {
    const { code, message } = jobUnreadable(String(row.id), cause);
    return { ...recordOf(readablePartOf(row), warnings), error: { code, message }, unreadable: true };
  }
}

/** The columns that can be read. */
function readablePartOf(row: SqlRow): SqlRow {
  let part: SqlRow = { ...BLANK, id: row.id ?? null, library: row.library ?? null };
  for (const column of Object.keys(BLANK)) {
    const more = { ...part, [column]: row[column] ?? null };
    try {
      recordOf(more, []);
      part = more;
    } catch {
      // It stays blank.
    }
  }
  return part;
}

/** @throws SpacedriveError where the row is not one that this package wrote. */
function recordOf(row: SqlRow, warnings: readonly string[]): JobRecord {
  const parsed = jobRow.safeParse({ ...row });
  if (!parsed.success) throw jobUnreadable(String(row.id), parsed.error);
  const job = parsed.data;
  return {
    id: parseJobId(job.id),
    type: job.type,
    library: parseLibraryId(job.library),
    status: job.status,
    state: job.state,
    result: job.result,
    checkpoint: job.checkpoint,
    consumed: job.consumed,
    progress: job.progress,
    message: job.message,
    warnings,
    metrics: { bytes: job.bytes, items: job.items },
    attempt: job.attempt,
    attemptsSinceProgress: job.attempts_since_progress,
    error: job.error_code === null ? null : { code: codeOf(job.error_code), message: job.error_message ?? "" },
    checkpointed: job.checkpointed === null ? null : vitalsOf(row, job.checkpointed),
    notBefore: job.not_before,
    wake: job.wake === null ? null : { ...wakeOf(row, job.wake), checkpoint: job.wake_checkpoint ?? 0 },
    ordered: job.ordered,
    deadlineMs: job.deadline_ms,
    deadline: job.deadline,
    waitBegan: job.wait_began,
    resumable: job.resumable === 1,
    parent: job.parent === null ? null : parseJobId(job.parent),
    priority: job.priority,
    extensionVersion: job.extension_version,
    createdAt: job.created_at,
    updatedAt: job.updated_at,
    startedAt: job.started_at,
    endedAt: job.ended_at,
  };
}

/** A code that only a newer version knows is shown as the general one. */
function codeOf(text: string): NonNullable<JobRecord["error"]>["code"] {
  return isErrorCode(text) ? text : "JOB_FAILED";
}

function vitalsOf(row: SqlRow, text: string): JobRecord["checkpointed"] {
  const parsed = vitals.safeParse(parseJson(text, `column "checkpointed" of job ${String(row.id)}`, "STORE_CORRUPT"));
  if (!parsed.success) throw jobUnreadable(String(row.id), parsed.error);
  return parsed.data;
}

function wakeOf(row: SqlRow, text: string): { readonly condition: WakeCondition; readonly call: number } {
  const parsed = wake.safeParse(parseJson(text, `column "wake" of job ${String(row.id)}`, "STORE_CORRUPT"));
  if (!parsed.success) throw jobUnreadable(String(row.id), parsed.error);
  const { call, ...condition } = parsed.data;
  return { condition, call };
}
