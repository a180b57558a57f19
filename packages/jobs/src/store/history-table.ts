import { isErrorCode, type JobId, parseJson, SpacedriveError, type Transaction } from "@spacedrive/wire";
import { z } from "zod";
import { HISTORY_LIMITS, type HistoryEntry, type JobHistory } from "../history.js";
import { JOB_STATUSES } from "../transitions.js";

type Reader = Pick<Transaction, "get" | "all">;

const DELETE_OLD = `DELETE FROM job_history WHERE job_id = ? AND number IN (
  SELECT number FROM job_history WHERE job_id = ? AND entry ->> 'kind' = ? ORDER BY number DESC LIMIT -1 OFFSET ?
)`;

/** Numbers count on over what is missing, so that the last one and the rows that are there tell how many are gone. */
export function appendHistory(tx: Transaction, id: JobId, entries: readonly HistoryEntry[], missed: number): void {
  if (entries.length === 0) return;
  const row = tx.get("SELECT max(number) AS last FROM job_history WHERE job_id = ?", id);
  let number = Number(row?.last ?? 0) + missed;
  for (const entry of entries) tx.run("INSERT INTO job_history VALUES (?, ?, ?)", id, ++number, JSON.stringify(entry));
  for (const kind of new Set(entries.map((entry) => entry.kind))) {
    const limit = HISTORY_LIMITS[kind];
    if (number > limit) tx.run(DELETE_OLD, id, id, kind, limit);
  }
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
