import { type ErrorCode, isSpacedriveError, SpacedriveError } from "@spacedrive/wire";

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

/** True where what made a database fail may be over by itself: a full disk, a quota, a lock. */
export function mayPass(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code === "DISK_FULL" || code === "STORE_LOCKED";
}

/** What those are told whose transactions were under way when a database failed. */
export function unconfirmedError(thrown: unknown, path: string): SpacedriveError {
  return new SpacedriveError(
    codeOf(thrown),
    `The database ${path} failed: ${reasonOf(thrown)}. Only what was confirmed before is certain to be there when it is opened again: look whether this is, before you repeat it.`,
    { cause: thrown, retryable: false, details: { unconfirmed: true } },
  );
}

/**
 * What a database answers from the moment that its disk failed to sync. After such an error an operating system may drop
 * what it could not write and call the next sync a success: only opening the file again shows what is really there.
 *
 * @param reopens it opens itself again.
 */
export function failedError(thrown: unknown, path: string, reopens: boolean): SpacedriveError {
  const remedy = reopens
    ? "It is opened again by itself as soon as that can be. Free some room, then try again."
    : "It takes no more until it is opened again. Look after the disk, then reopen it: by its reopen(), a core's libraries.reopen(), or the next start of the host.";
  return new SpacedriveError(codeOf(thrown), `The database ${path} failed: ${reasonOf(thrown)}. ${remedy}`, {
    cause: thrown,
    retryable: reopens,
  });
}

/** What a database answers while somebody has it opened again. */
export function reopeningError(path: string): SpacedriveError {
  return new SpacedriveError("STORE_FAILED", `The database ${path} is being opened again. Try again.`, {
    details: { reopening: true },
  });
}

/** What a sync of a file fails with that has no name any more. */
export function deletedError(path: string): SpacedriveError {
  return new SpacedriveError("STORE_FAILED", `The files of the database ${path} were deleted while it was open.`, {
    retryable: false,
    details: { deleted: true },
  });
}

function codeOf(thrown: unknown): ErrorCode {
  if (isSpacedriveError(thrown)) return thrown.code;
  const errno = thrown instanceof Error && "code" in thrown ? thrown.code : null;
  if (errno === "ENOSPC" || errno === "EDQUOT") return "DISK_FULL";
  return (isSqliteError(thrown) ? CODE_OF_RESULT.get(thrown.errcode & 0xff) : undefined) ?? "STORE_FAILED";
}

function reasonOf(thrown: unknown): string {
  if (isSpacedriveError(thrown) && thrown.details["deleted"] === true)
    return "its files were deleted while it was open";
  switch (codeOf(thrown)) {
    case "DISK_FULL":
      return "there is no room left for what was written";
    case "STORE_LOCKED":
      return "another connection holds its lock";
    case "STORE_CORRUPT":
      return "the file is damaged, or not a SQLite database";
    default:
      return "what was written could not be put on the disk";
  }
}

function isSqliteError(thrown: unknown): thrown is Error & { readonly errcode: number } {
  return thrown instanceof Error && "errcode" in thrown && typeof thrown.errcode === "number";
}
