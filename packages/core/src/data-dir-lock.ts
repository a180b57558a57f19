import { readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { SpacedriveError } from "@spacedrive/wire";
import { errnoOf } from "./paths/contained-file.js";
import { makeFolder } from "./paths/make-folder.js";

/** Result codes of SQLite. */
const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;

/** Between two looks at a lock that somebody holds. */
const LOOK_AGAIN_MS = 20;
/** Looks at a lock whose holder runs, and at one whose holder is gone or has not written its pid yet. */
const LOOKS = { held: 2, unknown: 5 } as const;

/** The claim of this process on a data directory, until it is released or the process ends, however it ends. */
export interface DataDirLock {
  /** The directory's real path. */
  readonly folder: string;
  /** Harmless when repeated. */
  release(): void;
}

/**
 * Makes the directory where it is missing, and claims it. The claim is a lock that the kernel keeps on `host.lock`: it
 * goes with the process, so that a file left behind by a killed one stands in nobody's way. Nothing but SQLite may open
 * that file: closing any other handle on it would drop the lock. Who holds it is therefore written beside it.
 *
 * @throws SpacedriveError `DATA_DIR_LOCKED` (details: `data_dir`, `pid`), `STORE_FAILED` where the directory cannot be used.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const folder = makeDataDir(dataDir);
  const pidFile = join(folder, "host.pid");
  // Two that start at once may each be in the other's way, and a pid that a killed one left may be another process's by now.
  for (let attempt = 1; ; attempt++) {
    const lock = tryLock(join(folder, "host.lock"), dataDir);
    if (lock !== null) {
      writePid(pidFile, lock, dataDir);
      return { folder, release: releaseOnce(lock, pidFile) };
    }
    const pid = readPid(pidFile);
    if (attempt >= LOOKS[pid !== null && isAlive(pid) ? "held" : "unknown"]) throw locked(dataDir, pid);
    await delay(LOOK_AGAIN_MS);
  }
}

function makeDataDir(dataDir: string): string {
  try {
    makeFolder(resolve(dataDir), 0o700);
    return realpathSync.native(dataDir);
  } catch (cause) {
    const reason = errnoOf(cause) ?? "unknown";
    throw new SpacedriveError("STORE_FAILED", `The data directory "${dataDir}" cannot be made or opened (${reason}).`, {
      cause,
      retryable: false,
    });
  }
}

function tryLock(file: string, dataDir: string): DatabaseSync | null {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(file);
    database.exec("BEGIN EXCLUSIVE");
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof Error && "errcode" in cause && cause.errcode === SQLITE_BUSY) return null;
    if (cause instanceof Error && "errcode" in cause && cause.errcode === SQLITE_NOTADB) throw noLock(file, cause);
    throw cannotBeLocked(dataDir, cause);
  }
}

function noLock(file: string, cause: Error): SpacedriveError {
  return new SpacedriveError(
    "STORE_FAILED",
    `"${file}" is no lock: something else has been written there. No process has this data directory open by it: remove the file, and try again.`,
    { cause, retryable: false },
  );
}

function writePid(pidFile: string, lock: DatabaseSync, dataDir: string): void {
  try {
    writeFileSync(pidFile, `${process.pid}\n`);
  } catch (cause) {
    lock.close();
    throw cannotBeLocked(dataDir, cause);
  }
}

function cannotBeLocked(dataDir: string, cause: unknown): SpacedriveError {
  const errno = errnoOf(cause);
  return new SpacedriveError(
    errno === "ENOSPC" || errno === "EDQUOT" ? "DISK_FULL" : "STORE_FAILED",
    `The data directory "${dataDir}" cannot be locked. Is it writable?`,
    { cause, retryable: false },
  );
}

function releaseOnce(lock: DatabaseSync, pidFile: string): () => void {
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    // First the pid, then the lock: afterwards the file may be another process's.
    rmSync(pidFile, { force: true });
    lock.close();
  };
}

function readPid(pidFile: string): number | null {
  try {
    const pid = Number(readFileSync(pidFile, "utf8").trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === "EPERM";
  }
}

function locked(dataDir: string, pid: number | null): SpacedriveError {
  const holder =
    pid === process.pid
      ? `this process (pid ${pid})`
      : pid === null
        ? "another process"
        : `the process with pid ${pid}`;
  return new SpacedriveError(
    "DATA_DIR_LOCKED",
    `The data directory "${dataDir}" is open in ${holder}. Close it there, or use another directory.`,
    { details: { data_dir: dataDir, pid } },
  );
}
