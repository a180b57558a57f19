import type { ErrorCode } from "@spacedrive/wire";
import type { JobRecord, JobStatus } from "./job.js";

/** One thing that a job did, or that became of it. */
export type HistoryEntry =
  | {
      readonly kind: "status";
      readonly at: number;
      readonly status: JobStatus;
      /** The attempt that began or ended by it, or 0 before the first. */
      readonly attempt: number;
      /** Why: of a job that failed, or is to be tried again. */
      readonly code: ErrorCode | null;
      readonly message: string;
    }
  | { readonly kind: "checkpoint"; readonly at: number; readonly checkpoint: number; readonly bytes: number }
  | {
      readonly kind: "call";
      readonly at: number;
      readonly method: string;
      readonly durationMs: number;
      /** Null: it went well. */
      readonly code: ErrorCode | null;
      /** It was answered from the journal. */
      readonly replayed: boolean;
    }
  | { readonly kind: "warning"; readonly at: number; readonly message: string };

/** Entries to be stored: the last ones, and how many before them were let go. */
export interface HistoryNotes {
  readonly entries: readonly HistoryEntry[];
  readonly missed: number;
}

/** What is known of a job's past, oldest first. */
export interface JobHistory {
  readonly entries: readonly HistoryEntry[];
  /** Older or too many entries that were not kept. */
  readonly dropped: number;
}

/**
 * Entries kept for a job, by their kind: a job that checkpoints a thousand times a second, or warns as often, does not drive out
 * its attempts, pauses and failures. Each is at most {@link MAX_ENTRY_TEXT} characters of text and a few numbers.
 */
export const HISTORY_LIMITS = { status: 200, warning: 100, checkpoint: 100, call: 100 } as const satisfies Record<
  HistoryEntry["kind"],
  number
>;
/** Longest text of an entry, in UTF-16 units. */
export const MAX_ENTRY_TEXT = 200;

/** The entries that are kept of these, oldest first. */
export function keptEntries(
  entries: readonly HistoryEntry[],
  limits: Readonly<Record<HistoryEntry["kind"], number>> = HISTORY_LIMITS,
): HistoryEntry[] {
  const room = { ...limits };
  // From the last on: they are the ones to be kept.
  return entries
    .toReversed()
    .filter(({ kind }) => room[kind]-- > 0)
    .toReversed();
}

/** What a step says of itself; null: nothing that a reader wants to know. */
export function entryOfStep(before: JobRecord, after: JobRecord): HistoryEntry | null {
  if (before.status === after.status) return null;
  const { updatedAt: at, status, attempt, error } = after;
  return { kind: "status", at, status, attempt, code: error?.code ?? null, message: entryText(error?.message ?? "") };
}

/** How a job came to be: kept with the job itself. */
export function firstEntry({ createdAt: at }: JobRecord): HistoryEntry {
  return { kind: "status", at, status: "queued", attempt: 0, code: null, message: "" };
}

/** A text as an entry holds it. */
export function entryText(text: string): string {
  return text.length > MAX_ENTRY_TEXT ? `${text.slice(0, MAX_ENTRY_TEXT - 1)}…`.toWellFormed() : text;
}
