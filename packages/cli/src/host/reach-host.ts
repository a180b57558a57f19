import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isSpacedriveError, SpacedriveError } from "@spacedrive/wire";
import type { Terminal } from "../terminal/terminal.js";
import { CommandHost } from "./command-host.js";
import { resolveDataDir } from "./data-dir.js";
import { hintedLibraryCommand, type Place } from "./hinted-command.js";
import { RunningHost } from "./running-host.js";
import type { Level } from "./terminal-logger.js";

/** How long a directory may be another process's that serves no socket: a command like this one, or a host that ends. */
const PATIENCE_MS = 3_000;
const AGAIN_MS = 50;

export interface ReachOptions {
  readonly place: Place;
  readonly terminal: Terminal;
  /** What of a host's log is shown, where it is one of this process. */
  readonly least: Level;
  /** Whether others reach this process while it has the directory open: for what takes long. */
  readonly serve: boolean;
}

/**
 * The host of a data directory: the running one where another process has it open, else one of this process.
 *
 * @throws SpacedriveError `DATA_DIR_LOCKED` where a process has it open that cannot be reached, `PROTOCOL_UNSUPPORTED`,
 * and what opening a data directory throws.
 */
export async function reachHost(options: ReachOptions): Promise<CommandHost | RunningHost> {
  const { place, terminal, least, serve } = options;
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    let absence: SpacedriveError;
    try {
      return await RunningHost.connect(place);
    } catch (error) {
      if (!isAbsence(error)) throw error;
      absence = error;
    }
    try {
      return await CommandHost.open(place, terminal, least, serve);
    } catch (error) {
      if (!hasCode(error, "DATA_DIR_LOCKED")) throw error;
      if (performance.now() > deadline) {
        const message = `${error.message} It cannot be reached from here either: ${absence.message}`;
        throw new SpacedriveError("DATA_DIR_LOCKED", message, { cause: error, details: error.details });
      }
    }
    await delay(AGAIN_MS);
  }
}

/**
 * @throws SpacedriveError `NOT_FOUND` where there is no data directory, so that looking at one makes none.
 */
export function checkDataDir(place: Place): void {
  const dataDir = resolveDataDir(place.dataDir);
  if (["host.db", "host.lock", "libraries"].some((name) => existsSync(join(dataDir, name)))) return;
  const problem = existsSync(dataDir) ? `"${dataDir}" is no data directory` : `There is no data directory "${dataDir}"`;
  throw new SpacedriveError(
    "NOT_FOUND",
    `${problem}: nothing has run there yet. Name another with --data-dir, or run something there: ${hintedLibraryCommand("run <dir>", place)}`,
  );
}

/** No host is there, or it is about to end; or it could not be said whose the socket is, which the lock will tell. */
function isAbsence(error: unknown): error is SpacedriveError {
  return hasCode(error, "HOST_UNREACHABLE") || hasCode(error, "CLOSED") || hasCode(error, "PATH_DENIED");
}

function hasCode(error: unknown, code: SpacedriveError["code"]): error is SpacedriveError {
  return isSpacedriveError(error) && error.code === code;
}
