import type { Transaction } from "@spacedrive/wire";
import type { JobRecord } from "../job.js";
import type { JobStore } from "../store/job-store.js";
import type { Job } from "./job-handle.js";

/** A new job that nobody knows of yet: to be stored in a transaction of the caller's, then started. */
export class PreparedJob {
  readonly record: JobRecord;
  readonly #store: JobStore;
  readonly #begin: () => Job;
  #stored = false;

  constructor(record: JobRecord, store: JobStore, begin: () => Job) {
    this.record = record;
    this.#store = store;
    this.#begin = begin;
  }

  /** Stores it with the rest of the transaction, where the jobs lie in its database; if not, {@link start} does. */
  insertIn(tx: Transaction): void {
    if (this.#store.effects === "at-least-once") return;
    this.#store.insertIn(tx, this.record);
    this.#stored = true;
  }

  /**
   * Queues it, once the transaction is durable.
   *
   * @throws SpacedriveError as the store.
   */
  async start(): Promise<Job> {
    if (!this.#stored) await this.#store.insert(this.record);
    return this.#begin();
  }
}
