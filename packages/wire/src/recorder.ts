import type { Caller } from "./caller.js";
import type { LibraryId } from "./ids.js";
import type { Transaction } from "./transaction.js";

/** One call of a job, as the journal knows it. */
export interface RecordableCall {
  readonly method: string;
  readonly library: LibraryId | null;
  /** The parsed payload, as the caller gave it. */
  readonly payload: unknown;
  readonly caller: Caller;
}

export type RecordedOutcome =
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string };

/**
 * The port by which a job's calls are remembered and answered again after a resume. The dispatcher asks it at two
 * places of its line: `replay` right after find, `record` at the end; where an action commits in a transaction, `record`
 * is called inside it, so that effect and record stand or fall together.
 */
export interface Recorder {
  /** The outcome recorded for this call, or null: run it. */
  replay(call: RecordableCall): RecordedOutcome | null;
  /** The same for every repetition of this call after a resume. */
  idempotencyKey(call: RecordableCall): string;
  /**
   * Remembers an outcome; throwing inside a transaction rolls the effect back. `tx` is null where there is none. A
   * transaction may have to run again: then this is called again for the same call, and only the last time counts.
   */
  record(call: RecordableCall, outcome: RecordedOutcome, tx: Transaction | null): void;
}
