import { SpacedriveError, type SqlRow, type SqlValue, toSpacedriveError, type Transaction } from "@spacedrive/wire";
import { DatabaseFile, type DatabaseFileOptions } from "./database-file.js";
import type { DatabaseWatcher } from "./database-watcher.js";
import type { Migration } from "./migration.js";
import type { ScanOptions } from "./scan.js";
import { failedError, mayPass, reopeningError } from "./sqlite-error.js";
import type { StoreFaults } from "./store-faults.js";
import { defaultWorkerUrl } from "./threads/default-worker-url.js";
import { storeThreads } from "./threads/store-threads.js";

const DEFAULT_LOCK_TIMEOUT_MS = 250;
const DEFAULT_WAL_LIMIT_BYTES = 4 * 1024 * 1024;
const DEFAULT_REOPEN_MS = 1_000;
/** The longest wait between two attempts to open a failed database. */
const LONGEST_REOPEN_MS = 60_000;
const DEFAULT_SHORT_SYNC_MS = 0.3;

export interface SqliteDatabaseOptions {
  /**
   * When a transaction is answered. `full`: once it is on the disk. `relaxed`: once it is written, and on the disk within
   * some 100 ms. Then a loss of power, or a crash of the operating system, may take the last transactions back, in their
   * order and each as a whole; the death of the process takes nothing. Default `full`.
   */
  readonly durability?: "full" | "relaxed";
  /**
   * When {@link SqliteDatabase.confirmed} lets go what was read, and with it the answers of operations that leave the process.
   * `full`: once it is on the disk, which beside a busy writer is a sync later. `relaxed`: at once. Then a loss of power may take
   * back what a reader was told; what a writer was told, and what jobs did, stands as ever. Default: as `durability`.
   */
  readonly readDurability?: "full" | "relaxed";
  /** How long a transaction waits for another connection's lock, with the thread free. Default 250. */
  readonly busyTimeoutMs?: number;
  /** How long the WAL may grow before it is copied into the database. It may be passed for a moment. Default 4 MiB. */
  readonly walLimitBytes?: number;
  /**
   * When a database that failed for want of room opens itself again; doubled up to a minute while that fails. Null: only
   * {@link SqliteDatabase.reopen} opens it. Default 1,000.
   */
  readonly reopenMs?: number | null;
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
 *
 * Where the disk fails to sync what was committed it fails as a whole: it lets go of the file, since nothing that the same
 * descriptors say can be trusted any more, and answers one error until it has been opened again.
 */
export class SqliteDatabase implements AsyncDisposable {
  readonly path: string;
  readonly #fileOptions: Omit<DatabaseFileOptions, "onFailed" | "onCheckpointFailed">;
  readonly #reopenMs: number | null;
  readonly #relaxedReads: boolean;
  readonly #watchers = new Set<DatabaseWatcher>();
  #file: DatabaseFile;
  #failure: SpacedriveError | null = null;
  /** The failed file is let go of once this resolves. */
  #abandoned: Promise<void> = Promise.resolve();
  #reopening: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #nextReopenMs: number;
  #reopenedAt = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | null = null;

  private constructor(path: string, options: SqliteDatabaseOptions) {
    this.path = path;
    this.#fileOptions = {
      relaxed: options.durability === "relaxed",
      lockTimeoutMs: options.busyTimeoutMs ?? DEFAULT_LOCK_TIMEOUT_MS,
      walLimitBytes: options.walLimitBytes ?? DEFAULT_WAL_LIMIT_BYTES,
      shortSyncMs: options.shortSyncMs ?? DEFAULT_SHORT_SYNC_MS,
      threads: storeThreads(options.workerUrl ?? defaultWorkerUrl()),
      faults: options.faults ?? null,
    };
    this.#relaxedReads = (options.readDurability ?? options.durability) === "relaxed";
    this.#reopenMs = options.reopenMs === undefined ? DEFAULT_REOPEN_MS : options.reopenMs;
    this.#nextReopenMs = this.#reopenMs ?? 0;
    this.#file = this.#open();
  }

