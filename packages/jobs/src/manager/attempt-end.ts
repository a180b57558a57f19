import { type ErrorCode, isSpacedriveError, SpacedriveError } from "@spacedrive/wire";
import type { JobFailure } from "../job.js";
import type { JobOutcome } from "../job-handler.js";
import type { WakeWhen } from "../wake-when.js";

/** What is wanted of a running job: nothing, or where it is to go. `release`: back to the queue (unload, shutdown). `expire`: its deadline has passed. */
export type Intent = "run" | "pause" | "release" | "expire" | "cancel";

/** How an attempt ended: as its handler said, or `stopped`, because the handler did not end in time. */
export type AttemptOutcome = JobOutcome | { readonly kind: "stopped" };

/** The step that an attempt's end is written with. */
export type AttemptEnd =
  | { readonly step: "complete"; readonly result: string | null }
  | { readonly step: "fail"; readonly error: JobFailure }
  /** The attempt failed, and another may succeed. `counted`: against the retry limit. */
  | { readonly step: "postpone"; readonly error: JobFailure; readonly counted: boolean }
  /** `pause`: and is paused there. */
  | {
      readonly step: "suspend";
      readonly state: string | null;
      readonly until: WakeWhen | null;
      readonly pause: boolean;
    }
  | { readonly step: "expire" }
  | { readonly step: "pause" }
  | { readonly step: "release" }
  | { readonly step: "cancel" };

/**
 * Joins what was wanted with what happened. A cancel wins over every outcome; work that is done stays done whatever else
 * was wanted; an error that the interrupt itself caused is no failure.
 */
export function endOf(
  intent: Intent,
  outcome: AttemptOutcome,
  attempt: {
    readonly type: string;
    readonly resumable: boolean;
    readonly aborted: boolean;
    /** Attempts in a row without progress, this one included, and how many there may be. */
    readonly attempts: number;
    readonly retryLimit: number;
    /** The store's last word to the attempt, where it was a refusal that is no fault of the job's. Default null. */
    readonly refused?: SpacedriveError | null;
  },
): AttemptEnd {
  if (intent === "cancel") return { step: "cancel" };
  switch (outcome.kind) {
    case "completed":
      return { step: "complete", result: outcome.result ?? null };
    case "suspended":
      if (intent === "expire") return { step: "expire" };
      return {
        step: "suspend",
        state: outcome.state ?? null,
        until: outcome.until ?? null,
        pause: intent === "pause" && attempt.resumable,
      };
    case "failed":
      if (intent === "expire") return { step: "expire" };
      if (intent !== "run" && (attempt.aborted || INTERRUPTED_CODES.has(outcome.error.code))) {
        return interrupted(intent, attempt);
      }
      return (
        afterRefusal(intent, attempt.refused ?? refusalIn(outcome.error), attempt) ??
        afterFailure(intent, outcome.error, attempt)
      );
    case "interrupted":
    case "stopped":
      return afterRefusal(intent, attempt.refused ?? null, attempt) ?? interrupted(intent, attempt);
    default:
      return outcome satisfies never;
  }
}

/** Where an error is the store's, and says nothing of the job: the same error. */
export function refusalIn(error: SpacedriveError): SpacedriveError | null {
  return STORE_CODES.has(error.code) || error.details["unconfirmed"] === true ? error : null;
}

/** A full disk, a lock: what the job did until then stays, and it goes on when they are gone, however long that takes. */
const STORE_CODES: ReadonlySet<ErrorCode> = new Set(["DISK_FULL", "STORE_LOCKED"]);

function afterRefusal(
  intent: Exclude<Intent, "cancel">,
  refused: SpacedriveError | null,
  { resumable }: { readonly resumable: boolean },
): AttemptEnd | null {
  if (intent !== "run" || refused === null || !resumable) return null;
  const { code, message } = refused;
  return { step: "postpone", error: { code, message }, counted: false };
}

/**
 * Failures that may not come again, beside those that say so themselves (`retryable`): the attempt starts in a fresh instance,
 * from the last checkpoint. Whatever else a job ends with is its answer, and the same the next time.
 */
const RETRIED_CODES: ReadonlySet<ErrorCode> = new Set(["GUEST_TRAPPED", "GUEST_MEMORY_LIMIT", "INTERNAL"]);

function afterFailure(
  intent: Exclude<Intent, "cancel" | "expire">,
  { code, message, retryable }: SpacedriveError,
  {
    resumable,
    attempts,
    retryLimit,
  }: { readonly resumable: boolean; readonly attempts: number; readonly retryLimit: number },
): AttemptEnd {
  const mayPass = resumable && (retryable || RETRIED_CODES.has(code));
  if (!mayPass) return { step: "fail", error: { code, message } };
  if (attempts < retryLimit)
    return intent === "pause" ? { step: "pause" } : { step: "postpone", error: { code, message }, counted: true };
  const times = attempts === 1 ? "" : ` The last ${attempts} attempts failed, with no checkpoint between.`;
  return { step: "fail", error: { code, message: `${message}${times}` } };
}

/** Errors by which a handler says that it was interrupted, where it was. */
const INTERRUPTED_CODES: ReadonlySet<string> = new Set(["CANCELLED", "UNLOADED"]);

function interrupted(
  intent: Exclude<Intent, "cancel">,
  { type, resumable }: { readonly type: string; readonly resumable: boolean },
): AttemptEnd {
  if (intent === "expire") return { step: "expire" };
  if (intent === "run") return failure(`Job "${type}" ended as interrupted, and nobody had interrupted it.`);
  if (!resumable) {
    return failure(`Job "${type}" was stopped with its host or extension, and it cannot be resumed. Retry it.`);
  }
  return { step: intent };
}

function failure(message: string): AttemptEnd {
  return { step: "fail", error: { code: "JOB_FAILED", message } };
}

/** What a handler's rejection means. */
export function outcomeOfError(thrown: unknown, type: string): JobOutcome {
  if (isSpacedriveError(thrown)) return { kind: "failed", error: thrown };
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    kind: "failed",
    error: new SpacedriveError("JOB_FAILED", `Job "${type}" failed: ${reason}`, { cause: thrown }),
  };
}
