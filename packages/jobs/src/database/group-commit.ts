import type { SpacedriveError, Transaction } from "@spacedrive/wire";
import type { DurableLog } from "./durable-log.js";
import { type Queued, QueuedWork } from "./queued-work.js";
import { unconfirmedError } from "./sqlite-error.js";
import type { TransactionGroup } from "./transaction-group.js";

/** Between two looks whether another connection's lock is gone: doubled from the first to the longest. */
const LOCK_RETRY_MS = { first: 1, longest: 25 } as const;
/** How long a relaxed commit may wait for its sync. */
const RELAXED_SYNC_MS = 100;

export interface GroupCommitOptions {
  readonly path: string;
  readonly group: TransactionGroup;
  readonly log: DurableLog;
  /** Answers before the sync. */
  readonly relaxed: boolean;
  /** How long to wait for another connection's lock. */
  readonly lockTimeoutMs: number;
  /** Called after each commit. */
  readonly onCommit: () => void;
  /** Called once, when nothing is taken any more; before those are told whose transactions are lost by it. */
  readonly onFailed: (thrown: unknown) => void;
}

/**
 * The queue of transactions of one database. What waits is written as one group; one sync, off the loop unless it is sooner
 * done there (`SyncPace`), makes it durable, and only then is it answered. What arrives meanwhile is the next group: a lone commit costs one sync, many share theirs.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #waiting: Queued[] = [];
  /** Written, and to be answered by the next sync that ends. */
  #unanswered: readonly Queued[] = [];
  #scheduled = false;
  /** The loop has turned since the last group, or will before its answer; else it is told when it does. */
  #turned = true;
  readonly #onTurn = (): void => {
    this.#turned = true;
    if (this.#scheduled) this.#writeScheduled();
  };
  /** Commits written so far, and how many of them are durable. */
  #written = 0;
  #durable = 0;
  #syncing: Promise<void> | null = null;
  #syncTimer: NodeJS.Timeout | null = null;
  #locked: { readonly since: number; readonly delayMs: number } | null = null;
  #lockTimer: NodeJS.Timeout | null = null;
  #paused = false;
  #failed: SpacedriveError | null = null;
  #onEmpty: (() => void)[] = [];

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Why nothing is taken any more, or null. */
  get failed(): SpacedriveError | null {
    return this.#failed;
  }

  /** Resolves with what `work` answers once it is durable. */
  add<T>(work: (tx: Transaction) => T): Promise<T> {
    if (this.#failed !== null) return Promise.reject(this.#failed);
    const queued = new QueuedWork(work);
    this.#waiting.push(queued);
    this.#schedule();
    return queued.answered;
  }

  /** False where all that is committed is durable. */
  get unsynced(): boolean {
    return this.#durable < this.#written;
  }

  /** Resolves once all that is committed now is durable. */
  async durable(): Promise<void> {
    const written = this.#written;
    while (this.#failed === null && this.#durable < written) await (this.#syncing ?? this.#sync());
    if (this.#failed !== null) throw this.#failed;
  }

  /** From now on nothing is written and nothing answered: the disk did not take what it was given. */
  fail(thrown: unknown): void {
    this.#fail(thrown, []);
    this.#schedule();
  }

  /** Writes nothing until `resume`. What waits goes on waiting. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  /** Resolves once nothing waits and all is durable, or once all has failed. */
  async idle(): Promise<void> {
    while (this.#waiting.length > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    while (this.#failed === null && this.#durable < this.#written) await (this.#syncing ?? this.#sync());
    if (this.#syncTimer !== null) clearTimeout(this.#syncTimer);
  }

  /**
   * Once the code that runs now has ended, so that what it asks for at once shares a commit; but in a later turn of the
   * loop where the last group was answered in this one: who goes on committing must not keep the loop from turning. While
   * a sync is under way the next group gathers, and the end of the sync writes it.
   */
  #schedule(): void {
    if (this.#waiting.length === 0) {
      for (const resolve of this.#onEmpty.splice(0)) resolve();
      return;
    }
    if (this.#scheduled || !this.#mayWrite) return;
    this.#scheduled = true;
    if (this.#turned) queueMicrotask(() => this.#writeScheduled());
  }

  #writeScheduled(): void {
    this.#scheduled = false;
    if (this.#mayWrite && this.#waiting.length > 0) this.#write();
  }

  /** The next group is not to be written before the loop has turned: also where it is asked for in that turn only. */
  #awaitTurn(): void {
    if (!this.#turned) return;
    this.#turned = false;
    setImmediate(this.#onTurn);
  }

  /** Who makes this true again schedules. */
  get #mayWrite(): boolean {
    const syncing = this.#syncing !== null && !this.#options.relaxed;
    return !this.#paused && this.#lockTimer === null && !syncing;
  }

  #write(): void {
    const result = this.#options.group.write(this.#waiting);
    if (result.kind !== "locked") this.#locked = null;
    if (result.kind !== "written" || this.#options.relaxed) this.#awaitTurn();
    switch (result.kind) {
      case "written":
        this.#written++;
        if (this.#options.relaxed) this.#answerBeforeSync(result.group);
        else this.#answerAfterSync(result.group);
        this.#options.onCommit();
        break;
      case "failed":
        this.#fail(result.error, result.group);
        break;
      case "locked":
        this.#waitForLock(result.error);
        break;
      case "empty":
        break;
      default:
        result satisfies never;
    }
    this.#schedule();
  }

  #answerAfterSync(group: readonly Queued[]): void {
    const { log } = this.#options;
    this.#unanswered = group;
    try {
      if (log.syncCommittedHere()) {
        this.#awaitTurn();
        this.#answer(this.#written);
        return;
      }
    } catch (thrown) {
      this.#fail(thrown, []);
      return;
    }
    void this.#answerAfter(log.syncCommitted());
  }

  #answerBeforeSync(group: readonly Queued[]): void {
    this.#options.log.committed();
    for (const queued of group) queued.answer();
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = null;
      void this.durable().catch(() => {});
    }, RELAXED_SYNC_MS).unref();
  }

  #sync(): Promise<void> {
    return this.#answerAfter(this.#options.log.sync());
  }

  /** What is written now is durable, and answered, after a sync. Never rejects. */
  #answerAfter(sync: Promise<void>): Promise<void> {
    const written = this.#written;
    this.#syncing = sync.then(
      () => {
        this.#syncing = null;
        this.#answer(written);
        this.#schedule();
      },
      (thrown: unknown) => {
        this.#syncing = null;
        this.fail(thrown);
      },
    );
    return this.#syncing;
  }

  /** So many commits are durable, and so is what waited for that. */
  #answer(durable: number): void {
    this.#durable = durable;
    const group = this.#unanswered;
    this.#unanswered = [];
    for (const queued of group) queued.answer();
  }

  #fail(thrown: unknown, group: readonly Queued[]): void {
    const error = unconfirmedError(thrown, this.#options.path);
    if (this.#failed === null) {
      this.#failed = error;
      if (this.#syncTimer !== null) clearTimeout(this.#syncTimer);
      this.#options.onFailed(thrown);
    }
    const all = [...this.#unanswered, ...group, ...this.#waiting.splice(0)];
    this.#unanswered = [];
    for (const queued of all) queued.reject(error);
  }

  /** Looks again after a while, with the thread free, until the time is over. */
  #waitForLock(error: unknown): void {
    const now = performance.now();
    const { since, delayMs } = this.#locked ?? { since: now, delayMs: LOCK_RETRY_MS.first };
    const left = since + this.#options.lockTimeoutMs - now;
    if (left <= 0) {
      this.#locked = null;
      for (const queued of this.#waiting.splice(0)) queued.reject(error);
      return;
    }
    this.#locked = { since, delayMs: Math.min(delayMs * 2, LOCK_RETRY_MS.longest) };
    this.#lockTimer = setTimeout(
      () => {
        this.#lockTimer = null;
        this.#schedule();
      },
      Math.min(delayMs, left),
    );
  }
}
