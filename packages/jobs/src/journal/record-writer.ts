import { isSpacedriveError, type JobId, type Logger, type OperationScope, type Transaction } from "@spacedrive/wire";
import { type CallRecord, isProgress, outermostOf, placeKey, type RecordPlace } from "../call-record.js";
import type { HostRecords } from "../store/host-records.js";
import type { JobStore } from "../store/job-store.js";

/** Beyond this, records are written without an effect to wait for. */
export const MAX_WAITING_BYTES = 1_048_576;

/** What a record costs beside its content: mostly the time in which a resumed job's journal is read, and an ended one's swept. */
const RECORD_COST = 1_024;

export interface RecordWriterOptions {
  readonly id: JobId;
  readonly attempt: number;
  readonly store: JobStore;
  readonly host: HostRecords | null;
  readonly logger: Logger;
  /** The job's `consumed`. */
  readonly consumed: number;
  /** The record of an effect of this attempt is durable. */
  readonly onProgress: () => void;
}

/** Records that were written in the transaction of an effect, which may yet fail. */
export interface WrittenBatch {
  readonly scope: OperationScope;
  readonly records: readonly CallRecord[];
}

/**
 * Brings an attempt's records to disk, in the order of its calls: each with the next effect, or by themselves where they have
 * grown large. What waits is lost with the process; so is everything that could depend on it.
 */
export class RecordWriter {
  readonly #options: RecordWriterOptions;
  readonly #waiting = new Map<string, CallRecord>();
  /** Bytes of content by the number of the job's own call. */
  readonly #bytes = new Map<number, number>();
  #waitingBytes = 0;
  #totalBytes = 0;
  #consumed: number;
  #progressed = false;

  /** @param kept the records that are stored already. */
  constructor(options: RecordWriterOptions, kept: readonly CallRecord[]) {
    this.#options = options;
    this.#consumed = options.consumed;
    for (const record of kept) this.#count(record);
  }

  /** Bytes that the records since the last checkpoint take. */
  get bytes(): number {
    return this.#totalBytes;
  }

  /** True where an operation's effect and its record can share a transaction. */
  joins(scope: OperationScope): boolean {
    return scope === "host" ? this.#options.host !== null : this.#options.store.effects === "exactly-once";
  }

  /** Has a record wait for the next effect. */
  add(record: CallRecord): void {
    const key = placeKey(record.place);
    this.#waitingBytes += sizeOf(record) - sizeOf(this.#waiting.get(key));
    this.#waiting.set(key, record);
    this.#count(record);
  }

  /** What waits and was recorded to answer a call is of no use once that call is answered. */
  dropInside(place: RecordPlace): void {
    const prefix = `${placeKey(place)}.`;
    for (const [key, record] of this.#waiting) if (key.startsWith(prefix)) this.#remove(key, record);
  }

  /**
   * Writes all that waits, and the record of the effect behind it.
   *
   * @throws SpacedriveError `JOB_NOT_RUNNING`.
   */
  writeIn(tx: Transaction, scope: OperationScope, record: CallRecord): WrittenBatch {
    const { id, attempt, store, host } = this.#options;
    const records = [...this.#waiting.values(), record];
    if (scope === "host") host?.recordIn(tx, id, records, this.#consumed);
    else store.recordIn(tx, id, attempt, records);
    return { scope, records };
  }

  /** The transaction of a batch is durable. */
  async written({ scope, records }: WrittenBatch): Promise<void> {
    for (const record of records) {
      const key = placeKey(record.place);
      const waits = this.#waiting.get(key);
      if (waits === undefined) this.#count(record);
      else if (waits === record) this.#remove(key, record);
    }
    if (scope === "library") return this.#progress();
    // The host's database knows nothing of attempts.
    if (!this.#progressed) await this.#unlessRefused(() => this.#store([]));
  }

  /** Writes what waits where it is too much to wait any longer. */
  async spill(): Promise<void> {
    if (this.#waitingBytes > MAX_WAITING_BYTES) await this.flush();
  }

  /**
   * Writes what waits. What the store refuses for now goes on waiting: what happened has happened.
   *
   * @throws SpacedriveError `JOB_NOT_RUNNING`, `STORE_CORRUPT`, `CLOSED`.
   */
  async flush(): Promise<void> {
    await this.#unlessRefused(() => this.writeWaiting());
  }

  /** Writes what waits. @throws SpacedriveError as {@link flush}, and where the store refuses for now. */
  async writeWaiting(): Promise<void> {
    const records = [...this.#waiting.values()];
    if (records.length === 0) return;
    await this.#store(records);
    for (const record of records) this.#remove(placeKey(record.place), record);
  }

  /** A checkpoint has covered all calls up to this number. */
  checkpointed(consumed: number): void {
    this.#consumed = consumed;
    this.#waiting.clear();
    this.#waitingBytes = 0;
    for (const [number, bytes] of this.#bytes) {
      if (number > consumed) continue;
      this.#bytes.delete(number);
      this.#totalBytes -= bytes;
    }
  }

  async #store(records: readonly CallRecord[]): Promise<void> {
    const { id, attempt, store } = this.#options;
    await store.record(id, attempt, records);
    if (isProgress(records)) this.#progress();
  }

  async #unlessRefused(write: () => Promise<void>): Promise<void> {
    const { id, logger } = this.#options;
    try {
      await write();
    } catch (error) {
      if (!isSpacedriveError(error) || !error.retryable) throw error;
      logger.warn({ job: id, err: error }, "a job's records could not be written, and wait");
    }
  }

  #progress(): void {
    if (this.#progressed) return;
    this.#progressed = true;
    this.#options.onProgress();
  }

  #remove(key: string, record: CallRecord): void {
    if (this.#waiting.get(key) !== record) return;
    this.#waiting.delete(key);
    this.#waitingBytes -= sizeOf(record);
  }

  #count(record: CallRecord): void {
    const number = outermostOf(record.place);
    const bytes = sizeOf(record);
    this.#bytes.set(number, (this.#bytes.get(number) ?? 0) + bytes);
    this.#totalBytes += bytes;
  }
}

function sizeOf(record: CallRecord | undefined): number {
  if (record === undefined) return 0;
  const { content } = record;
  if (content.kind === "plain") return RECORD_COST + Buffer.byteLength(content.json);
  return RECORD_COST + (content.kind === "sealed" ? content.bytes.byteLength : 0);
}
