import type { OperationKind } from "@spacedrive/wire";
import type { Fingerprint } from "./fingerprint.js";
import type { RecordedCall, RecordedCalls } from "./recorded-calls.js";
import { numberOf } from "../call-record.js";

/** Where the next call stands. */
export type NextCall =
  /** It is the recorded one, in its turn. */
  | { readonly kind: "replayed"; readonly call: RecordedCall }
  /** It is one that was recorded in another turn, before the code changed: it gets the number that is next now. */
  | { readonly kind: "taken"; readonly call: RecordedCall }
  /** It is a query that was not made since the checkpoint: by it a resumed job learns again what it no longer knows. */
  | { readonly kind: "relearning" }
  | { readonly kind: "new" };

/**
 * The calls that were recorded at one level, in the order in which they answer, and the numbers of those that follow.
 *
 * Actions must come in their order. Queries between two of them may come in any order, and may be missing: a job that starts
 * from a checkpoint in the midst of a listing has to read it again, from there on, and its pages then end elsewhere.
 */
export class CallQueue {
  #queue: RecordedCall[];
  #leftovers: RecordedCall[];
  #last: number;
  /** The number of the record behind which the next one comes. */
  #previous: number;

  /** @param consumed the number before the first call. */
  constructor({ queue, leftovers, last }: RecordedCalls, consumed: number) {
    this.#queue = [...queue];
    this.#leftovers = [...leftovers];
    this.#last = last;
    this.#previous = consumed;
  }

  /** Recorded calls that still wait for their turn. */
  get length(): number {
    return this.#queue.length;
  }

  get previous(): number {
    return this.#previous;
  }

  /** The number that a checkpoint made now covers: of the last call made, and of all that nobody waits for. */
  get consumed(): number {
    return this.#queue.length > 0 ? this.#previous : this.#last;
  }

  /** @param onMismatch told of the action that was to be the next, when the one that is made is another. */
  next(fingerprint: Fingerprint, kind: OperationKind, onMismatch: (expected: RecordedCall) => void): NextCall {
    if (this.#queue.length > 0) {
      const replayed = this.#replay(fingerprint);
      if (replayed !== null) return { kind: "replayed", call: replayed };
      if (kind === "query") return { kind: "relearning" };
      const expected = this.#queue[this.#nextAction];
      this.#leftovers.push(...this.#queue.filter(({ lasts }) => lasts));
      this.#queue = [];
      if (expected !== undefined) onMismatch(expected);
    }
    const at = this.#leftovers.findIndex(({ record }) => fingerprint.matches(record));
    const taken = at < 0 ? undefined : this.#leftovers.splice(at, 1)[0];
    return taken === undefined ? { kind: "new" } : { kind: "taken", call: taken };
  }

  #replay(fingerprint: Fingerprint): RecordedCall | null {
    const isEqual = ({ record }: RecordedCall): boolean => fingerprint.matches(record);
    const [head] = this.#queue;
    // As a rule it is the first of them.
    const isHead = head !== undefined && isEqual(head);
    const at = isHead ? 0 : this.#queue.slice(0, this.#nextAction + 1).findIndex(isEqual);
    const call = this.#queue[at];
    if (call === undefined) return null;
    // Queries that were made before an action then, and are not now, are not waited for any more.
    if (call.record.kind === "action") this.#queue.splice(0, at + 1);
    else this.#queue.splice(at, 1);
    this.#previous = Math.max(this.#previous, numberOf(call.record.place));
    return call;
  }

  /** Where in the queue the next action is; the last place where there is none. */
  get #nextAction(): number {
    const at = this.#queue.findIndex(({ record }) => record.kind === "action");
    return at < 0 ? this.#queue.length - 1 : at;
  }

  /** The number of a call that is not replayed. */
  number(): number {
    return ++this.#last;
  }

  /** A record with this number has been added. */
  added(number: number): void {
    this.#previous = number;
  }

  /** A checkpoint has covered all up to this number. */
  checkpointed(consumed: number): void {
    this.#leftovers = this.#leftovers.filter(({ record }) => numberOf(record.place) > consumed);
    if (this.#queue.length === 0) this.#previous = consumed;
  }

  /** The answer was given without the rest. */
  clear(): void {
    this.#queue = [];
    this.#leftovers = [];
  }
}
