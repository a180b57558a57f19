import type { JobId, Transaction } from "@spacedrive/wire";
import type { JobRecord } from "../job.js";
import type { JobStore } from "../store/job-store.js";

/** A wake-up that a running job asks for, to be noted in a transaction of the caller's. */
export class PreparedWake {
  readonly #id: JobId;
  readonly #store: JobStore;
  readonly #step: (job: JobRecord) => JobRecord;
  #noted = false;

  constructor(id: JobId, store: JobStore, step: (job: JobRecord) => JobRecord) {
    this.#id = id;
    this.#store = store;
    this.#step = step;
  }

  /** Notes it with the rest of the transaction, where the jobs lie in its database; if not, {@link noted} does. */
  noteIn(tx: Transaction): void {
    if (this.#store.effects === "at-least-once") return;
    this.#store.updateIn(tx, this.#id, this.#step);
    this.#noted = true;
  }

  /** Resolves once it is durable. */
  async noted(): Promise<void> {
    if (!this.#noted) await this.#store.update(this.#id, this.#step);
  }
}
