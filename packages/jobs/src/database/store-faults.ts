/**
 * What a store does to its files. `open` (also again, in place) and `migrate` ready a database. `begin`, `work` and `commit` make a write in its WAL,
 * `sync` makes it durable, and only then is it acknowledged; `checkpoint` copies the WAL into the database file, off this
 * thread; `close` is the end. `write-file` and `remove-file` are of files beside a database, such as those of sidecars.
 */
export type StoreOperation =
  | "open"
  | "migrate"
  | "begin"
  | "work"
  | "commit"
  | "sync"
  | "checkpoint"
  | "close"
  | "write-file"
  | "remove-file";

/** How an operation fails: as the disk or SQLite would make it fail. */
export type StoreFault = "disk-full" | "io-error" | "locked" | "corrupt";

/** One operation that is about to happen, or has happened. */
export interface StoreStep {
  readonly operation: StoreOperation;
  /** The database's file, or the file that is written or removed. */
  readonly path: string;
}

/**
 * The port through which every operation of a store goes, for tests of what happens when one of them fails, or when
 * the process dies before or after it. Without one, nothing is asked.
 */
export interface StoreFaults {
  /** Asked before each operation. An answer makes it fail so, instead of happening; it may also end the process. */
  before?(step: StoreStep): StoreFault | null;
  /** Told after each operation that has happened. It may end the process; what it throws is a fault of the test. */
  after?(step: StoreStep): void;
}

/** Fails chosen operations, and counts all: `failStore({ operation: "sync", at: 3, fault: "io-error" })`. */
export interface PlannedFault {
  readonly operation: StoreOperation;
  readonly fault: StoreFault;
  /** Which one of its kind fails, from 1. Default: the first. */
  readonly at?: number;
  /** How many in a row fail. Default 1. */
  readonly times?: number;
}

/** The faults of a plan, each where it says; counted over all databases that it is given to. */
export function failStore(...plan: readonly PlannedFault[]): StoreFaults {
  const counts = new Map<StoreOperation, number>();
  return {
    before({ operation }) {
      const count = (counts.get(operation) ?? 0) + 1;
      counts.set(operation, count);
      const planned = plan.find(
        ({ operation: kind, at = 1, times = 1 }) => kind === operation && count >= at && count < at + times,
      );
      return planned?.fault ?? null;
    },
  };
}

/** The error that SQLite raises for a fault of its own operations. */
export function sqliteFault(fault: StoreFault): Error {
  const [errcode, text] = SQLITE_FAULTS[fault];
  return Object.assign(new Error(`${text} (injected)`), { code: "ERR_SQLITE_ERROR", errcode });
}

/** The error that the operating system raises for a fault of one of its calls. */
export function systemFault(fault: StoreFault, syscall: string): Error {
  const code = fault === "disk-full" ? "ENOSPC" : "EIO";
  return Object.assign(new Error(`${code}: ${syscall} (injected)`), { code, syscall });
}

const SQLITE_FAULTS: Readonly<Record<StoreFault, readonly [errcode: number, text: string]>> = {
  "disk-full": [13, "database or disk is full"],
  "io-error": [10, "disk I/O error"],
  locked: [5, "database is locked"],
  corrupt: [11, "database disk image is malformed"],
};
