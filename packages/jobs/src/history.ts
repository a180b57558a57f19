import { type ErrorCode, SpacedriveError } from "@spacedrive/wire";
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

export const NOTHING_HELD: HistoryNotes = { entries: [], missed: 0 };

/** What is known of a job's past, oldest first. */
export interface JobHistory {
  readonly entries: readonly HistoryEntry[];
  /** Older or too many entries that were not kept. */
  readonly dropped: number;
}

/** How much of a job's past is kept: the last entries that fit both, in shares of each kind. */
export interface HistoryLimits {
  readonly entries: number;
  /** Of the entries as JSON in UTF-8. */
  readonly bytes: number;
}

/** Entries kept for a job; each is at most {@link MAX_ENTRY_TEXT} characters of text and a few numbers. */
export const MAX_HISTORY = 500;
/** Bytes kept for a job, where nobody says otherwise. */
export const MAX_HISTORY_BYTES = 128 * 1024;
/** Longest text of an entry, in UTF-16 units. */
export const MAX_ENTRY_TEXT = 200;

/**
 * The limits, with what holds where none is given.
 *
 * @throws SpacedriveError `INVALID_INPUT`.
 */
export function historyLimits(given: Partial<HistoryLimits> = {}): HistoryLimits {
  const limits = { entries: given.entries ?? MAX_HISTORY, bytes: given.bytes ?? MAX_HISTORY_BYTES };
  for (const [what, limit] of Object.entries(limits)) {
    if (Number.isSafeInteger(limit) && limit >= 1) continue;
    throw new SpacedriveError(
      "INVALID_INPUT",
      `The ${what} of a job's history must be a whole number from 1, and are ${limit}.`,
    );
  }
  return limits;
}

/**
 * What each kind has of the limits whatever the others do: a job that checkpoints a thousand times a second, or warns as often, does
 * not drive out its attempts, pauses and failures.
 */
const SHARES = { status: 0.4, warning: 0.2, checkpoint: 0.2, call: 0.2 } as const satisfies Record<
  HistoryEntry["kind"],
  number
>;

/** An entry, as far as the limits look at it. */
export interface SizedEntry {
  readonly kind: HistoryEntry["kind"];
  readonly bytes: number;
}

/**
 * Which of these entries are let go: the oldest, until the others fit the limits, but for those of a kind that has no more than its
 * share. At least the last one is kept: what became of a job is known of it.
 */
export function lettingGo(entries: readonly SizedEntry[], limits: HistoryLimits): ReadonlySet<number> {
  const left = { entries: 0, bytes: 0 };
  const of = Object.fromEntries(Object.keys(SHARES).map((kind) => [kind, { entries: 0, bytes: 0 }]));
  const count = ({ kind, bytes }: SizedEntry, sign: 1 | -1): void => {
    for (const sum of [left, of[kind] ?? left]) {
      sum.entries += sign;
      sum.bytes += sign * bytes;
    }
  };
  for (const entry of entries) count(entry, 1);
  const gone = new Set<number>();
  for (const [index, entry] of entries.entries()) {
    if (fits(left, limits, 1) || index === entries.length - 1) break;
    if (fits(of[entry.kind] ?? left, limits, SHARES[entry.kind])) continue;
    count(entry, -1);
    gone.add(index);
  }
  return gone;
}

/** Those of these entries that are kept. */
export function keptHistory({ entries, dropped }: JobHistory, limits: HistoryLimits): JobHistory {
  const sized = entries.map((entry) => ({ kind: entry.kind, bytes: entryBytes(entry) }));
  const gone = lettingGo(sized, limits);
  if (gone.size === 0) return { entries, dropped };
  return { entries: entries.filter((_, index) => !gone.has(index)), dropped: dropped + gone.size };
}

function fits(sum: HistoryLimits, limits: HistoryLimits, share: number): boolean {
  return sum.entries <= limits.entries * share && sum.bytes <= limits.bytes * share;
}

function entryBytes(entry: HistoryEntry): number {
  return Buffer.byteLength(JSON.stringify(entry));
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
