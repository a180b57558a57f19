import { type ErrorCode, SpacedriveError } from "@spacedrive/wire";

/** SQLite's primary result codes that mean something of their own to us (https://www.sqlite.org/rescode.html). */
const CODE_OF_RESULT: ReadonlyMap<number, ErrorCode> = new Map([
  [5, "STORE_LOCKED"], // SQLITE_BUSY
  [6, "STORE_LOCKED"], // SQLITE_LOCKED
  [11, "STORE_CORRUPT"], // SQLITE_CORRUPT
  [13, "DISK_FULL"], // SQLITE_FULL, also what ENOSPC becomes
  [26, "STORE_CORRUPT"], // SQLITE_NOTADB
]);

/** SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC: it was written, and may not be on the disk. */
const FAILED_SYNCS: ReadonlySet<number> = new Set([1034, 1290]);

const ADVICE: Partial<Record<ErrorCode, string>> = {
  STORE_LOCKED: "another connection holds its lock. Close what holds it, then try again.",
  STORE_CORRUPT: "the file is damaged, or not a SQLite database. Restore it from a backup.",
  DISK_FULL: "there is no room left for it. Free some, then try again.",
};

/** Turns what SQLite raised into our error, naming the file. What the code inside a transaction threw passes as it is. */
export function sqliteError(thrown: unknown, path: string): unknown {
  if (!isSqliteError(thrown)) return thrown;
  // Extended result codes keep the primary one in their low byte.
  const code = CODE_OF_RESULT.get(thrown.errcode & 0xff) ?? "STORE_FAILED";
  const advice = ADVICE[code] ?? `${thrown.message}.`;
  return new SpacedriveError(code, `The database ${path} failed: ${advice}`, { cause: thrown });
}

/** True where another connection's lock is the reason. */
export function isLocked(thrown: unknown): boolean {
  return isSqliteError(thrown) && CODE_OF_RESULT.get(thrown.errcode & 0xff) === "STORE_LOCKED";
}

/** True where SQLite wrote, and the disk refused to say that it has it. */
export function isFailedSync(thrown: unknown): boolean {
  return isSqliteError(thrown) && FAILED_SYNCS.has(thrown.errcode);
}

/**
 * What a database answers from the moment that its disk failed to sync. After such an error an operating system may drop
 * what it could not write and call the next sync a success: only opening the file again shows what is really there.
 */
export function failedSyncError(thrown: unknown, path: string): SpacedriveError {
  const errno = thrown instanceof Error && "code" in thrown ? thrown.code : null;
  const full = errno === "ENOSPC" || errno === "EDQUOT";
  const reason = full ? "there is no room left for what was written" : "what was written could not be put on the disk";
  const remedy = full ? "Free some" : "Look after the disk";
  return new SpacedriveError(
    full ? "DISK_FULL" : "STORE_FAILED",
    `The database ${path} failed: ${reason}. It takes no more until it is opened again; only what was confirmed before is certain to be there then. ${remedy}, then close and open it.`,
    { cause: thrown, retryable: false },
  );
}

function isSqliteError(thrown: unknown): thrown is Error & { readonly errcode: number } {
  return thrown instanceof Error && "errcode" in thrown && typeof thrown.errcode === "number";
}
