import type { JobOutcome } from "@spacedrive/jobs";
import { SpacedriveError } from "@spacedrive/wire";

/** What is known of a run when its export has returned. */
export interface JobRun {
  /** `<extension>:<job>`. */
  readonly type: string;
  readonly code: number;
  /** The guest was told of an interrupt in this run. */
  readonly sawInterrupt: boolean;
  /** A checkpoint of this run is durable. */
  readonly checkpointed: boolean;
  /** Why the last checkpoint that it asked for was not stored; null: it was, or it asked for none. */
  readonly refused: SpacedriveError | null;
  /** It is to be cancelled: nothing of it needs keeping. */
  readonly cancelling: boolean;
  /** What `job_fail` said, or null. */
  readonly reason: string | null;
  /** What `job_complete` gave, or null. */
  readonly result: string | null;
}

/** The outcome of a job by what its export returned: DESIGN §4, in one place. */
export function outcomeOf(run: JobRun): JobOutcome {
  const { type, code, sawInterrupt, reason, refused, result } = run;
  switch (code) {
    case 0:
      return result === null ? { kind: "completed" } : { kind: "completed", result };
    case 1:
      if (sawInterrupt) return { kind: "interrupted" };
      return failed("JOB_FAILED", `"${type}" returned 1 (interrupted), and nobody had interrupted it.`);
    case 2:
      // Spacedrive's Rust SDK has no other way to say "interrupted" out of a nested function.
      if (reason === null && sawInterrupt && (run.checkpointed || run.cancelling)) return { kind: "interrupted" };
      if (refused !== null) return failedToCheckpoint(type, refused, reason);
      return failed("JOB_FAILED", reason ?? `"${type}" returned 2 (failed) and gave no reason; its log may have one.`);
    case 3:
      // Until when, it has told the job manager by jobs.wake_when; one that has not fails there.
      return { kind: "suspended" };
    default:
      return failed(
        "GUEST_ABI_VIOLATION",
        `"${type}" returned ${code}, which means nothing: 0, 1, 2 or 3 is expected.`,
      );
  }
}

function failed(code: "JOB_FAILED" | "GUEST_ABI_VIOLATION", message: string): JobOutcome {
  return { kind: "failed", error: new SpacedriveError(code, message) };
}

/**
 * A guest is told only that its checkpoint was not stored: what became of the disk is the host's to say, and whether it may
 * pass, as it would be for a native job.
 */
function failedToCheckpoint(type: string, refused: SpacedriveError, reason: string | null): JobOutcome {
  const said = reason === null ? "" : ` It ended with: ${reason}`;
  const { code, message, retryable } = refused;
  const text = `The last checkpoint of "${type}" was refused. ${message}${said}`;
  return { kind: "failed", error: new SpacedriveError(code, text, { cause: refused, retryable }) };
}
