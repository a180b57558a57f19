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
  /**
   * Resolves once all that can be read now has been confirmed to whoever wrote it, so that nobody is told of it whom a loss of
   * power would make a liar; null where it has been. Answers wait for it that leave the process, or act on something outside.
   * Left out: readers see nothing before it is confirmed.
   *
   * @param of a library, the host's own database (null), or every one that works.
   * @throws SpacedriveError as a rejection, where what was read will not be there.
   */
  confirmed?(of: LibraryId | null | "all"): Promise<void> | null;
}
