import type { Transaction } from "@spacedrive/wire";
import type { JobInfo, JobRecord } from "../job.js";

/** An order to a job, to be given in a transaction of the caller's. */
export interface PreparedOrder {
  /**
   * Changes the stored job with the rest of the transaction.
   *
   * @throws SpacedriveError `INVALID_TRANSITION`.
   */
  commitIn(tx: Transaction): JobInfo;
  /** Lets it take effect, once the transaction is durable. */
  committed(): Promise<void>;
}

/** One that has been given: to give it again would change nothing. */
export function givenOrder(info: JobInfo): PreparedOrder {
  return { commitIn: () => info, committed: async () => {} };
}

/** One that is part of the transaction, whether the job runs or rests. */
export function storedOrder(options: {
  /** Changes the job in a transaction, and answers it as it is then. */
  readonly update: (tx: Transaction) => JobRecord;
  readonly show: (job: JobRecord) => JobInfo;
  /** The change is durable. */
  readonly tell: (job: JobRecord) => void;
  /** It runs: the order stands in its row. */
  readonly remind: () => Promise<unknown>;
}): PreparedOrder {
  let updated: JobRecord | null = null;
  return {
    commitIn(tx) {
      updated = options.update(tx);
      return options.show(updated);
    },
    async committed() {
      if (updated?.status === "running") await options.remind();
      else if (updated !== null) options.tell(updated);
    },
  };
}
