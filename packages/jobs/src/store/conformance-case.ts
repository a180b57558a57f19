import { createJobId, type JobId, type LibraryId, type Transaction } from "@spacedrive/wire";
import type { JobRecord } from "../job.js";
import { claimJob, createJob, type JobReport } from "../job-steps.js";
import type { JobStore } from "./job-store.js";

/** A promise that every store keeps. `run` rejects where it is broken. */
export interface ConformanceCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** An empty store, and what to do with it afterwards. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: JobStore;
  /** Closes the store and opens it again on the same data; absent where nothing is kept. */
  readonly reopen?: () => Promise<JobStore>;
  /** Runs a transaction of the store's database; there where the store's effects are exactly once. */
  readonly transaction?: (work: (tx: Transaction) => void) => Promise<void>;
}

export type NewJob = (given?: Partial<JobRecord>) => JobRecord;
export type Check = (store: JobStore, job: NewJob, opened: StoreUnderTest) => Promise<void>;

export const AT = 1_700_000_000_000;
export const BY = { extensionVersion: "1.2.3", resumable: true, at: AT };
export const REPORT: JobReport = {
  progress: 0.25,
  message: "a quarter",
  warnings: ["w1", "w2"],
  metrics: { bytes: 7, items: 3 },
};

export function newJob(library: LibraryId, given: Partial<JobRecord>): JobRecord {
  const id = createJobId();
  const job = createJob({ id, type: "t:a", library, state: "{}", parent: null, priority: 0, resumable: true, at: AT });
  return { ...job, ...given };
}

export async function insertRunning(store: JobStore, job: JobRecord): Promise<JobRecord> {
  await store.insert(job);
  return store.update(job.id, (stored) => claimJob(stored, BY));
}

export function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Error && "code" in error && error.code === code;
}

export function ids(jobs: readonly { readonly id: JobId }[]): JobId[] {
  return jobs.map(({ id }) => id);
}
