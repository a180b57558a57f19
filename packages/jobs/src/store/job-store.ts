import type { JobId, Transaction } from "@spacedrive/wire";
import type { CallRecord, RecordPlace } from "../call-record.js";
import type { HistoryLimits, HistoryNotes, JobHistory } from "../history.js";
import type { JobFilter, JobRecord, JobStatus } from "../job.js";
import type { LibraryEvent } from "../library-event.js";
import type { JobSnapshot } from "../job-steps.js";
import type { StoreWatcher } from "../store-watcher.js";

/** What the ready queue needs of a queued job. */
export interface QueuedJob extends Pick<JobRecord, "id" | "type" | "priority"> {
  /** When it was last queued: among equals the first comes first. */
  readonly queuedAt: number;
}

/** A job for which something has become due. */
export interface DueJob {
  readonly id: JobId;
  /** `wake`: a suspended job's time has come; `ready`: a postponed job's; `expire`: its deadline has passed. */
  readonly kind: "wake" | "ready" | "expire";
}

/** A moment, by the wall clock and on the manager's own time. */
export interface Moment {
  readonly wall: number;
  readonly steady: number;
}

/** What our stores are made with. */
export interface JobStoreOptions {
  /** How much of each job's past is kept. Default `MAX_HISTORY` entries of `MAX_HISTORY_BYTES` in all. */
  readonly history?: Partial<HistoryLimits>;
}

/** How many children of a job there are of each status. */
export type ChildCounts = Readonly<Partial<Record<JobStatus, number>>>;

/** An event that is to be emitted. */
export interface NewEvent extends Omit<LibraryEvent, "number"> {
  /** Names that the store keeps of the event's owner, which is its extension, or the host. */
  readonly maxNames: number;
}

/** What an event has done. */
export interface EmittedEvent {
  readonly number: number;
  /** The jobs that waited for it and are `queued` now. */
  readonly woken: readonly JobId[];
}

/**
 * The port behind which the jobs of one library lie. Each method is one atomic, durable change or one look. What a change
 * resolves with is on disk; what a look does may be a moment ahead of it (see `confirmed`). `jobStoreConformance` proves an
 * implementation.
 *
 * Any method may reject with `DISK_FULL`, `STORE_LOCKED`, `STORE_CORRUPT`, `STORE_FAILED` or `CLOSED`, and has then
 * changed nothing.
 */
