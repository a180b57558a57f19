import { type Caller, describeCaller, jobOf } from "./caller.js";
import type { Clock } from "./clock.js";
import type { Logger } from "./logger.js";
import { isOfTheHost } from "./told-error.js";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Logs what was thrown. A logger reads what it is given, and what an operation throws may not bear that: a getter, a
 * `toJSON` or a proxy that throws. Then the line is written without it; the failure of a log must not become another's.
 */
export function logFailure(
  logger: Logger,
  level: "warn" | "error",
  fields: Fields,
  thrown: unknown,
  message: string,
): void {
  try {
    write(logger, level, { ...fields, err: thrown }, message);
  } catch {
    try {
      write(logger, level, fields, `${message}, with an error that cannot be written`);
    } catch {
      // The logger itself fails. Who waits for an answer gets it all the same.
    }
  }
}

/** One that writes later may fail later, and nobody waits for it. */
function write(logger: Logger, level: "warn" | "error", fields: Fields, message: string): void {
  const written: unknown = logger[level](fields, message);
  if (written instanceof Promise) void written.catch(() => {});
}

/** Lines about failed calls that one caller from outside can cause in a second. */
const LINES_PER_SECOND = 20;
/** Callers that are remembered. Remote clients choose their names. */
const MAX_CALLERS = 1_000;

interface Second {
  readonly since: number;
  lines: number;
  unsaid: number;
}

/**
 * The host's log of calls that failed for a reason that their callers are not told. An extension can make such calls as fast
 * as it likes: what is over the limit is counted, and the caller's next line has the number as `unlogged`.
 */
export class FailureLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #seconds = new Map<string, Second>();

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  failed(method: string, caller: Caller, thrown: unknown, message: string): void {
    const name = describeCaller(caller);
    const unlogged = isOfTheHost(caller) ? 0 : this.#unlogged(name);
    if (unlogged === null) return;
    const fields = { method, caller: name, job: jobOf(caller)?.id };
    logFailure(this.#logger, "error", unlogged === 0 ? fields : { ...fields, unlogged }, thrown, message);
  }

  /** How many lines were left out before this one; null where this one is left out, too. */
  #unlogged(caller: string): number | null {
    const now = this.#clock.now();
    let second = this.#seconds.get(caller);
    let unlogged = 0;
    if (second === undefined || now - second.since >= 1_000) {
      unlogged = second?.unsaid ?? 0;
      if (this.#seconds.size >= MAX_CALLERS) this.#seconds.clear();
      second = { since: now, lines: 0, unsaid: 0 };
      this.#seconds.set(caller, second);
    }
    if (second.lines >= LINES_PER_SECOND) {
      second.unsaid++;
      return null;
    }
    second.lines++;
    return unlogged;
  }
}
