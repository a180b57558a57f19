import type { Fingerprint } from "./fingerprint.js";
import { isWorthKeeping, type RecordedCall, type RecordedCalls } from "./recorded-calls.js";
import { numberOf } from "../call-record.js";

/** Where the next call stands. */
export type NextCall =
  /** It is the recorded one, in its turn. */
  | { readonly kind: "replayed"; readonly call: RecordedCall }
  /** It is one that was recorded in another turn, before the code changed: it gets the number that is next now. */
  | { readonly kind: "taken"; readonly call: RecordedCall }
  | { readonly kind: "new" };

/** The calls that were recorded at one level, in the order in which they answer, and the numbers of those that follow. */
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

  /** @param onMismatch told of the call that was to be the next, when the one that is made is another. */
  next(fingerprint: Fingerprint, onMismatch: (expected: RecordedCall) => void): NextCall {
    const head = this.#queue[0];
    if (head !== undefined) {
      if (fingerprint.matches(head.record)) {
        this.#queue.shift();
        this.#previous = numberOf(head.record.place);
        return { kind: "replayed", call: head };
      }
      this.#leftovers.push(...this.#queue.filter(({ record }) => isWorthKeeping(record)));
      this.#queue = [];
      onMismatch(head);
    }
    const at = this.#leftovers.findIndex(({ record }) => fingerprint.matches(record));
    const taken = at < 0 ? undefined : this.#leftovers.splice(at, 1)[0];
    return taken === undefined ? { kind: "new" } : { kind: "taken", call: taken };
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
