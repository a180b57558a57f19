import { isErrorCode, type JobId, parseJson, SpacedriveError, type Transaction } from "@spacedrive/wire";
import { z } from "zod";
import { type HistoryEntry, type HistoryLimits, type HistoryNotes, type JobHistory, lettingGo } from "../history.js";
import { JOB_STATUSES } from "../transitions.js";

type Reader = Pick<Transaction, "get" | "all">;

const SIZE = `SELECT count(*) AS entries, sum(length(CAST(entry AS BLOB))) AS bytes, max(number) AS last FROM job_history
  WHERE job_id = ?`;
const SIZES = `SELECT number, entry ->> 'kind' AS kind, length(CAST(entry AS BLOB)) AS bytes FROM job_history
  WHERE job_id = ? ORDER BY number`;

/** Numbers count on over what is missing, so that the last one and the rows that are there tell how many are gone. */
export function appendHistory(
  tx: Transaction,
  id: JobId,
  { entries, missed, limits }: HistoryNotes & { readonly limits: HistoryLimits },
): void {
  if (entries.length === 0) return;
  const size = tx.get(SIZE, id);
  const last = Number(size?.last ?? 0) + missed;
  const texts = entries.map((entry) => JSON.stringify(entry));
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), Number(size?.bytes ?? 0));
  if (Number(size?.entries ?? 0) + entries.length <= limits.entries && bytes <= limits.bytes) {
    insertEntries(tx, id, last + 1, texts);
    return;
  }
  const rows = tx.all(SIZES, id);
  const stored = rows.map((row) => ({ kind: kindOf(row.kind), bytes: Number(row.bytes) }));
  const added = entries.map(({ kind }, index) => ({ kind, bytes: Buffer.byteLength(texts[index] ?? "") }));
  const gone = lettingGo([...stored, ...added], limits);
  const kept = texts.filter((_, index) => !gone.has(rows.length + index));
  // Before those that are let go without having been stored the numbers have their gap: after it, each counts as the next.
  insertEntries(tx, id, last + 1 + texts.length - kept.length, kept);
  const goneRows = rows.filter((_, index) => gone.has(index)).map(({ number }) => number);
  if (goneRows.length === 0) return;
  tx.run(
    "DELETE FROM job_history WHERE job_id = ? AND number IN (SELECT value FROM json_each(?))",
    id,
    JSON.stringify(goneRows),
  );
}

/** One statement for all: with one each, they take twice as long. */
function insertEntries(tx: Transaction, id: JobId, first: number, texts: readonly string[]): void {
  tx.run(
    "INSERT INTO job_history (job_id, number, entry) SELECT ?, ? + key, value FROM json_each(?)",
    id,
    first,
    `[${texts.join(",")}]`,
  );
}

/** A kind that only a newer version knows counts as one of those that come in floods. */
function kindOf(kind: unknown): HistoryEntry["kind"] {
  return kind === "status" || kind === "warning" || kind === "call" ? kind : "checkpoint";
}

export function selectHistory(reader: Reader, id: JobId): JobHistory {
  const rows = reader.all("SELECT number, entry FROM job_history WHERE job_id = ? ORDER BY number", id);
  const last = Number(rows.at(-1)?.number ?? 0);
  return { entries: rows.map(({ entry }) => entryOf(String(entry), id)), dropped: last - rows.length };
}

const at = z.number();
// A code that only a newer version knows is shown as the general one.
const code = z.string().transform((text) => (isErrorCode(text) ? text : "JOB_FAILED"));
const entry = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("status"),
    at,
    status: z.enum(JOB_STATUSES),
    attempt: z.int(),
    code: code.nullable(),
    message: z.string(),
  }),
  z.object({ kind: z.literal("checkpoint"), at, checkpoint: z.int(), bytes: z.int() }),
  z.object({
    kind: z.literal("call"),
    at,
    method: z.string(),
    durationMs: z.number(),
    code: code.nullable(),
    replayed: z.boolean(),
  }),
  z.object({ kind: z.literal("warning"), at, message: z.string() }),
]);

function entryOf(text: string, id: JobId): HistoryEntry {
  const parsed = entry.safeParse(parseJson(text, `the history of job ${id}`, "STORE_CORRUPT"));
  if (parsed.success) return parsed.data;
  throw new SpacedriveError("STORE_CORRUPT", `The history of job ${id} cannot be read. Restore the database.`, {
    cause: parsed.error,
  });
}