export interface JobStore {
  /**
   * `exactly-once`: the transactions that Wire's `LibraryDirectory` runs on the jobs' library are transactions of this store,
   * which can join them by `insertIn`, `updateIn`, `recordIn` and `emitIn`. `at-least-once`: they are another database's; those
   * four are never called, and what is to be stored with an effect is stored after it.
   */
  readonly effects: "exactly-once" | "at-least-once";
  /** How much of a job's past it keeps: it need not be given more. Left out: all that it is given. */
  readonly historyLimits?: HistoryLimits;
  /** Tells when the store fails as a whole, and works again, until the answered function is called. Left out: it never does. */
  watch?(watcher: StoreWatcher): () => void;
  /**
   * Resolves once all that the looks of this port can have answered until now is on disk; null where it is. Left out: it
   * always is.
   */
  confirmed?(): Promise<void> | null;
  /** @throws SpacedriveError `CONFLICT` where the id exists. */
  insert(job: JobRecord): Promise<void>;
  /** The same in a transaction of an effect. */
  insertIn(tx: Transaction, job: JobRecord): void;
  /** Null where there is none. */
  get(id: JobId): Promise<JobRecord | null>;
  /** Newest first, at most `limit`. */
  list(filter: Omit<JobFilter, "library">, limit: number): Promise<readonly JobRecord[]>;
  /**
   * Jobs that are `queued` and not postponed: the highest priority first, then the one that has been queued longest.
   *
   * @param of one job, or those of one type.
   */
  queued(of: { readonly type: string } | { readonly id: JobId }, limit: number): Promise<readonly QueuedJob[]>;
  /** The types of which {@link queued} has a job. */
  queuedTypes(): Promise<readonly string[]>;
  /** Up to `limit` jobs for which something is due. */
  due(now: Moment, limit: number): Promise<readonly DueJob[]>;
  /** When something will be due next, by each of the two clocks; null: nothing waits for it. */
  nextDue(): Promise<{ readonly wall: number | null; readonly steady: number | null }>;
  /** The last `waitBegan` of the jobs that have not ended; null: none waits on the manager's time. */
  lastWaitBegan(): Promise<number | null>;
  /** How many children of a job there are, without looking at each. */
  countChildren(parent: JobId): Promise<ChildCounts>;
  /**
   * Children that have not ended, but for those that left `failed` by a retry when their parent was `cancelled` already. `parent` null:
   * of all jobs that were cancelled.
   */
  liveChildren(parent: JobId | null, limit: number): Promise<readonly JobId[]>;
  /**
   * Reads a job, applies `step` (of `job-steps.ts`), and stores what it answers, with nothing in between; where `step`
   * throws, nothing is stored and the error is passed on. A job that is completed or cancelled loses its records with it.
   *
   * In the same transaction a job that is now suspended is woken where what it waits for has come already, and so is the
   * parent of a job that has now ended, where it waited for that.
   *
   * Where the job's status has changed, that is an entry of its history, after those of `history`.
   *
   * @throws SpacedriveError `NOT_FOUND`, or what `step` throws.
   */
  update(id: JobId, step: (job: JobRecord) => JobRecord, history?: HistoryNotes): Promise<JobRecord>;
  /** The same in a transaction of an effect. */
  updateIn(tx: Transaction, id: JobId, step: (job: JobRecord) => JobRecord): JobRecord;
  /**
   * Numbers an event, keeps it in the place of the last one of its name, and wakes the suspended jobs that wait for it.
   *
   * @throws SpacedriveError `EVENTS_FULL` where the owner has `maxNames` other names.
   */
  emit(event: NewEvent): Promise<EmittedEvent>;
  /** The same in a transaction of an effect. */
  emitIn(tx: Transaction, event: NewEvent): EmittedEvent;
  /** The last event of a name; null: there was none. */
  lastEvent(name: string): Promise<LibraryEvent | null>;
  /**
   * Does what `checkpointJob` says, without reading the state that it replaces, and sweeps the records that it covers.
   *
   * @throws SpacedriveError `JOB_NOT_RUNNING` where this attempt is not the one that runs.
   */
  checkpoint(id: JobId, attempt: number, snapshot: JobSnapshot): Promise<void>;
  /**
   * What a job did, as much of it as the store's limits allow, and how much it has let go; without its beginning, which is in the
   * job itself.
   *
   * @param held what its attempt has done and not yet stored: to be told behind the rest, within the same limits.
   */
  history(id: JobId, held?: HistoryNotes): Promise<JobHistory>;
  /** The records of a job's calls, those up to number `after` left out. In no order. */
  records(id: JobId, after: number): Promise<readonly CallRecord[]>;
  /**
   * Adds records to an attempt's job, in the place of older ones with the same place. Where an effect is among them that is
   * progress (`attemptsSinceProgress` 0), and so it is where there are none: the host's database has it.
   *
   * @throws SpacedriveError `JOB_NOT_RUNNING` where this attempt is not the one that runs.
   */
  record(id: JobId, attempt: number, records: readonly CallRecord[]): Promise<void>;
  /** The same in a transaction of an effect. */
  recordIn(tx: Transaction, id: JobId, attempt: number, records: readonly CallRecord[]): void;
  /**
   * Removes records on which nothing depends.
   *
   * @throws SpacedriveError `JOB_NOT_RUNNING` where this attempt is not the one that runs.
   */
  forget(id: JobId, attempt: number, places: readonly RecordPlace[]): Promise<void>;
}
