import { SpacedriveError, type SqlRow, type SqlValue, type Transaction } from "@spacedrive/wire";
import type { StatementCache } from "./statement-cache.js";

/** The statements that one piece of work may run; void once the work has returned. */
export class SqliteTransaction implements Transaction {
  readonly #statements: StatementCache;
  readonly #connection: { readonly isTransaction: boolean } | null;
  #ended = false;

  /** @param connection where the work is part of a transaction of it, which the work must not end. Null: it only reads. */
  constructor(statements: StatementCache, connection: { readonly isTransaction: boolean } | null) {
    this.#statements = statements;
    this.#connection = connection;
  }

  run(sql: string, ...params: readonly SqlValue[]): number {
    this.#checkOpen();
    return Number(this.#statements.prepare(sql).run(...params).changes);
  }

  get(sql: string, ...params: readonly SqlValue[]): SqlRow | undefined {
    this.#checkOpen();
    const row = this.#statements.prepare(sql).get(...params);
    return row === undefined ? undefined : withNumbers(row);
  }

  all(sql: string, ...params: readonly SqlValue[]): SqlRow[] {
    this.#checkOpen();
    return this.#statements
      .prepare(sql)
      .all(...params)
      .map(withNumbers);
  }

  end(): void {
    this.#ended = true;
  }

  #checkOpen(): void {
    if (this.#ended) {
      throw new SpacedriveError(
        "STORE_FAILED",
        "A transaction was used after its work had returned: it must be synchronous.",
      );
    }
    // Before each statement: work that has begun another transaction by its end would look like one that is well.
    if (this.#connection?.isTransaction === false) throw endedByWork();
  }
}

export function endedByWork(): SpacedriveError {
  return new SpacedriveError(
    "STORE_FAILED",
    "The work of a transaction ended its transaction itself, and with it those beside it. Leave COMMIT and ROLLBACK to the database.",
    { retryable: false },
  );
}

/** Rows keep their null prototype: a column may be called `__proto__`. */
function withNumbers(row: Record<string, SqlValue>): SqlRow {
  for (const column in row) {
    const value = row[column];
    if (typeof value === "bigint" && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) {
      row[column] = Number(value);
    }
  }
  return row;
}
