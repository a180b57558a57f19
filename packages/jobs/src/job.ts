import type { ErrorCode, JobId, LibraryId } from "@spacedrive/wire";

/** Where a job stands. `transitions.ts` has the legal steps between these. */
export type JobStatus = "queued" | "running" | "paused" | "suspended" | "completed" | "failed" | "cancelled";

export interface JobMetrics {
  /** As a job counts them; at most 2^53 − 1 here. */
  readonly bytes: number;
  readonly items: number;
}

export interface JobFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** A job as it is stored. All times are milliseconds since the Unix epoch. */
export interface JobRecord {
  readonly id: JobId;
  /** `<extension>:<job>`, or a native job's type such as `core.index_location`. */
  readonly type: string;
  readonly library: LibraryId;
  readonly status: JobStatus;
  /** JSON text, byte for byte as it was checkpointed; null: none. A job's parameters are its first state. */
  readonly state: string | null;
  /** JSON text of what the job answered; null until completed, or where it answers nothing. */
  readonly result: string | null;
  /** Counts durable checkpoints, from 0. */
  readonly checkpoint: number;
  /** 0 to 1. */
  readonly progress: number;
  readonly message: string;
  readonly warnings: readonly string[];
  readonly metrics: JobMetrics;
  /** Counts claims, from 0 for a job never started; raised durably before the handler runs. */
  readonly attempt: number;
  /** Claims since the last checkpoint, to which the retry limit looks. */
  readonly attemptsSinceProgress: number;
  readonly error: JobFailure | null;
  readonly parent: JobId | null;
  /** Higher starts first. Default 0. */
  readonly priority: number;
  /** Version of the extension that ran it last; null for native jobs and before the first claim. */
  readonly extensionVersion: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}
