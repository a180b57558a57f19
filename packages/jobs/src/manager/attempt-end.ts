import { isSpacedriveError, SpacedriveError } from "@spacedrive/wire";
import type { JobFailure } from "../job.js";
import type { JobOutcome } from "../job-handler.js";

/** What is wanted of a running job: nothing, or where it is to go. `release`: back to the queue (unload, shutdown). */
export type Intent = "run" | "pause" | "release" | "cancel";

/** How an attempt ended: as its handler said, or `stopped`, because the handler did not end in time. */
export type AttemptOutcome = JobOutcome | { readonly kind: "stopped" };

/** The step that an attempt's end is written with. */
export type AttemptEnd =
  | { readonly step: "complete"; readonly result: string | null }
  | { readonly step: "fail"; readonly error: JobFailure }
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
  attempt: { readonly type: string; readonly resumable: boolean; readonly aborted: boolean },
): AttemptEnd {
  if (intent === "cancel") return { step: "cancel" };
  switch (outcome.kind) {
    case "completed":
      return { step: "complete", result: outcome.result ?? null };
    case "failed":
      if (intent !== "run" && (attempt.aborted || INTERRUPTED_CODES.has(outcome.error.code))) {
        return interrupted(intent, attempt);
      }
      return { step: "fail", error: { code: outcome.error.code, message: outcome.error.message } };
    case "interrupted":
    case "stopped":
      return interrupted(intent, attempt);
    default:
      return outcome satisfies never;
  }
}

/** Errors by which a handler says that it was interrupted, where it was. */
const INTERRUPTED_CODES: ReadonlySet<string> = new Set(["CANCELLED", "UNLOADED"]);

function interrupted(
  intent: Exclude<Intent, "cancel">,
  { type, resumable }: { readonly type: string; readonly resumable: boolean },
): AttemptEnd {
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
