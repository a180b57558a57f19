/**
 * A step of the host on its files, at which a {@link Fault} can strike:
 *
 * - `open`, `migrate`: a database is opened, and its tables are brought up to date.
 * - `begin`: the commit begins, and takes the database's lock. Where that is `locked` it is tried again for 250 ms.
 * - `write`: one transaction, such as a dispatch, a job's checkpoint, the effect of an action. Transactions of the same
 *   moment share a commit.
 * - `commit`: they are written. One that fails is tried again, by each of its transactions alone.
 * - `sync`: the commit is put on the disk; only then is anybody told of it. After one that fails the database takes
 *   nothing more until it is opened again.
 * - `wal-checkpoint`: what was committed is copied from the log of the database (its WAL) into the database itself.
 * - `close`: the database is closed.
 * - `write-file`, `remove-file`: the bytes of a sidecar are written, before the row that names them, or removed, after it.
 */
export type FaultOperation = (typeof FAULT_OPERATIONS)[number];

export const FAULT_OPERATIONS = [
  "open",
  "migrate",
  "begin",
  "write",
  "commit",
  "sync",
  "wal-checkpoint",
  "close",
  "write-file",
  "remove-file",
] as const;

/** Those that can fail as a disk does. */
export const DISK_OPERATIONS = ["open", "migrate", "begin", "write", "commit", "sync", "write-file"] as const;

/** Those that can fail as a database does. */
export const DATABASE_OPERATIONS = ["open", "migrate", "begin", "write", "commit"] as const;

/** Which of the steps it is that a fault strikes. */
interface FaultMoment {
  /** Which step of its kind, from 1, counted since the fault was set. Default: the first. */
  readonly at?: number;
  /** The test's library, or the host's own database, which has what belongs to no library. Default `library`. */
  readonly database?: "library" | "host";
}

/**
 * The disk is full, or refuses what it is given: `DISK_FULL`, `STORE_FAILED`.
 *
 * ```ts
 * { fault: "disk-full", operation: "commit", at: 3 }                // the library's third commit finds no room
 * { fault: "io-error", operation: "sync", times: Infinity }         // no sync succeeds any more
 * { fault: "disk-full", operation: "write-file" }                   // the next sidecar finds no room
 * ```
 */
export interface DiskFault extends FaultMoment {
  readonly fault: "disk-full" | "io-error";
  readonly operation: (typeof DISK_OPERATIONS)[number];
  /** How many in a row fail; `Infinity`: all, until the faults are cleared. Default 1. */
  readonly times?: number;
}

/**
 * Somebody else holds the database's lock, or a page that is needed is damaged: `STORE_LOCKED`, `STORE_CORRUPT`.
 *
 * ```ts
 * { fault: "locked", operation: "write", times: 2 }                 // the next two transactions are refused
 * { fault: "corrupt", operation: "write", at: 2 }                   // the second one meets a damaged page
 * ```
 */
export interface DatabaseFault extends FaultMoment {
  readonly fault: "locked" | "corrupt";
  readonly operation: (typeof DATABASE_OPERATIONS)[number];
  /** How many in a row fail; `Infinity`: all, until the faults are cleared. Default 1. */
  readonly times?: number;
}

/**
 * SIGKILL: the host's process ends in the middle of what it does. `host.ended()` waits for that, and `host.restart()` starts
 * it again. Not with `inProcess`.
 *
 * ```ts
 * { fault: "kill", when: "after", operation: "commit", at: 3 }      // written, and told to nobody
 * { fault: "kill", when: "before", at: 17 }                         // before the 17th step of any kind
 * ```
 */
export interface KillFault extends FaultMoment {
  readonly fault: "kill";
  readonly when: "before" | "after";
  /** Default: any; `at` then counts them all. */
  readonly operation?: FaultOperation;
}

/**
 * The host's clock is set back, and stays so. A clock that the test gave the host is left as it is.
 *
 * ```ts
 * { fault: "clock-back", byMs: 3_600_000 }                          // now
 * { fault: "clock-back", byMs: 3_600_000, operation: "commit" }     // just before the next commit
 * ```
 */
export interface ClockFault extends FaultMoment {
  readonly fault: "clock-back";
  readonly byMs: number;
  /** Default: it is set back as soon as the fault is set. */
  readonly operation?: FaultOperation;
}

/** Something that goes wrong under the host: plain data, told apart by `fault`. */
export type Fault = DiskFault | DatabaseFault | KillFault | ClockFault;

/** A fault that struck, and where. */
export interface FiredFault {
  readonly fault: Fault;
  /** Null for a clock that was set back at once. */
  readonly operation: FaultOperation | null;
  readonly database: "library" | "host";
}

/** A fault of a host's plan, as it is sent to the host. */
export interface PlannedFault {
  /** Told apart from all others of this test host, those before a restart included. */
  readonly id: number;
  readonly fault: Fault;
  /** How often it struck before the host was started. */
  readonly spent: number;
}
