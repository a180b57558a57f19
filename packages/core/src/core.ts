import { join } from "node:path";
import {
  JobManager,
  type JobManagerOptions,
  jobOperations,
  type JobStoreOptions,
  SqliteDatabase,
  SqliteHostRecords,
  type SqliteDatabaseOptions,
  SqliteJobStore,
} from "@spacedrive/jobs";
import {
  type Clock,
  createWire,
  type Gate,
  isSpacedriveError,
  type Logger,
  type Operation,
  silentLogger,
  systemClock,
  type Wire,
} from "@spacedrive/wire";
import { type DataDirLock, lockDataDir } from "./data-dir-lock.js";
import { HostSocket } from "./host-socket/host-socket.js";
import { libraryOperations } from "./libraries/handlers.js";
import { errnoOf } from "./paths/contained-file.js";
import { LibraryManager } from "./libraries/library-manager.js";
import { testOperations } from "./ping/handlers.js";
import { vdfsOperations } from "./vdfs/handlers.js";
import { indexLocationJob } from "./vdfs/index-location.js";
import { LibraryBackend } from "./vdfs/library-backend.js";

export interface CoreOptions {
  /** The folder of all data; made where it is missing. One process owns it at a time. */
  readonly dataDir: string;
  /** The integrator's own operations, beside `test.*`, `vdfs.*` and `jobs.*`. */
  readonly operations?: readonly Operation[];
  /** Default: silent. */
  readonly logger?: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Decides on remote callers. Default: they are denied everything. */
  readonly remoteGate?: Gate;
  /** How long running jobs have to checkpoint when the core closes. Default 5,000. */
  readonly shutdownMs?: number;
  /** How many jobs run at once, how long one that is interrupted may take, how often one that dies is tried again, … */
  readonly jobLimits?: Pick<
    JobManagerOptions,
    | "interruptDeadlineMs"
    | "journalQuotaBytes"
    | "maxRetryBackoffMs"
    | "maxRunning"
    | "maxRunningPerExtension"
    | "retryBackoffMs"
    | "retryLimit"
  > &
    JobStoreOptions;
  /**
   * Which unfinished jobs go on: `all`, or those that are `named`: dispatched, resumed or retried from here on, with their
   * children. The others stay as they are. For commands. Default `all`.
   */
  readonly goOnWith?: JobManagerOptions["goOnWith"];
  /** 32 bytes by which what secret operations answer jobs is recorded encrypted. Default: it is not recorded. */
  readonly recordKey?: Uint8Array;
  /** How the databases of the host and its libraries write: durability, limit of the WAL; for tests faults, also of sidecars. */
  readonly store?: SqliteDatabaseOptions;
  /** Whether every library of the data directory is opened at once, so that its jobs go on. Default true. */
  readonly openLibraries?: boolean;
  /**
   * Whether other processes of this user, such as `sdx`, can reach this one by `<dataDir>/host.sock`. Where the socket cannot
   * be served the core works without it, and the log says why. Default true.
   */
  readonly socket?: boolean;
}

/** An open data directory: its libraries, the operations on them, and their jobs. */
export class Core implements AsyncDisposable {
  /** The data directory's real path. */
  readonly dataDir: string;
  readonly wire: Wire;
  readonly jobs: JobManager;
  readonly libraries: LibraryManager;
  readonly #hostDatabase: SqliteDatabase;
  readonly #lock: DataDirLock;
  #socket: HostSocket | null = null;
  #closing: Promise<void> | null = null;

  private constructor(options: CoreOptions, lock: DataDirLock, hostDatabase: SqliteDatabase) {
    const { logger = silentLogger, clock = systemClock } = options;
    this.dataDir = lock.folder;
    this.#lock = lock;
    this.#hostDatabase = hostDatabase;
    this.libraries = new LibraryManager({
      folder: join(lock.folder, "libraries"),
      hostDatabase,
      store: options.store ?? {},
      logger,
      clock,
      prepare: async (library) => {
        await backend.open(library);
        const attached = await this.jobs.attach(
          library.id,
          new SqliteJobStore(library.database, library.id, options.jobLimits),
        );
        return async () => {
          await attached.detach();
          backend.close(library.id);
        };
      },
    });
    const backend = new LibraryBackend({
      libraries: this.libraries,
      jobs: () => this.jobs,
      dataDir: lock.folder,
      clock,
      logger,
      faults: options.store?.faults ?? null,
    });
    this.wire = createWire([], {
      libraries: this.libraries,
      logger,
      clock,
      ...(options.remoteGate === undefined ? {} : { remoteGate: options.remoteGate }),
    });
    this.jobs = new JobManager({
      wire: this.wire,
      logger,
      clock,
      hostRecords: new SqliteHostRecords(hostDatabase),
      ...(options.recordKey === undefined ? {} : { recordKey: options.recordKey }),
      ...options.jobLimits,
      ...(options.goOnWith === undefined ? {} : { goOnWith: options.goOnWith }),
      ...(options.shutdownMs === undefined ? {} : { shutdownMs: options.shutdownMs }),
    });
    this.jobs.register(indexLocationJob(backend));
    const own = [
      ...testOperations(),
      ...vdfsOperations(backend),
      ...jobOperations(this.jobs),
      ...libraryOperations(this.libraries),
    ];
    for (const operation of [...own, ...(options.operations ?? [])]) this.wire.register(operation);
  }

  /** For {@link openCore}. */
  static async open(options: CoreOptions): Promise<Core> {
    const lock = await lockDataDir(options.dataDir);
    let hostDatabase: SqliteDatabase | null = null;
    let core: Core | null = null;
    try {
      hostDatabase = SqliteDatabase.open(join(lock.folder, "host.db"), options.store);
      core = new Core(options, lock, hostDatabase);
      if (options.socket ?? true) await core.#listen();
      if (options.openLibraries ?? true) await core.libraries.openAll();
      core.#socket?.serve(core);
      return core;
    } catch (error) {
      await core?.close();
      await hostDatabase?.close();
      lock.release();
      throw error;
    }
  }

  /** Where other processes reach this one; null where the socket was declined, or cannot be served. */
  get socketPath(): string | null {
    return this.#socket?.path ?? null;
  }

  /** Interrupts running jobs, which go on at the next start, and closes everything. Closing twice is harmless. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Before the libraries are opened: who comes meanwhile waits, instead of finding a locked directory and no host. */
  async #listen(): Promise<void> {
    const { logger } = this.wire;
    try {
      this.#socket = await HostSocket.listen({ folder: this.dataDir, logger });
    } catch (err) {
      const reason = isSpacedriveError(err) ? err.message : (errnoOf(err) ?? "unknown");
      const level = process.platform === "win32" ? "debug" : "warn";
      logger[level]({ err }, `the host serves no socket, so that other processes cannot reach it: ${reason}`);
    }
  }

  async #close(): Promise<void> {
    // Requests that wait for a job's end get it, or hear that the host closes.
    const hungUp = this.#socket?.close();
    try {
      await this.jobs.close();
      await hungUp;
      await this.libraries.closeAll();
      await this.#hostDatabase.close();
    } finally {
      this.#lock.release();
    }
  }
}

/**
 * Opens a data directory: makes it where it is missing, claims it for this process, and opens its libraries.
 *
 * @throws SpacedriveError `DATA_DIR_LOCKED` where a process has it open (details: `data_dir`, `pid`), `STORE_CORRUPT`,
 * `STORE_LOCKED`, `DISK_FULL`, `STORE_FAILED`, `CONFLICT` where an operation's name is taken.
 */
export function openCore(options: CoreOptions): Promise<Core> {
  return Core.open(options);
}
