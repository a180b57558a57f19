import type { Clock, JobId, LibraryId, Logger, Wire } from "@spacedrive/wire";
import type { HostRecords } from "../store/host-records.js";

export interface JobManagerOptions {
  /** Where jobs make their calls. */
  readonly wire: Wire;
  /** Default: the wire's. */
  readonly logger?: Logger;
  /** Default: the wire's. */
  readonly clock?: Clock;
  /** How long running jobs have to checkpoint when the manager is closed. Default 5,000. */
  readonly shutdownMs?: number;
  /** How long a job has to end once it is to pause or its handler goes away; then it is stopped. Default 10,000. */
  readonly interruptDeadlineMs?: number;
  /** Jobs that run at the same time, of all libraries and extensions. Default 8. */
  readonly maxRunning?: number;
  /** Attempts in a row that end with the host's death, without a checkpoint between, before a job is failed. Default 5. */
  readonly retryLimit?: number;
  /**
   * Bytes of recorded calls that a job may have since its last checkpoint; beyond it a call answers `JOURNAL_FULL`. Default
   * 64 MiB.
   */
  readonly journalQuotaBytes?: number;
  /**
   * 32 bytes by which what secret operations answer is recorded encrypted, the same at every start. Default null: jobs ask
   * secret queries again after a resume, and may call no secret actions.
   */
  readonly recordKey?: Uint8Array | null;
  /**
   * Where calls are recorded whose effects are in the host's own database. Default null: the effects of operations with
   * `scope: "host"` are at least once.
   */
  readonly hostRecords?: HostRecords | null;
}

export interface DispatchOptions {
  readonly library: LibraryId;
  /** Higher starts first. Default 0. */
  readonly priority?: number;
  /** The job on whose behalf this one runs. Default none. */
  readonly parent?: JobId | null;
}

/** Takes a job type back. */
export interface JobRegistration {
  /**
   * At once no job of the type starts any more; those that run are interrupted and wait in the queue. Resolves when none
   * is left running. Twice is harmless.
   */
  unregister(): Promise<void>;
}

/** A library's jobs under this manager. */
export interface AttachedJobs {
  /** Interrupts the library's running jobs, as `close` does, and lets go of its store. Twice is harmless. */
  detach(): Promise<void>;
}
