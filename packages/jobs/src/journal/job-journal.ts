import type { BegunCall, Logger, RecordableCall, Recorder } from "@spacedrive/wire";
import { type CallRecord, placeKey } from "../call-record.js";
import type { JobRecord } from "../job.js";
import type { HostRecords } from "../store/host-records.js";
import type { JobStore } from "../store/job-store.js";
import { JournalLevel } from "./journal-level.js";
import { afterLastEffect, type RecordedCall, recordedCalls } from "./recorded-calls.js";
import { RecordWriter } from "./record-writer.js";

/** The journals of all jobs of one manager. */
export interface JournalSettings {
  /** Bytes of records that a job may have since its last checkpoint. */
  readonly journalQuotaBytes: number;
  /** Null: what is secret is not recorded. */
  readonly recordKey: Uint8Array | null;
  /** Null: the effects of operations with `scope: "host"` are at least once. */
  readonly hostRecords: HostRecords | null;
}

export interface JobJournalOptions extends JournalSettings {
  /** As it was claimed. */
  readonly job: JobRecord;
  readonly store: JobStore;
  readonly logger: Logger;
  /** @throws SpacedriveError where the attempt has ended or is to end: then nothing is recorded, and nothing replayed. */
  readonly checkRunning: () => void;
  /** The last recorded call has been made again: from here on the job is where it was when it was interrupted. */
  readonly onDrained: () => void;
  /** The job makes other calls than were recorded. Called once. */
  readonly onMismatch: (message: string) => void;
  /** The record of an effect of this attempt is durable. */
  readonly onProgress: () => void;
}

/**
 * The calls that one attempt of a job makes, remembered with their outcomes until a checkpoint covers them. A resumed job
 * makes them again, and is answered what it was answered then.
 */
export class JobJournal implements Recorder {
  readonly #options: JobJournalOptions;
  readonly #writer: RecordWriter;
  readonly #top: JournalLevel;
  readonly #levels = new Set<JournalLevel>();
  #answered = 0;
  #wasReplaying = false;
  #warned = false;

  /**
   * The journal of an attempt that has just been claimed.
   *
   * @throws SpacedriveError as the store.
   */
  static async open(options: JobJournalOptions): Promise<JobJournal> {
    const { job, store, hostRecords } = options;
    // Nothing can have been recorded before the first attempt.
    if (job.attempt <= 1) return new JobJournal(options, []);
    const own = await store.records(job.id, job.consumed);
    const inHost = (await hostRecords?.records(job.id, job.consumed)) ?? [];
    const records = merged(own, inHost);
    const idle = new Set(afterLastEffect(records));
    if (idle.size > 0)
      await store.forget(
        job.id,
        job.attempt,
        [...idle].map(({ place }) => place),
      );
    return new JobJournal(
      options,
      records.filter((record) => !idle.has(record)),
    );
  }

  private constructor(options: JobJournalOptions, records: readonly CallRecord[]) {
    const { job, store, hostRecords, logger, onProgress } = options;
    const { id, attempt, consumed } = job;
    this.#options = options;
    this.#writer = new RecordWriter({ id, attempt, store, host: hostRecords, logger, consumed, onProgress }, records);
    this.#top = new JournalLevel(
      {
        job,
        key: options.recordKey,
        quotaBytes: options.journalQuotaBytes,
        writer: this.#writer,
        checkRunning: options.checkRunning,
        onMismatch: (expected, made) => this.#mismatch(expected, made),
        onLevel: (level, open) => this.#look(level, open),
      },
      null,
      recordedCalls(records, consumed),
      consumed,
    );
  }

  /** True while recorded calls wait to be made again. */
  get replaying(): boolean {
    return [...this.#levels].some(({ queue }) => queue.length > 0);
  }

  /** The number up to which a checkpoint made now covers the job's calls. */
  get consumed(): number {
    return this.#top.queue.consumed;
  }

  /** How many calls of the job have been answered from their records. */
  get answered(): number {
    return this.#answered;
  }

  /** The number of the job's call that is being made, or was made last; 0: none was. */
  get call(): number {
    return this.#top.call;
  }

  begin(call: RecordableCall): BegunCall {
    const begun = this.#top.begin(call);
    if (begun.kind === "recorded") this.#answered++;
    return begun;
  }

  /** A checkpoint that covers the calls up to this number is durable. */
  checkpointed(consumed: number): void {
    this.#writer.checkpointed(consumed);
    this.#top.queue.checkpointed(consumed);
  }

  #look(level: JournalLevel, open: boolean): void {
    if (open) this.#levels.add(level);
    else this.#levels.delete(level);
    const { replaying } = this;
    const drained = this.#wasReplaying && !replaying;
    this.#wasReplaying = replaying;
    if (drained) this.#options.onDrained();
  }

  #mismatch(expected: RecordedCall, made: RecordableCall): void {
    if (this.#warned) return;
    this.#warned = true;
    const was = expected.record.method;
    const instead = made.method === was ? "it with another payload" : `"${made.method}"`;
    this.#options.onMismatch(
      `The job goes on with other calls than before it was interrupted: it made "${was}" then, and ${instead} now. Has its code changed? What it did is not done again where it makes an equal call before its next checkpoint.`,
    );
  }
}

/** A call that was opened in one database may have been answered in the other. */
function merged(own: readonly CallRecord[], inHost: readonly CallRecord[]): CallRecord[] {
  const records = new Map(own.map((record) => [placeKey(record.place), record]));
  for (const record of inHost) {
    const known = records.get(placeKey(record.place));
    if (known === undefined || known.content.kind === "open") records.set(placeKey(record.place), record);
  }
  return [...records.values()];
}
