import { SpacedriveError, type SqlRow, type SqlValue } from "@spacedrive/wire";
import type { ScanPage } from "./threads/messages.js";
import type { StoreThread } from "./threads/store-thread.js";

const DEFAULT_MAX_ROWS = 200_000;

export interface ScanOptions {
  /** More rows than this are an error. Default 200,000. */
  readonly maxRows?: number;
  /** Answers also what is not durable yet, without waiting for that. Default false. */
  readonly unconfirmed?: boolean;
}

interface Scan {
  readonly path: string;
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** Reads rows on a thread. They are taken over page by page, so that the loop turns between two of them. */
export async function scanRows(thread: StoreThread, scan: Scan, options: ScanOptions): Promise<SqlRow[]> {
  const { maxRows = DEFAULT_MAX_ROWS } = options;
  const [id, first] = thread.ask({ kind: "scan", ...scan, maxRows });
  const rows: SqlRow[] = [];
  for (let page = await first; ; page = await thread.request({ kind: "page", scan: id })) {
    if (page.tooMany) {
      throw new SpacedriveError(
        "REPLY_TOO_LARGE",
        `More than ${maxRows} rows were to be read at once. Ask for less, or in parts.`,
      );
    }
    takeRows(page, rows);
    if (!page.more) return rows;
  }
}

/** Rows have no prototype: a column may be called `__proto__`. */
function takeRows({ columns, rows }: ScanPage, into: SqlRow[]): void {
  for (const values of rows) {
    const row: Record<string, SqlValue> = Object.create(null);
    for (const [at, column] of columns.entries()) row[column] = values[at] ?? null;
    into.push(row);
  }
}
