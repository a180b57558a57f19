import type { ErrorCode, JobId, LibraryId } from "@spacedrive/wire";
import type { AwaitedEvent } from "./library-event.js";

/** Where a job stands. `transitions.ts` has the legal steps between these. */
export type JobStatus = "queued" | "running" | "paused" | "suspended" | "completed" | "failed" | "cancelled";

/**
 * What a suspended job waits for: the first of these to come wakes it. Stored with the job, and tested in the transaction that
 * suspends it.
 */
export interface WakeCondition {
  /** Wall time. A clock that is set back puts it off. */
  readonly at: number | null;
  /** The same on the manager's own time, which never goes back; what `after_ms` becomes. */
  readonly due: number | null;
  /** All of the job's children have ended, or all of these. */
  readonly children: "all" | readonly JobId[] | null;
  /** An event of the library. */
  readonly event: AwaitedEvent | null;
}

/** A wake-up that a job has asked for. */
export interface WakeRequest {
  readonly condition: WakeCondition;
  /** From this checkpoint on the job's state is that of a job that waits: started again, it waits on. */
  readonly checkpoint: number;
  /**
   * The number of the job's call that asked for it; 0: none did. A checkpoint that does not cover it yet, as a resumed job may
   * make one before it replays the call, leaves it for a later one.
   */
  readonly call: number;
}

/** An order that a running job is given in a transaction of somebody else's. */
export type StandingOrder = "pause" | "cancel";

export interface JobMetrics {
  /** As a job counts them; at most 2^53 − 1 here. */
  readonly bytes: number;
  readonly items: number;
}

export interface JobFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Where progress, warnings and metrics stood at a checkpoint. */
export interface JobVitals {
  readonly progress: number;
  readonly message: string;
  readonly metrics: JobMetrics;
  /** How many of the job's warnings there were. */
  readonly warningCount: number;
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
  /**
   * The number up to which the job's calls are part of its state: their records are not needed any more. Calls count on from
   * it, and never restart.
   */
  readonly consumed: number;
  /** 0 to 1. */
  readonly progress: number;
  readonly message: string;
  /** At most {@link MAX_WARNINGS}; then one more says that others are missing. */
  readonly warnings: readonly string[];
  readonly metrics: JobMetrics;
  /** Counts claims, from 0 for a job never started; raised durably before the handler runs. */
  readonly attempt: number;
  /** Claims since the last checkpoint or recorded effect, to which the retry limit looks. */
  readonly attemptsSinceProgress: number;
  /** Why the job, or its last attempt, failed: null unless `failed`, `queued` with a `notBefore`, or `unreadable`. */
  readonly error: JobFailure | null;
  /** A queued job starts no sooner: its last attempt failed. On the manager's time. */
  readonly notBefore: number | null;
  /** The wake-up that a suspended job waits for, or that one of another status has asked for, to wait for it later. */
  readonly wake: WakeRequest | null;
  /** What a job has ordered this running one, and it has not yet obeyed; who ends its attempt, also the next host, obeys it. */
  readonly ordered: StandingOrder | null;
  /** How long the job may take in all, from its dispatch or its retry by hand. */
  readonly deadlineMs: number | null;
  /** When that time is over. On the manager's time. */
  readonly deadline: number | null;
  /** When a wait of it began last that runs on the manager's time: where that stood then it stands at the next start, at least. */
  readonly waitBegan: number | null;
  /** What a retry returns to; null unless `failed`, where the fields above are those of its last moment. */
  readonly checkpointed: JobVitals | null;
  /** False: a crash of its host ends it in `failed`, and pause is refused. */
  readonly resumable: boolean;
  readonly parent: JobId | null;
  /** Higher starts first. Default 0. */
  readonly priority: number;
  /** Version of the extension that ran it last; null for native jobs and before the first claim. */
  readonly extensionVersion: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /**
   * Its row cannot be read whole: what cannot be stands here as 0, empty or null, and `error` says so. It runs no more, and can
   * only be cancelled. Left out where all is well.
   */
  readonly unreadable?: true;
}

/** A job as it is shown. */
export interface JobInfo extends JobRecord {
  /**
   * Why a queued or suspended job does not run: `extension finance is not loaded`, `its children`; null where nothing is in its
   * way but its turn.
   */
  readonly waitingFor: string | null;
}

/** What `job.updates()` yields: how the job stands now. Updates that nobody took in time are merged into the next. */
export interface JobUpdate {
  readonly id: JobId;
  readonly type: string;
  readonly status: JobStatus;
  readonly progress: number;
  readonly message: string;
  readonly metrics: JobMetrics;
  /** How many warnings there are. */
  readonly warningCount: number;
  /** Those that this iterator has not yet shown. */
  readonly newWarnings: readonly string[];
  /** Durable checkpoints so far. */
  readonly checkpoint: number;
  readonly attempt: number;
  readonly waitingFor: string | null;
}

/** Which jobs to list. Without fields: the newest 100 of all. */
export interface JobFilter {
  readonly library?: LibraryId;
  readonly status?: JobStatus | readonly JobStatus[];
  readonly type?: string;
  /** Jobs whose type is of this extension. */
  readonly extension?: string;
  readonly parent?: JobId;
  /** Jobs whose id begins so, in lower case. */
  readonly idPrefix?: string;
  /** False: `state` and `result`, which can be large, are not read, and are null in what is answered. Default true. */
  readonly states?: boolean;
  /** Default 100. */
  readonly limit?: number;
}

/** Warnings kept with a job; more are counted out with a last line that says so. */
export const MAX_WARNINGS = 200;
