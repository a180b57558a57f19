import { type Caller, describeCaller, jobOf } from "./caller.js";
import type { Logger } from "./logger.js";

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
    logger[level]({ ...fields, err: thrown }, message);
  } catch {
    try {
      logger[level](fields, `${message}, with an error that cannot be written`);
    } catch {
      // The logger itself fails. Who waits for an answer gets it all the same.
    }
  }
}

/** What a line about a call names. */
export function fieldsOf(method: string, caller: Caller): Fields {
  return { method, caller: describeCaller(caller), job: jobOf(caller)?.id };
}
