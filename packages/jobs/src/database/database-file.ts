import { DatabaseSync } from "node:sqlite";
import { SpacedriveError, type SqlRow, type SqlValue, type Transaction } from "@spacedrive/wire";
import { Checkpointer } from "./checkpointer.js";
import { DurableLog } from "./durable-log.js";
import { GroupCommit } from "./group-commit.js";
import type { Migration } from "./migration.js";
import { type ScanOptions, scanRows } from "./scan.js";
import { isFailedSync, isLocked, sqliteError } from "./sqlite-error.js";
import { SqliteTransaction } from "./sqlite-transaction.js";
import { StatementCache } from "./statement-cache.js";
import { type StoreFaults, type StoreStep, sqliteFault } from "./store-faults.js";
import { SyncPace } from "./sync-pace.js";
import type { StoreThreads } from "./threads/store-threads.js";
import { TransactionGroup } from "./transaction-group.js";

/** How long a statement may hold the thread waiting for another connection's lock, where it cannot wait otherwise. */
const HOLDING_WAIT_MS = 5;

export interface DatabaseFileOptions {
  readonly relaxed: boolean;
  readonly lockTimeoutMs: number;
  readonly walLimitBytes: number;
  readonly shortSyncMs: number;
  readonly threads: StoreThreads;
  readonly faults: StoreFaults | null;
  /** It takes nothing more, and is to be abandoned. Called once, before anybody is told by a rejection. */
  readonly onFailed: (thrown: unknown) => void;
  /** Its WAL cannot be copied into it, for now: nothing is lost, and the WAL grows. Told once, until it can again. */
  readonly onCheckpointFailed: (error: unknown) => void;
}

/**
 * One opening of a SQLite file, with all that stands on it. Once it has failed it is used no more: what an operating system
 * could not write it may have dropped, and another sync by the same descriptor may be told nothing of that.
 */
export class DatabaseFile {
  readonly #path: string;
  readonly #options: DatabaseFileOptions;
  readonly #connection: DatabaseSync;
  readonly #statements: StatementCache;
  readonly #group: TransactionGroup;
  readonly #log: DurableLog;
  readonly #commits: GroupCommit;
  readonly #checkpointer: Checkpointer;
  /** The path by which SQLite has the file open: links are followed. */
  readonly #realPath: string;
  #migrating = false;