  /**
   * Opens the file, and creates it where there is none.
   *
   * @throws SpacedriveError `STORE_CORRUPT`, `STORE_LOCKED`, `DISK_FULL` or `STORE_FAILED`, naming the file.
   */
  static open(path: string, options: SqliteDatabaseOptions = {}): SqliteDatabase {
    return new SqliteDatabase(path, options);
  }

  /** What it answers since it failed; null while it works. */
  get failure(): SpacedriveError | null {
    return this.#failure;
  }

  /** Tells of its failing and reopening, until the answered function is called. */
  watch(watcher: DatabaseWatcher): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  /**
   * Runs `work` in a transaction, and resolves with what it answers once it is durable (see the option `durability`).
   * Transactions of the same moment share a commit, each in a savepoint of its own: whatever `work` throws undoes only
   * what it did. It runs soon, in the order of the calls, not at once; and again, where another one in its commit made
   * that fail: so it has no effect but on its transaction.
   *
   * @param work synchronous; it may not open another transaction.
   * @throws SpacedriveError what `work` threw, or `DISK_FULL`, `STORE_LOCKED`, `STORE_CORRUPT`, `STORE_FAILED`, `CLOSED`.
   * With `details.unconfirmed` where a sync failed: then nobody knows whether it is there once the file is open again.
   */
  async transaction<T>(work: (tx: Transaction) => T): Promise<T> {
    this.#checkUsable();
    return this.#file.transaction(work);
  }

  /**
   * Reads on this thread, outside of any transaction, what is committed, also what is not durable yet: await
   * {@link confirmed} before telling somebody outside what a loss of power must not take back. Wire does for operations.
   *
   * @throws SpacedriveError `STORE_LOCKED`, `STORE_CORRUPT`, `STORE_FAILED`, `DISK_FULL`, `CLOSED`.
   */
  read<T>(work: (tx: Pick<Transaction, "get" | "all">) => T): T {
    this.#checkUsable();
    return this.#file.read(work);
  }

  /**
   * Reads on another thread, for what would hold this one: many rows, or a search through many. The rows come in parts,
   * and are durable when this resolves, unless it was asked for what is not.
   *
   * @throws SpacedriveError `REPLY_TOO_LARGE` past `maxRows`, and as {@link read}.
   */
  async scan(sql: string, params: readonly SqlValue[] = [], options: ScanOptions = {}): Promise<SqlRow[]> {
    this.#checkUsable();
    return this.#file.scan(sql, params, options);
  }

  /**
   * Resolves once all that can be read now has been confirmed to whoever wrote it; null where it has been, and always under
   * `readDurability: "relaxed"`.
   *
   * @throws SpacedriveError as a rejection, where a sync failed.
   */
  confirmed(): Promise<void> | null {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return !this.#relaxedReads && this.#file.unsynced ? this.durable() : null;
  }

