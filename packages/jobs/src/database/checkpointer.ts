import type { DurableLog } from "./durable-log.js";
import type { GroupCommit } from "./group-commit.js";
import { type StoreFaults, sqliteFault } from "./store-faults.js";
import type { StoreThread } from "./threads/store-thread.js";

/** A WAL file that a large transaction, or a long read, has made this many times longer than its limit is cut. */
const CUT_FACTOR = 4;
/** After a checkpoint that failed, or that a reader kept from its end, the next one waits: doubled up to the longest. */
const RETRY_MS = { first: 50, longest: 5_000 } as const;

export interface CheckpointerOptions {
  readonly path: string;
  readonly limitBytes: number;
  readonly commits: GroupCommit;
  readonly log: DurableLog;
  readonly thread: StoreThread;
  readonly faults: StoreFaults | null;
  /** Called where one fails, and no more until one has not. */
  readonly onFailed: (thrown: unknown) => void;
}

/**
 * Copies the WAL into the database when it has grown past its limit, in a thread of its own, in two steps. The first copies
 * what is there while commits go on, and so never reaches the end of a WAL that is always written. For the second, commits
 * wait a moment: the little that is left is copied, both files are synced, and the next commit begins the WAL anew. So its
 * size is bounded, however busy it is.
 *
 * That no commit can begin the WAL anew while a checkpoint runs (the first step starts with much to copy, the second with
 * commits paused) also keeps clear of a race of SQLite before 3.51.3, https://www.sqlite.org/wal.html#walresetbug.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  #running: Promise<void> | null = null;
  #closed = false;
  #notBefore = 0;
  #retryMs: number = RETRY_MS.first;
  #told = false;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  /** Starts a checkpoint where the WAL needs one. Commits are made durable meanwhile as ever. */
  consider(): void {
    const { log, limitBytes, commits } = this.#options;
    if (this.#running !== null || this.#closed || log.length < limitBytes) return;
    if (commits.failed !== null || performance.now() < this.#notBefore) return;
    this.#running = this.#checkpoint().then((done) => {
      this.#running = null;
      if (done) this.#retryMs = RETRY_MS.first;
      else {
        this.#notBefore = performance.now() + this.#retryMs;
        this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.longest);
      }
    });
  }

  /** Starts no more, and resolves once none is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  /**
   * False where the WAL could not be begun anew. It loses nothing by that: what is not copied stays in the WAL, which has
   * it durably, and grows; where there is no room left for that, the commit is told.
   */
  async #checkpoint(): Promise<boolean> {
    const { path, commits, log, thread, limitBytes, faults } = this.#options;
    try {
      // Commits must not wait for the checkpoints of other databases.
      return await thread.inTurn(async () => {
        const step = { operation: "checkpoint", path } as const;
        const fault = faults?.before?.(step) ?? null;
        if (fault !== null) throw sqliteFault(fault);
        log.checkpointBegins();
        try {
          await thread.request({ kind: "checkpoint", path, truncate: false });
          commits.pause();
          const truncate = log.fileSize > limitBytes * CUT_FACTOR;
          const { busy } = await thread.request({ kind: "checkpoint", path, truncate });
          faults?.after?.(step);
          this.#told = false;
          return !busy;
        } finally {
          log.checkpointEnded();
          commits.resume();
        }
      });
    } catch (thrown) {
      if (!this.#told && commits.failed === null) this.#options.onFailed(thrown);
      this.#told = true;
      return false;
    }
  }
}
