import type { JobId } from "@spacedrive/wire";
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
  /** @throws SpacedriveError `CONFLICT` where the id exists. */
  insert(job: JobRecord): Promise<void>;
  /** Null where there is none. */
  get(id: JobId): Promise<JobRecord | null>;
  /** Newest first, at most `limit`. */
  list(filter: Omit<JobFilter, "library">, limit: number): Promise<readonly JobRecord[]>;
  /** All that are `queued`, oldest first. */
  queued(): Promise<readonly QueuedJob[]>;
  /**
   * Reads a job, applies `step` (of `job-steps.ts`), and stores what it answers, with nothing in between; where `step`
   * throws, nothing is stored and the error is passed on.
   *
   * @throws SpacedriveError `NOT_FOUND`, or what `step` throws.
   */
  update(id: JobId, step: (job: JobRecord) => JobRecord): Promise<JobRecord>;
  /**
   * Does what `checkpointJob` says, without reading the state that it replaces.
   *
   * @throws SpacedriveError `JOB_NOT_RUNNING` where this attempt is not the one that runs.
   */
  checkpoint(id: JobId, attempt: number, snapshot: JobSnapshot): Promise<void>;
}
