import type { JobId, Transaction } from "@spacedrive/wire";
import type { CallRecord } from "../call-record.js";

/**
 * The port behind which records lie whose effects are in the host's own database, not in a library's: those of operations
 * with `scope: "host"`. What a checkpoint covers is swept some time later.
 */
export interface HostRecords {
  /** As {@link JobStore.records}. */
  records(id: JobId, after: number): Promise<readonly CallRecord[]>;
  /**
   * Adds records in a transaction of an effect, which Wire's `LibraryDirectory` runs for the library `null`, and removes
   * those that a checkpoint covers.
   */
  recordIn(tx: Transaction, id: JobId, records: readonly CallRecord[], consumed: number): void;
  /** Removes the records of a job up to a number. */
  sweep(id: JobId, upTo: number): Promise<void>;
  /** The jobs that have records here. */
  jobs(): Promise<readonly JobId[]>;
}