  /**
   * Resolves once everything that can be read now is on the disk.
   *
   * @throws SpacedriveError `STORE_FAILED` or `DISK_FULL` where the sync failed.
   */
  async durable(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    await this.#file.durable().catch((error: unknown) => {
      throw this.#failure ?? error;
    });
  }

  /**
   * Brings one component's tables up to date: each migration that it has not had yet, in order, in one transaction. Holds
   * the thread, and is durable when it returns.
   *
   * @param component who owns the tables: `jobs`, `vdfs`.
   * @throws SpacedriveError `STORE_FAILED` where the file was written by a newer version of the component.
   */
  migrate(component: string, migrations: readonly Migration[]): void {
    this.#checkUsable();
    this.#file.migrate(component, migrations);
  }

  /**
   * Closes the file and opens it again, and resolves once it has taken a transaction to the disk. What was confirmed is there;
   * of what was not when it failed, some may be. Meanwhile it answers as one that failed.
   *
   * @throws SpacedriveError as {@link open}; it goes on failing then, and can be asked again. `CLOSED`.
   */
  reopen(): Promise<void> {
    if (this.#closing !== null) return Promise.reject(this.#closed());
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = null;
    });
    return this.#reopening;
  }

  /** Finishes what waits, then closes. Closing twice is harmless. @throws SpacedriveError `STORE_FAILED`. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(): DatabaseFile {
    const file: DatabaseFile = DatabaseFile.open(this.path, {
      ...this.#fileOptions,
      onFailed: (thrown) => this.#fail(file, thrown),
      onCheckpointFailed: (thrown) => {
        const error = toSpacedriveError(thrown, "STORE_FAILED", `The database ${this.path} failed.`);
        for (const watcher of this.#watchers) watcher.checkpointFailed?.(error);
      },
    });
    return file;
  }

  #fail(file: DatabaseFile, thrown: unknown): void {
    // One that is just being opened has failed its first transaction: who opens it is told so.
    if (file !== this.#file || this.#failure !== null) return;
    this.#abandoned = file.abandon();
    if (performance.now() - this.#reopenedAt > LONGEST_REOPEN_MS) this.#nextReopenMs = this.#reopenMs ?? 0;
    this.#setFailure(failedError(thrown, this.path, this.#reopenMs !== null && mayPass(thrown)));
  }

  #setFailure(error: SpacedriveError): void {
    this.#failure = error;
    if (error.retryable) this.#reopenLater();
    for (const watcher of this.#watchers) watcher.failed(error);
  }

  #reopenLater(): void {
    if (this.#closing !== null || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.reopen().catch(() => {});
    }, this.#nextReopenMs);
    this.#timer.unref();
    this.#nextReopenMs = Math.min(Math.max(1, this.#nextReopenMs * 2), LONGEST_REOPEN_MS);
  }

  async #reopen(): Promise<void> {
    const { path } = this;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    try {
      if (this.#failure === null) await this.#closeForReopening();
      await this.#abandoned;
      const file = this.#open();
      const abandon = (): Promise<void> => (this.#abandoned = file.abandon());
      // Written, even though it is what it was: the disk has to show that it takes something.
      const version = file.read((tx) => Number(tx.get("PRAGMA user_version")?.user_version));
      await file
        .transaction((tx) => tx.run(`PRAGMA user_version = ${version}`))
        .catch(async (error: unknown) => {
          await abandon();
          throw error;
        });
      this.#file = file;
    } catch (thrown) {
      const again = this.#reopenMs !== null && mayPass(thrown);
      const known = this.#failure;
      if (again && known?.retryable === true) {
        this.#reopenLater();
        throw known;
      }
      const failure = failedError(thrown, path, again);
      this.#setFailure(failure);
      throw failure;
    }
    this.#failure = null;
    this.#reopenedAt = performance.now();
    for (const watcher of this.#watchers) watcher.reopened();
  }

  /** Nothing more is taken from now on; what was is finished. */
  async #closeForReopening(): Promise<void> {
    const file = this.#file;
    this.#failure = reopeningError(this.path);
    for (const watcher of this.#watchers) watcher.failed(this.#failure);
    await file.idle();
    await file.close();
  }

  async #close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#reopening?.catch(() => {});
    if (this.#failure === null) await this.#file.idle();
    const step = { operation: "close", path: this.path } as const;
    // A close cannot fail but by what the last checkpoint leaves in the WAL, where it is as safe.
    this.#fileOptions.faults?.before?.(step);
    if (this.#failure === null) await this.#file.close();
    else await this.#abandoned;
    this.#fileOptions.faults?.after?.(step);
  }

  #checkUsable(): void {
    if (this.#closing !== null) throw this.#closed();
    if (this.#failure !== null) throw this.#failure;
    if (this.#file.inUse) {
      throw new SpacedriveError(
        "STORE_FAILED",
        "The work of a transaction may not use the database but through its transaction.",
        { retryable: false },
      );
    }
  }

  #closed(): SpacedriveError {
    return new SpacedriveError("CLOSED", `The database ${this.path} has been closed.`);
  }
}
