import type { Caller } from "./caller.js";
import { ERROR_CODES, type ErrorCode, isErrorCode, SpacedriveError } from "./errors.js";

/** Codes whose texts may name files of the host, or what happened inside of it. */
const OF_THE_HOST: ReadonlySet<ErrorCode> = new Set([
  "INTERNAL",
  "STORE_FAILED",
  "STORE_CORRUPT",
  "STORE_LOCKED",
  "DISK_FULL",
  "DATA_DIR_LOCKED",
  "HOST_UNREACHABLE",
]);

/** Codes whose texts may carry stacks and log lines of another extension: of one that the caller called. */
const OF_ANOTHER_GUEST: ReadonlySet<ErrorCode> = new Set([
  "GUEST_TRAPPED",
  "GUEST_MEMORY_LIMIT",
  "GUEST_ABI_VIOLATION",
  "INIT_FAILED",
  "REGISTRATION_REFUSED",
  "RELOAD_FAILED",
  "MANIFEST_INVALID",
  "MODULE_INVALID",
  "ABI_UNSUPPORTED",
  "BUILD_FAILED",
]);

/** Details of such an error that say what the caller may do, and nothing of the host. */
const TOLD_DETAILS = ["unconfirmed", "retry_after_ms"] as const;

/**
 * What a caller is told of a failure. The user and native jobs hear all of it. Whoever is not part of the host, an extension
 * or a remote client, hears the texts that were written for callers; of what happened within the host or another extension
 * it hears the code, its meaning and whether to try again. The same error comes back where nothing is held back, and what
 * is told twice is told alike: a job's journal answers a call again word for word.
 */
export function toldError(error: SpacedriveError, caller: Caller): SpacedriveError {
  const { code } = error;
  if (isOfTheHost(caller) || !(OF_THE_HOST.has(code) || OF_ANOTHER_GUEST.has(code))) return error;
  const message = meaningOf(code);
  try {
    if (error.message === message) return error;
    const kept = TOLD_DETAILS.filter((name) => Object.hasOwn(error.details, name));
    return new SpacedriveError(code, message, {
      cause: error,
      retryable: error.retryable,
      details: Object.fromEntries(kept.map((name) => [name, error.details[name]])),
    });
  } catch {
    // What only looks like one of ours may have no details, or such as cannot be read.
    return new SpacedriveError(code, message, { cause: error });
  }
}

/** The same for a failure of something that is the caller's own, such as its job: its own stacks and lines it may see. */
export function toldReason(code: string | null, reason: string, caller: Caller): string {
  return !isOfTheHost(caller) && isErrorCode(code) && OF_THE_HOST.has(code) ? meaningOf(code) : reason;
}

/** The user and native jobs, who could do the same without asking. */
export function isOfTheHost(caller: Caller): boolean {
  return caller.kind === "user" || caller.kind === "job";
}

function meaningOf(code: ErrorCode): string {
  return `${ERROR_CODES[code].meaning} The host's log has the cause.`;
}
