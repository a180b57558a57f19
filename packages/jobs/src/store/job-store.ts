import type { JobId, Transaction } from "@spacedrive/wire";
import type { CallRecord, RecordPlace } from "../call-record.js";
import type { JobFilter, JobRecord } from "../job.js";
import type { JobSnapshot } from "../job-steps.js";

/** What the ready queue needs of a queued job. */
export type QueuedJob = Pick<JobRecord, "id" | "type" | "priority">;

/**
 * The port behind which the jobs of one library lie. Each method is one atomic, durable change or one look; what it
 * resolves with is on disk. `jobStoreConformance` proves an implementation.
 *
 * Any method may reject with `DISK_FULL`, `STORE_LOCKED`, `STORE_CORRUPT`, `STORE_FAILED` or `CLOSED`, and has then
 * changed nothing.
 */
export interface JobStore {
  /**
   * `exactly-once`: the transactions that Wire's `LibraryDirectory` runs on the jobs' library are transactions of this store,
   * which can join them by `insertIn`, `updateIn` and `recordIn`. `at-least-once`: they are another database's; those three
   * are never called, and what is to be stored with an effect is stored after it.
   */
  readonly effects: "exactly-once" | "at-least-once";
  /** @throws SpacedriveError `CONFLICT` where the id exists. */
  insert(job: JobRecord): Promise<void>;
  /** The same in a transaction of an effect. */
  insertIn(tx: Transaction, job: JobRecord): void;
  /** Null where there is none. */
  get(id: JobId): Promise<JobRecord | null>;
  /** Newest first, at most `limit`. */
  list(filter: Omit<JobFilter, "library">, limit: number): Promise<readonly JobRecord[]>;
  /** All that are `queued`, oldest first. */
  queued(): Promise<readonly QueuedJob[]>;
  /**
   * Reads a job, applies `step` (of `job-steps.ts`), and stores what it answers, with nothing in between; where `step`
   * throws, nothing is stored and the error is passed on. A job that is completed or cancelled loses its records with it.
   *
   * @throws SpacedriveError `NOT_FOUND`, or what `step` throws.
   */
  update(id: JobId, step: (job: JobRecord) => JobRecord): Promise<JobRecord>;
  /** The same in a transaction of an effect. */
  updateIn(tx: Transaction, id: JobId, step: (job: JobRecord) => JobRecord): JobRecord;
  /**
   * Does what `checkpointJob` says, without reading the state that it replaces, and sweeps the records that it covers.
   *
   * @throws SpacedriveError `JOB_NOT_RUNNING` where this attempt is not the one that runs.
   */
  checkpoint(id: JobId, attempt: number, snapshot: JobSnapshot): Promise<void>;
  /** The records of a job's calls, those up to number `after` left out. In no order. */
  records(id: JobId, after: number): Promise<readonly CallRecord[]>;
  /**
   * Adds records to an attempt's job, in the place of older ones with the same place, and counts that as progress
   * (`attemptsSinceProgress` 0).
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
