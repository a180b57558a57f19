import type { LibraryId } from "./ids.js";
import type { Transaction } from "./transaction.js";

/** The port through which Wire knows libraries. `core` brings the real one; an integrator without `core` writes `{ has }`. */
export interface LibraryDirectory {
  /** True while the library is open. */
  has(id: LibraryId): boolean;
  /**
   * Runs `work` in one transaction of the library's database (of the host's where `id` is null), and settles once it is
   * durable. It may run `work` again where it could not keep what it did; only the last time counts. Needed for actions
   * with `prepare` and `commit`; without it such actions answer `OPERATION_FAILED`.
   */
  transaction?<T>(id: LibraryId | null, work: (tx: Transaction) => T): Promise<T>;
}
