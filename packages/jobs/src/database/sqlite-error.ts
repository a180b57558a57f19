import { type ErrorCode, SpacedriveError } from "@spacedrive/wire";

/** SQLite's primary result codes that mean something of their own to us (https://www.sqlite.org/rescode.html). */
const CODE_OF_RESULT: ReadonlyMap<number, ErrorCode> = new Map([
  [5, "STORE_LOCKED"], // SQLITE_BUSY
  [6, "STORE_LOCKED"], // SQLITE_LOCKED
  [11, "STORE_CORRUPT"], // SQLITE_CORRUPT
  [13, "DISK_FULL"], // SQLITE_FULL, also what ENOSPC becomes
  [26, "STORE_CORRUPT"], // SQLITE_NOTADB
]);

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

function isSqliteError(thrown: unknown): thrown is Error & { readonly errcode: number } {
  return thrown instanceof Error && "errcode" in thrown && typeof thrown.errcode === "number";
}
