import type { Caller } from "./caller.js";
import type { SpacedriveError } from "./errors.js";
import type { LibraryId } from "./ids.js";
import type { OperationKind } from "./method.js";
import type { Operation } from "./operation.js";
import type { Transaction } from "./transaction.js";

/** One call of a job, as the journal knows it: all of it as the caller asked, so that it is the same call next time. */
export interface RecordableCall {
  readonly kind: OperationKind;
  /** Without its version where the caller named none. */
  readonly method: string;
  readonly library: LibraryId | null;
  /** The parsed payload. */
  readonly payload: unknown;
  readonly caller: Caller;
}

/** What became of a call. */
export type CallOutcome =
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly error: SpacedriveError };

/** A call that was answered before, or the place where its outcome is to be recorded. */
export type BegunCall =
  | { readonly kind: "recorded"; readonly outcome: CallOutcome }
  | { readonly kind: "open"; readonly record: OpenRecord };

/**
 * The port by which a job's calls are remembered and answered again after a resume. The dispatcher asks it first of all,
 * before it looks for the operation: a recorded call is answered also where its operation is gone, or not allowed any more.
 */
export interface Recorder {
  /**
   * Gives the next call its place. Calls of one recorder are made one after another.
   *
   * @throws SpacedriveError where the call can have none, and is not made: `JOURNAL_FULL`, `LIBRARY_ACCESS_DENIED` for an
   * action outside of the job's library, `JOB_NOT_RUNNING`, `CANCELLED`.
   */
  begin(call: RecordableCall): BegunCall;
}

/** The place of one call in its job's journal, from its begin until it is settled. */
export interface OpenRecord {
  /** The same for every repetition of this call after a resume. */
  readonly idempotencyKey: string;
  /** Records the calls that are made to answer this one. Null for a query: it and what it calls have no effect. */
  readonly nested: Recorder | null;
  /** @throws SpacedriveError where a call of this operation cannot be recorded, and so must not be made. */
  admit(operation: Operation): void;
  /**
   * Puts it on record that this call is about to be made, with all that its job was answered before. For effects outside of
   * the databases: one that is repeated is to be the same call, with the same key.
   *
   * @throws SpacedriveError where that cannot be stored: the effect must not begin.
   */
  announce(): Promise<void>;
  /**
   * Records a success in the transaction of the action's effect, so that both stand or fall together.
   *
   * @throws SpacedriveError `JOB_NOT_RUNNING` or `CANCELLED` where the attempt that made the call has ended or is to end: the
   * effect must be rolled back.
   */
  commit(tx: Transaction, output: unknown): void;
  /**
   * Called once, with what the caller is going to be told; what resolves may be told.
   *
   * @throws SpacedriveError what the caller must be told instead.
   */
  settle(outcome: CallOutcome): Promise<void>;
}
