import { DatabaseSync } from "node:sqlite";
import { SpacedriveError, type SqlRow, type SqlValue, type Transaction } from "@spacedrive/wire";
import { Checkpointer } from "./checkpointer.js";
import { DurableLog } from "./durable-log.js";
import { GroupCommit } from "./group-commit.js";
import type { Migration } from "./migration.js";
import { type ScanOptions, scanRows } from "./scan.js";
import { sqliteError } from "./sqlite-error.js";
import { SqliteTransaction } from "./sqlite-transaction.js";
import { StatementCache } from "./statement-cache.js";
import type { StoreFaults } from "./store-faults.js";
import { defaultWorkerUrl } from "./threads/default-worker-url.js";
import { type StoreThreads, storeThreads } from "./threads/store-threads.js";
import { SyncPace } from "./sync-pace.js";
import { TransactionGroup } from "./transaction-group.js";

/** How long a statement may hold the thread waiting for another connection's lock, where it cannot wait otherwise. */
const HOLDING_WAIT_MS = 5;
const DEFAULT_LOCK_TIMEOUT_MS = 250;
const DEFAULT_WAL_LIMIT_BYTES = 4 * 1024 * 1024;
const DEFAULT_SHORT_SYNC_MS = 0.3;

export interface SqliteDatabaseOptions {
  /**
   * When a transaction is answered. `full`: once it is on the disk. `relaxed`: once it is written, and on the disk within
   * some 100 ms. Then a loss of power, or a crash of the operating system, may take the last transactions back, in their
   * order and each as a whole; the death of the process takes nothing. Default `full`.
   */
  readonly durability?: "full" | "relaxed";
  /** How long a transaction waits for another connection's lock, with the thread free. Default 250. */
  readonly busyTimeoutMs?: number;
  /** How long the WAL may grow before it is copied into the database. It may be passed for a moment. Default 4 MiB. */
  readonly walLimitBytes?: number;
  /**
   * A sync that is expected to take no longer may be done on this thread, if that is idle half of the time: on a fast disk a
   * commit is durable sooner than by way of another thread. 0: never. Default 0.3.
   */
  readonly shortSyncMs?: number;
  /** Where the file behind `@spacedrive/jobs/worker` is. Default: found by that name. */
  readonly workerUrl?: URL;
  /** Makes operations on the files fail, for tests. Default: none. */
  readonly faults?: StoreFaults | null;
}

/**
 * One SQLite file, open in this process, in WAL mode. Everything that shares the file (jobs, a library's index) goes
 * through one of these, so that one transaction can cover all of it. No checkpoint or long read holds the thread, and
 * no commit does where the disk is slow or the thread has other work.
 */
export class SqliteDatabase implements AsyncDisposable {
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #statements: StatementCache;
  readonly #lockTimeoutMs: number;
  readonly #threads: StoreThreads;
  readonly #faults: StoreFaults | null;
  readonly #group: TransactionGroup;
  readonly #log: DurableLog;
  readonly #commits: GroupCommit;
  readonly #checkpointer: Checkpointer;
  /** The path by which SQLite has the file open: links are followed. */
  readonly #realPath: string;
  #migrating = false;
  #closing: Promise<void> | null = null;

