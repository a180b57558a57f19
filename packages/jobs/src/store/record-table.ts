import { type JobId, SpacedriveError, type SqlRow, type SqlValue, type Transaction } from "@spacedrive/wire";
import { z } from "zod";
import { type CallRecord, outermostOf, placeKey, type RecordContent, type RecordPlace } from "../call-record.js";
import type { Migration } from "../database/migration.js";
import type { SqliteDatabase } from "../database/sqlite-database.js";

/** The component by which the table stands in a database's list of schemas. */
export const RECORD_COMPONENT = "job_records";

/** The table of records, the same beside a library's jobs and in the host's database. Append only. */
export const RECORD_MIGRATIONS: readonly Migration[] = [
  {
    name: "create job_records",
    sql: `
      CREATE TABLE job_records (
        job_id TEXT NOT NULL,
        -- Of the job's own call; a call that was made to answer it has its place inside it in "path", such as '2.1'.
        number INTEGER NOT NULL,
        path TEXT NOT NULL,
        previous INTEGER NOT NULL,
        takes INTEGER,
        call TEXT NOT NULL,
        method TEXT NOT NULL,
        kind TEXT NOT NULL,
        effect INTEGER NOT NULL,
        form TEXT NOT NULL,
        content ANY,
        PRIMARY KEY (job_id, number, path)
      ) STRICT, WITHOUT ROWID;
    `,
  },
];

const PUT = `INSERT INTO job_records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (job_id, number, path) DO UPDATE SET previous = excluded.previous, takes = excluded.takes,
    call = excluded.call, method = excluded.method, kind = excluded.kind, effect = excluded.effect,
    form = excluded.form, content = excluded.content`;

export function putRecords(tx: Transaction, id: JobId, records: readonly CallRecord[]): void {
  for (const { place, previous, takes, call, method, kind, effect, content } of records) {
    const key = [id, outermostOf(place), pathOf(place)];
    tx.run(PUT, ...key, previous, takes, call, method, kind, effect ? 1 : 0, content.kind, valueOf(content));
  }
}

/** A journal of more records, or bytes, is read in parts and on another thread. */
const FEW_RECORDS = 200;
const FEW_BYTES = 1_048_576;
const PART = `SELECT * FROM job_records WHERE job_id = ? AND (number, path) > (?, ?) ORDER BY number, path LIMIT ${FEW_RECORDS}`;

/**
 * The records of a job above a number, in no order. Many of them are read a part at a time, with the thread free between two.
 *
 * @throws SpacedriveError `STORE_CORRUPT`, and as the database.
 */
export async function readRecords(database: SqliteDatabase, id: JobId, after: number): Promise<CallRecord[]> {
  const few = database.read((reader) => (hasManyRecords(reader, id, after) ? null : selectRecords(reader, id, after)));
  if (few !== null) return few;
  const records: CallRecord[] = [];
  // Behind every call of that number.
  let last: readonly SqlValue[] = [after, "~"];
  for (;;) {
    const rows = await database.scan(PART, [id, ...last], { unconfirmed: true });
    for (const row of rows) records.push(recordFromRow(row));
    const end = rows.at(-1);
    if (end === undefined || rows.length < FEW_RECORDS) return records;
    last = [end.number ?? null, end.path ?? null];
  }
}

/** True where to read them would hold the thread. The lengths are known without a look at what is in them. */
function hasManyRecords(reader: Pick<Transaction, "get">, id: JobId, after: number): boolean {
  const sql = `SELECT count(*) AS records, coalesce(sum(octet_length(content)), 0) AS bytes
    FROM (SELECT content FROM job_records WHERE job_id = ? AND number > ? LIMIT ${FEW_RECORDS + 1})`;
  const row = reader.get(sql, id, after);
  return Number(row?.records) > FEW_RECORDS || Number(row?.bytes) > FEW_BYTES;
}

function selectRecords(reader: Pick<Transaction, "all">, id: JobId, after: number): CallRecord[] {
  return reader.all("SELECT * FROM job_records WHERE job_id = ? AND number > ?", id, after).map(recordFromRow);
}

export function deleteRecords(tx: Transaction, id: JobId, places: readonly RecordPlace[]): void {
  for (const place of places) {
    const key = [id, outermostOf(place), pathOf(place)];
    tx.run("DELETE FROM job_records WHERE job_id = ? AND number = ? AND path = ?", ...key);
  }
}

/** Removes what a checkpoint up to this number covers. */
export function sweepRecords(tx: Transaction, id: JobId, upTo: number): void {
  tx.run("DELETE FROM job_records WHERE job_id = ? AND number <= ?", id, upTo);
}

function pathOf(place: RecordPlace): string {
  return placeKey(place.slice(1));
}

function valueOf(content: RecordContent): SqlValue {
  switch (content.kind) {
    case "plain":
      return content.json;
    case "sealed":
      return content.bytes;
    case "open":
    case "withheld":
      return null;
    default:
      return content satisfies never;
  }
}

const count = z.int().nonnegative();

const recordRow = z.object({
  number: z.int().positive(),
  path: z.string().regex(/^(?:[1-9][0-9]*(?:\.[1-9][0-9]*)*)?$/),
  previous: count,
  takes: count.nullable(),
  call: z.string(),
  method: z.string(),
  kind: z.enum(["query", "action"]),
  effect: z.union([z.literal(0), z.literal(1)]),
});

const contentColumns = z.discriminatedUnion("form", [
  z.object({ form: z.literal("open") }),
  z.object({ form: z.literal("plain"), content: z.string() }),
  z.object({ form: z.literal("sealed"), content: z.instanceof(Uint8Array) }),
  z.object({ form: z.literal("withheld") }),
]);

function recordFromRow(row: SqlRow): CallRecord {
  const fixed = recordRow.safeParse({ ...row });
  const content = contentColumns.safeParse({ ...row });
  if (!fixed.success || !content.success) throw corrupt(row, fixed.error ?? content.error);
  const { number, path, effect, ...rest } = fixed.data;
  const place = [number, ...(path === "" ? [] : path.split(".").map(Number))];
  return { ...rest, place, effect: effect === 1, content: contentOf(content.data) };
}

function contentOf(columns: z.output<typeof contentColumns>): RecordContent {
  switch (columns.form) {
    case "plain":
      return { kind: "plain", json: columns.content };
    case "sealed":
      return { kind: "sealed", bytes: columns.content };
    case "open":
    case "withheld":
      return { kind: columns.form };
    default:
      return columns satisfies never;
  }
}

function corrupt(row: SqlRow, cause: unknown): SpacedriveError {
  return new SpacedriveError(
    "STORE_CORRUPT",
    `Record ${String(row.number)} of job ${String(row.job_id)} cannot be read. Restore the database from a backup.`,
    { cause },
  );
}
