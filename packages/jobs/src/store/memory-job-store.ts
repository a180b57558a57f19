import { type JobId, SpacedriveError } from "@spacedrive/wire";
import { type CallRecord, outermostOf, placeKey, type RecordPlace } from "../call-record.js";
import type { JobFilter, JobRecord } from "../job.js";
import { attemptNotRunning, jobExists, jobNotFound } from "../job-errors.js";
import { checkpointJob, type JobSnapshot, recordCalls } from "../job-steps.js";
import { extensionOfType } from "../job-type.js";
import { needsNoRecords } from "../transitions.js";
import { statusesOf } from "./job-filter.js";
import type { JobStore, QueuedJob } from "./job-store.js";

/** Keeps jobs for as long as the process lives: for tests, and for hosts whose jobs may be lost. */
export class MemoryJobStore implements JobStore {
  readonly effects = "at-least-once";
  /** In order of insertion. Records are never changed, only replaced. */
  readonly #jobs = new Map<JobId, JobRecord>();
  /** By job and place. */
  readonly #records = new Map<JobId, Map<string, CallRecord>>();

  async insert(job: JobRecord): Promise<void> {
    if (this.#jobs.has(job.id)) throw jobExists(job.id);
    this.#jobs.set(job.id, job);
  }

  insertIn(): never {
    throw joinsNothing();
  }

  async get(id: JobId): Promise<JobRecord | null> {
    return this.#jobs.get(id) ?? null;
  }

  async list(filter: Omit<JobFilter, "library">, limit: number): Promise<readonly JobRecord[]> {
    const statuses = statusesOf(filter);
    const matches = (job: JobRecord): boolean =>
      (statuses === null || statuses.includes(job.status)) &&
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
    if (needsNoRecords(updated.status)) this.#records.delete(id);
    return updated;
  }

  updateIn(): never {
    throw joinsNothing();
  }

  async checkpoint(id: JobId, attempt: number, snapshot: JobSnapshot): Promise<void> {
    this.#jobs.set(id, checkpointJob(this.#running(id, attempt), attempt, snapshot));
    const records = this.#records.get(id);
    for (const [key, { place }] of records ?? []) if (outermostOf(place) <= snapshot.consumed) records?.delete(key);
  }

  async records(id: JobId, after: number): Promise<readonly CallRecord[]> {
    return [...(this.#records.get(id)?.values() ?? [])].filter(({ place }) => outermostOf(place) > after);
  }

  async record(id: JobId, attempt: number, records: readonly CallRecord[]): Promise<void> {
    this.#jobs.set(id, recordCalls(this.#running(id, attempt), attempt));
    const stored = this.#records.get(id) ?? new Map<string, CallRecord>();
    for (const record of records) stored.set(placeKey(record.place), record);
    this.#records.set(id, stored);
  }

  recordIn(): never {
    throw joinsNothing();
  }

  async forget(id: JobId, attempt: number, places: readonly RecordPlace[]): Promise<void> {
    recordCalls(this.#running(id, attempt), attempt);
    for (const place of places) this.#records.get(id)?.delete(placeKey(place));
  }

  #running(id: JobId, attempt: number): JobRecord {
    const job = this.#jobs.get(id);
    if (job === undefined) throw attemptNotRunning(id, attempt);
    return job;
  }
}

function joinsNothing(): SpacedriveError {
  return new SpacedriveError("INTERNAL", "A memory store joins no transaction: its effects are at least once.");
}