  private constructor(path: string, connection: DatabaseSync, options: SqliteDatabaseOptions) {
    const { durability = "full", walLimitBytes = DEFAULT_WAL_LIMIT_BYTES, faults = null } = options;
    this.path = path;
    this.#connection = connection;
    this.#statements = new StatementCache(connection);
    this.#lockTimeoutMs = options.busyTimeoutMs ?? DEFAULT_LOCK_TIMEOUT_MS;
    this.#faults = faults;
    this.#realPath = connection.location() ?? path;
    this.#threads = storeThreads(options.workerUrl ?? defaultWorkerUrl());
    this.#group = new TransactionGroup(path, connection, this.#statements, faults);
    this.#log = new DurableLog({
      path: this.#realPath,
      thread: this.#threads.sync,
      pace: new SyncPace(options.shortSyncMs ?? DEFAULT_SHORT_SYNC_MS),
      limitBytes: walLimitBytes,
      faults,
    });
    this.#commits = new GroupCommit({
      path,
      group: this.#group,
      log: this.#log,
      relaxed: durability === "relaxed",
      lockTimeoutMs: this.#lockTimeoutMs,
      onCommit: () => this.#checkpointer.consider(),
    });
    this.#checkpointer = new Checkpointer({
      path: this.#realPath,
      limitBytes: walLimitBytes,
      commits: this.#commits,
      log: this.#log,
      thread: this.#threads.checkpoints,
      faults,
    });
  }

  /**
   * Opens the file, and creates it where there is none.
   *
   * @throws SpacedriveError `STORE_CORRUPT`, `STORE_LOCKED`, `DISK_FULL` or `STORE_FAILED`, naming the file.
   */
  static open(path: string, options: SqliteDatabaseOptions = {}): SqliteDatabase {
    let connection: DatabaseSync | undefined;
    try {
      connection = new DatabaseSync(path, { timeout: options.busyTimeoutMs ?? DEFAULT_LOCK_TIMEOUT_MS });
      // The first steps are FULL: a new file, and its WAL, are durable with their names when this returns.
      connection.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON");
      connection.exec(
        "CREATE TABLE IF NOT EXISTS schema_migrations (component TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT",
      );
      connection.exec("PRAGMA wal_autocheckpoint=0");
      const database = new SqliteDatabase(path, connection, options);
      database.#leaveSyncToGroups();
      return database;
    } catch (thrown) {
      connection?.close();
      throw sqliteError(thrown, path);
    }
  }

  /**
   * Runs `work` in a transaction, and resolves with what it answers once it is durable (see the option `durability`).
   * Transactions of the same moment share a commit, each in a savepoint of its own: whatever `work` throws undoes only
   * what it did. It runs soon, in the order of the calls, not at once; and again, where another one in its commit made
   * that fail: so it has no effect but on its transaction.
   *
   * @param work synchronous; it may not open another transaction.
   * @throws SpacedriveError what `work` threw, or `DISK_FULL`, `STORE_LOCKED`, `STORE_CORRUPT`, `STORE_FAILED`, `CLOSED`.
   * After a failed sync (not retryable) all are refused until the file is opened again.
   */
  async transaction<T>(work: (tx: Transaction) => T): Promise<T> {
    this.#checkUsable();
    return this.#commits.add(work);
  }

  /**
   * Reads on this thread, outside of any transaction, what is committed, also what is not durable yet: await
   * {@link durable} before telling somebody outside what a loss of power must not take back.
   *
   * @throws SpacedriveError `STORE_LOCKED`, `STORE_CORRUPT`, `STORE_FAILED`, `CLOSED`.
   */
  read<T>(work: (tx: Pick<Transaction, "get" | "all">) => T): T {
    this.#checkUsable();
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
   * Reads on another thread, for what would hold this one: many rows, or a search through many. The rows come in parts,
   * and are durable when this resolves.
   *
   * @throws SpacedriveError `REPLY_TOO_LARGE` past `maxRows`, and as {@link read}.
   */
  async scan(sql: string, params: readonly SqlValue[] = [], options: ScanOptions = {}): Promise<SqlRow[]> {
    this.#checkUsable();
    try {
      const rows = await scanRows(this.#threads.scans, { path: this.#realPath, sql, params }, options);
      await this.#commits.durable();
      return rows;
    } catch (thrown) {
      throw sqliteError(thrown, this.path);
    }
  }

  /**
   * Resolves once everything that can be read now is on the disk.
   *
   * @throws SpacedriveError `STORE_FAILED` or `DISK_FULL` where the sync failed.
   */
  durable(): Promise<void> {
    return this.#commits.durable();
  }

  /**
   * Brings one component's tables up to date: each migration that it has not had yet, in order, in one transaction. Holds
   * the thread, and is durable when it returns.
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
    const tx = new SqliteTransaction(this.#statements);
    this.#connection.exec(`PRAGMA synchronous=FULL; PRAGMA busy_timeout=${this.#lockTimeoutMs}`);
    this.#migrating = true;
    try {
      this.#connection.exec("BEGIN IMMEDIATE");
      for (const migration of migrations.slice(versionOf(tx, component))) this.#connection.exec(migration.sql);
      tx.run(
        "INSERT INTO schema_migrations VALUES (?, ?) ON CONFLICT (component) DO UPDATE SET version = excluded.version",
        component,
        migrations.length,
      );
      this.#connection.exec("COMMIT");
    } catch (thrown) {
      // A full disk or a failed write has rolled back by itself.
      if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
      throw sqliteError(thrown, this.path);
    } finally {
      tx.end();
      this.#migrating = false;
      this.#leaveSyncToGroups();
    }
  }

  /** Finishes what waits, then closes. Closing twice is harmless. @throws SpacedriveError `STORE_FAILED`. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#commits.idle();
    await this.#checkpointer.close();
    const step = { operation: "close", path: this.path } as const;
    // A close cannot fail but by what the last checkpoint leaves in the WAL, where it is as safe.
    this.#faults?.before?.(step);
    const path = this.#realPath;
    const { checkpoints, scans } = this.#threads;
    try {
      await scans.release(path).catch(() => {});
      const failed = this.#commits.failed !== null;
      if (failed) this.#log.dropUnsynced();
      // The last connection to close checkpoints: not this thread's.
      else await checkpoints.request({ kind: "open", path }).catch(() => {});
      this.#log.close();
      this.#connection.close();
      await checkpoints.release(path).catch(() => {});
    } catch (thrown) {
      throw sqliteError(thrown, this.path);
    }
    this.#faults?.after?.(step);
  }

  /** From now on a commit is written without a sync, and a lock that another connection holds is waited for elsewhere. */
  #leaveSyncToGroups(): void {
    const waitMs = Math.min(this.#lockTimeoutMs, HOLDING_WAIT_MS);
    this.#connection.exec(`PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=${waitMs}`);
  }

  #checkUsable(): void {
    if (this.#closing !== null) throw new SpacedriveError("CLOSED", `The database ${this.path} has been closed.`);
    if (this.#commits.failed !== null) throw this.#commits.failed;
    if (this.#group.running || this.#migrating) {
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