  private constructor(path: string, connection: DatabaseSync, options: DatabaseFileOptions) {
    const { relaxed, lockTimeoutMs, walLimitBytes, shortSyncMs, threads, faults, onFailed } = options;
    this.#path = path;
    this.#options = options;
    this.#connection = connection;
    this.#statements = new StatementCache(connection);
    this.#realPath = connection.location() ?? path;
    this.#group = new TransactionGroup(path, connection, this.#statements, faults);
    this.#log = new DurableLog({
      path: this.#realPath,
      thread: threads.sync,
      pace: new SyncPace(shortSyncMs),
      limitBytes: walLimitBytes,
      faults,
    });
    this.#commits = new GroupCommit({
      path,
      group: this.#group,
      log: this.#log,
      relaxed,
      lockTimeoutMs,
      onCommit: () => this.#checkpointer.consider(),
      onFailed,
    });
    this.#checkpointer = new Checkpointer({
      path: this.#realPath,
      limitBytes: walLimitBytes,
      commits: this.#commits,
      log: this.#log,
      thread: threads.checkpoints,
      faults,
      onFailed: (thrown) => options.onCheckpointFailed(sqliteError(thrown, path)),
    });
  }

  /** @throws SpacedriveError `STORE_CORRUPT`, `STORE_LOCKED`, `DISK_FULL` or `STORE_FAILED`, naming the file. */
  static open(path: string, options: DatabaseFileOptions): DatabaseFile {
    const step = { operation: "open", path } as const;
    let connection: DatabaseSync | undefined;
    let file: DatabaseFile | undefined;
    try {
      refuseFaulty(options.faults, step);
      connection = new DatabaseSync(path, { timeout: options.lockTimeoutMs });
      // The first steps are FULL: a new file, and its WAL, are durable with their names when this returns.
      connection.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON");
      connection.exec(
        "CREATE TABLE IF NOT EXISTS schema_migrations (component TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT",
      );
      connection.exec("PRAGMA wal_autocheckpoint=0");
      file = new DatabaseFile(path, connection, options);
      file.#makeFoundDurable();
      file.#leaveSyncToGroups();
      options.faults?.after?.(step);
      return file;
    } catch (thrown) {
      if (file !== undefined) file.#log.close();
      connection?.close();
      throw sqliteError(thrown, path);
    }
  }

  /** True while a work or a migration runs: it may use the file only through its transaction. */
  get inUse(): boolean {
    return this.#group.running || this.#migrating;
  }

  transaction<T>(work: (tx: Transaction) => T): Promise<T> {
    return this.#commits.add(work);
  }

  read<T>(work: (tx: Pick<Transaction, "get" | "all">) => T): T {
    const tx = new SqliteTransaction(this.#statements, null);
    try {
      return work(tx);
    } catch (thrown) {
      throw sqliteError(thrown, this.#path);
    } finally {
      tx.end();
    }
  }

  /** True where something can be read that is not durable yet. */
  get unsynced(): boolean {
    return this.#commits.unsynced;
  }

  async scan(sql: string, params: readonly SqlValue[], options: ScanOptions): Promise<SqlRow[]> {
    try {
      const rows = await scanRows(this.#options.threads.scans, { path: this.#realPath, sql, params }, options);
      if (options.unconfirmed !== true) await this.#commits.durable();
      return rows;
    } catch (thrown) {
      throw sqliteError(thrown, this.#path);
    }
  }

  durable(): Promise<void> {
    return this.#commits.durable();
  }

  migrate(component: string, migrations: readonly Migration[]): void {
    const version = this.read((tx) => versionOf(tx, component));
    if (version === migrations.length) return;
    if (version > migrations.length) {
      throw new SpacedriveError(
        "STORE_FAILED",
        `The database ${this.#path} has version ${version} of "${component}", and this program knows ${migrations.length}. Use a newer version.`,
        { retryable: false },
      );
    }
    const step = { operation: "migrate", path: this.#path } as const;
    const { faults, lockTimeoutMs } = this.#options;
    const tx = new SqliteTransaction(this.#statements, null);
    this.#connection.exec(`PRAGMA synchronous=FULL; PRAGMA busy_timeout=${lockTimeoutMs}`);
    this.#migrating = true;
    try {
      refuseFaulty(faults, step);
      this.#connection.exec("BEGIN IMMEDIATE");
      for (const migration of migrations.slice(versionOf(tx, component))) this.#connection.exec(migration.sql);
      tx.run(
        "INSERT INTO schema_migrations VALUES (?, ?) ON CONFLICT (component) DO UPDATE SET version = excluded.version",
        component,
        migrations.length,
      );
      this.#connection.exec("COMMIT");
      this.#log.synced();
    } catch (thrown) {
      // A full disk or a failed write has rolled back by itself.
      if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
      if (isFailedSync(thrown)) this.#commits.fail(thrown);
      throw sqliteError(thrown, this.#path);
    } finally {
      tx.end();
      this.#migrating = false;
      this.#leaveSyncToGroups();
    }
    faults?.after?.(step);
  }

  /** Resolves once nothing waits and all is durable, or once it has failed. */
  idle(): Promise<void> {
    return this.#commits.idle();
  }

  /** Closes it. After {@link idle}. */
  async close(): Promise<void> {
    const { checkpoints, scans } = this.#options.threads;
    await this.#checkpointer.close();
    await scans.release(this.#realPath).catch(() => {});
    // The last connection to close checkpoints: not this thread's.
    await checkpoints.request({ kind: "open", path: this.#realPath }).catch(() => {});
    try {
      this.#closeHandles();
      await checkpoints.release(this.#realPath).catch(() => {});
    } catch (thrown) {
      throw sqliteError(thrown, this.#path);
    }
  }

  /** Once it has failed: takes back what was never confirmed, where that can be, and lets go of it. Never rejects. */
  async abandon(): Promise<void> {
    const { checkpoints, scans } = this.#options.threads;
    await this.#checkpointer.close();
    await scans.release(this.#realPath).catch(() => {});
    try {
      this.#log.dropUnsynced();
    } catch {
      // It is there when the file is opened again, and was confirmed to nobody.
    }
    try {
      this.#closeHandles();
    } catch {
      // What cannot be closed any more holds nothing that is needed.
    }
    await checkpoints.release(this.#realPath).catch(() => {});
  }

  #closeHandles(): void {
    this.#log.close();
    this.#connection.close();
  }

  /**
   * What a process left in the WAL that died, or whose sync failed, can be read, and may be on no disk: an operating system
   * calls a page clean that it could not write. So it is written again, before anything is confirmed that comes after it.
   */
  #makeFoundDurable(): void {
    if (!this.#log.holdsAny) return;
    try {
      this.#connection.exec("BEGIN IMMEDIATE");
    } catch (thrown) {
      // Somebody else has it open, and answers for it.
      if (isLocked(thrown)) return;
      throw thrown;
    }
    try {
      this.#log.writeAgain();
    } finally {
      this.#connection.exec("ROLLBACK");
    }
  }

  /** From now on a commit is written without a sync, and a lock that another connection holds is waited for elsewhere. */
  #leaveSyncToGroups(): void {
    const waitMs = Math.min(this.#options.lockTimeoutMs, HOLDING_WAIT_MS);
    this.#connection.exec(`PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=${waitMs}`);
  }
}

/** @throws Error where the operation is to fail. */
function refuseFaulty(faults: StoreFaults | null, step: StoreStep): void {
  const fault = faults?.before?.(step) ?? null;
  if (fault !== null) throw sqliteFault(fault);
}

function versionOf(tx: Pick<Transaction, "get">, component: string): number {
  const version = tx.get("SELECT version FROM schema_migrations WHERE component = ?", component)?.version;
  return typeof version === "number" ? version : 0;
}
