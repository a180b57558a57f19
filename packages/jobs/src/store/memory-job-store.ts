import type { JobId } from "@spacedrive/wire";
import type { JobFilter, JobRecord } from "../job.js";
import { attemptNotRunning, jobExists, jobNotFound } from "../job-errors.js";
import { checkpointJob, type JobSnapshot } from "../job-steps.js";
import { extensionOfType } from "../job-type.js";
import { statusesOf } from "./job-filter.js";
import type { JobStore, QueuedJob } from "./job-store.js";

/** Keeps jobs for as long as the process lives: for tests, and for hosts whose jobs may be lost. */
export class MemoryJobStore implements JobStore {
  /** In order of insertion. Records are never changed, only replaced. */
  readonly #jobs = new Map<JobId, JobRecord>();

  async insert(job: JobRecord): Promise<void> {
    if (this.#jobs.has(job.id)) throw jobExists(job.id);
    this.#jobs.set(job.id, job);
  }

  async get(id: JobId): Promise<JobRecord | null> {
    return this.#jobs.get(id) ?? null;
  }

  async list(filter: Omit<JobFilter, "library">, limit: number): Promise<readonly JobRecord[]> {
    const statuses = statusesOf(filter);
    const matches = (job: JobRecord): boolean =>
      (statuses === null || statuses.includes(job.status)) &&
      (filter.idPrefix === undefined || job.id.startsWith(filter.idPrefix)) &&
      (filter.type === undefined || job.type === filter.type) &&
      (filter.extension === undefined || extensionOfType(job.type) === filter.extension) &&
      (filter.parent === undefined || job.parent === filter.parent);
    return [...this.#jobs.values()].reverse().filter(matches).slice(0, limit);
  }

  async queued(): Promise<readonly QueuedJob[]> {
    return [...this.#jobs.values()].filter((job) => job.status === "queued");
  }

  async update(id: JobId, step: (job: JobRecord) => JobRecord): Promise<JobRecord> {
    const job = this.#jobs.get(id);
    if (job === undefined) throw jobNotFound(id);
    const updated = step(job);
    this.#jobs.set(id, updated);
    return updated;
  }

  async checkpoint(id: JobId, attempt: number, snapshot: JobSnapshot): Promise<void> {
    const job = this.#jobs.get(id);
    if (job === undefined) throw attemptNotRunning(id, attempt);
    this.#jobs.set(id, checkpointJob(job, attempt, snapshot));
  }
}
