import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Enough for every statement of the platform; beyond it the oldest is prepared again when needed. */
const CAPACITY = 256;

/** Statements prepared once per connection. */
export class StatementCache {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    // Else an integer beyond 2^53 throws on reading; safe ones become numbers again in SqliteTransaction.
    statement.setReadBigInts(true);
    const oldest = this.#statements.size < CAPACITY ? undefined : this.#statements.keys().next().value;
    if (oldest !== undefined) this.#statements.delete(oldest);
    this.#statements.set(sql, statement);
    return statement;
  }
}
