import {
  checkNumber,
  type Clock,
  COUNT,
  type JobId,
  type LibraryId,
  type Logger,
  type NumberRange,
  WAIT_MS,
  type Wire,
} from "@spacedrive/wire";
import type { HostRecords } from "../store/host-records.js";

export interface JobManagerOptions {
  /** Where jobs make their calls. */
  readonly wire: Wire;
  /** Default: the wire's. */
  readonly logger?: Logger;
  /** Default: the wire's. */
  readonly clock?: Clock;
  /**
   * Which unfinished jobs this manager goes on with: `all`, or those that are `named`: dispatched, resumed or retried here, and
   * with each its children and theirs. The others stay in their store as they are, neither started nor woken by the time, and say
   * that they wait `to be resumed`. For commands, which do what they were asked and nothing else. Default `all`.
   */
  readonly goOnWith?: "all" | "named";
  /** How long running jobs have to checkpoint when the manager is closed. Default 5,000. */
  readonly shutdownMs?: number;
  /** How long a job has to end once it is to pause or its handler goes away; then it is stopped. Default 10,000. */
  readonly interruptDeadlineMs?: number;
  /** Jobs that run at the same time, of all libraries and extensions; one of these places is for native jobs. Default 8. */
  readonly maxRunning?: number;
  /** Of these, jobs of one extension. Default: half of `maxRunning`, rounded up, so that none keeps all others waiting. */
  readonly maxRunningPerExtension?: number;
  /**
   * Attempts in a row, without a checkpoint or a recorded effect between, that end with the host's death or a failure that may
   * pass (`retryable`, or a trap), before a job is failed. 1: none is tried again. Default 5.
   */
  readonly retryLimit?: number;
  /** How long a job waits after its first failed attempt; doubled after each further one, half of it random. Default 1,000. */
  readonly retryBackoffMs?: number;
  /** The longest of these waits. Default 300,000. */
  readonly maxRetryBackoffMs?: number;
  /** From 0 up to 1. Default `Math.random`. */
  readonly random?: () => number;
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
  /** The job on whose behalf this one runs: it can wait for its end, and its cancel is this one's too. Default none. */
  readonly parent?: JobId | null;
  /** How long the job may take in all, waits and pauses included; then it fails with `TIMEOUT`. At most `MAX_DELAY_MS`; default: for ever. */
  readonly deadlineMs?: number | null;
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

export type JobManagerSettings = Required<JobManagerOptions>;

/** Milliseconds, none included. */
const SOON_MS: NumberRange = { ...WAIT_MS, least: 0 };
const SOME: NumberRange = { ...COUNT, least: 1 };

/**
 * The options, with what holds where none was given.
 *
 * @throws SpacedriveError `INVALID_INPUT` where a number among them cannot be kept.
 */
export function settingsOf(options: JobManagerOptions): JobManagerSettings {
  const { wire } = options;
  const numberOf = (name: NumberOption, standard: number, range: NumberRange): number =>
    checkNumber(`JobManager's ${name}`, options[name] ?? standard, range);
  const maxRunning = numberOf("maxRunning", 8, SOME);
  return {
    wire,
    logger: options.logger ?? wire.logger,
    clock: options.clock ?? wire.clock,
    goOnWith: options.goOnWith ?? "all",
    shutdownMs: numberOf("shutdownMs", 5_000, SOON_MS),
    interruptDeadlineMs: numberOf("interruptDeadlineMs", 10_000, SOON_MS),
    maxRunning,
    maxRunningPerExtension: numberOf("maxRunningPerExtension", Math.ceil(maxRunning / 2), SOME),
    retryLimit: numberOf("retryLimit", 5, SOME),
    retryBackoffMs: numberOf("retryBackoffMs", 1_000, SOON_MS),
    maxRetryBackoffMs: numberOf("maxRetryBackoffMs", 300_000, SOON_MS),
    random: options.random ?? Math.random,
    journalQuotaBytes: numberOf("journalQuotaBytes", 64 * 1_048_576, COUNT),
    recordKey: options.recordKey ?? null,
    hostRecords: options.hostRecords ?? null,
  };
}

type NumberOption =
  | "maxRunning"
  | "maxRunningPerExtension"
  | "shutdownMs"
  | "interruptDeadlineMs"
  | "retryLimit"
  | "retryBackoffMs"
  | "maxRetryBackoffMs"
  | "journalQuotaBytes";
