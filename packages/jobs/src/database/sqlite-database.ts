import { DatabaseSync } from "node:sqlite";
import { SpacedriveError, type Transaction } from "@spacedrive/wire";
import type { Migration } from "./migration.js";
import { sqliteError } from "./sqlite-error.js";
import { SqliteTransaction } from "./sqlite-transaction.js";
import { StatementCache } from "./statement-cache.js";

export interface SqliteDatabaseOptions {
  /** How long a statement waits, holding the thread, for another connection's lock. Default 250. */
  readonly busyTimeoutMs?: number;
}

/**
 * One SQLite file, open in this process: WAL, `synchronous=FULL`. Everything that shares the file (jobs, a library's
 * index) goes through one of these, so that one transaction can cover all of it.
 */
export class SqliteDatabase implements AsyncDisposable {
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #statements: StatementCache;
  #busy = false;

  private constructor(path: string, connection: DatabaseSync) {
    this.path = path;
    this.#connection = connection;
    this.#statements = new StatementCache(connection);
  }

  /**
   * Opens the file, and creates it where there is none.
   *
   * @throws SpacedriveError `STORE_CORRUPT`, `STORE_LOCKED`, `DISK_FULL` or `STORE_FAILED`, naming the file.
   */
  static open(path: string, options: SqliteDatabaseOptions = {}): SqliteDatabase {
    let connection: DatabaseSync | undefined;
    try {
      connection = new DatabaseSync(path, { timeout: options.busyTimeoutMs ?? 250 });
      connection.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON");
      connection.exec(
        "CREATE TABLE IF NOT EXISTS schema_migrations (component TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT",
      );
      return new SqliteDatabase(path, connection);
    } catch (thrown) {
      connection?.close();
      throw sqliteError(thrown, path);
    }
  }

  /**
   * Runs `work` in one transaction and resolves once it is durable; whatever `work` throws rolls all of it back.
   *
   * @param work synchronous; it may not open another transaction.
   * @throws SpacedriveError what `work` threw, or `DISK_FULL`, `STORE_LOCKED`, `STORE_CORRUPT`, `STORE_FAILED`, `CLOSED`.
   */
  async transaction<T>(work: (tx: Transaction) => T): Promise<T> {
    return this.#commit(work);
  }

  /**
   * Reads on this thread, outside of any transaction.
   *
   * @throws SpacedriveError `STORE_LOCKED`, `STORE_CORRUPT`, `STORE_FAILED`, `CLOSED`.
   */
  read<T>(work: (tx: Pick<Transaction, "get" | "all">) => T): T {
    this.#checkOpen();
    const tx = new SqliteTransaction(this.#statements);
    try {
      return work(tx);
    } catch (thrown) {
      throw sqliteError(thrown, this.path);
    } finally {
      tx.end();
    }
  }

  /**
   * Brings one component's tables up to date: each migration that it has not had yet, in order, in one transaction.
   *
   * @param component who owns the tables: `jobs`, `vdfs`.
   * @throws SpacedriveError `STORE_FAILED` where the file was written by a newer version of the component.
   */
  migrate(component: string, migrations: readonly Migration[]): void {
    const version = this.read((tx) => versionOf(tx, component));
    if (version === migrations.length) return;
    if (version > migrations.length) {
      throw new SpacedriveError(
        "STORE_FAILED",
        `The database ${this.path} has version ${version} of "${component}", and this program knows ${migrations.length}. Use a newer version.`,
        { retryable: false },
      );
    }
    this.#commit((tx) => {
      for (const migration of migrations.slice(versionOf(tx, component))) this.#connection.exec(migration.sql);
      tx.run(
        "INSERT INTO schema_migrations VALUES (?, ?) ON CONFLICT (component) DO UPDATE SET version = excluded.version",
        component,
        migrations.length,
      );
    });
  }

  /** Closing twice is harmless. */
  async close(): Promise<void> {
    if (!this.#connection.isOpen) return;
    try {
      this.#connection.close();
    } catch (thrown) {
      throw sqliteError(thrown, this.path);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #commit<T>(work: (tx: Transaction) => T): T {
    this.#checkOpen();
    const tx = new SqliteTransaction(this.#statements);
    this.#busy = true;
    try {
      this.#connection.exec("BEGIN IMMEDIATE");
      const value = work(tx);
      if (isThenable(value)) {
        throw new SpacedriveError(
          "STORE_FAILED",
          "The work of a transaction must be synchronous: it answered a promise.",
        );
      }
      this.#connection.exec("COMMIT");
      return value;
    } catch (thrown) {
      // A full disk or a failed write has rolled back by itself.
      if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
      throw sqliteError(thrown, this.path);
    } finally {
      tx.end();
      this.#busy = false;
    }
  }

  #checkOpen(): void {
    if (!this.#connection.isOpen) {
      throw new SpacedriveError("CLOSED", `The database ${this.path} has been closed.`);
    }
    if (this.#busy) {
      throw new SpacedriveError(
        "STORE_FAILED",
        "The work of a transaction may not use the database but through its transaction.",
        { retryable: false },
      );
    }
  }
}

function versionOf(tx: Pick<Transaction, "get">, component: string): number {
  const version = tx.get("SELECT version FROM schema_migrations WHERE component = ?", component)?.version;
  return typeof version === "number" ? version : 0;
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
