import { SpacedriveError, type Transaction } from "@spacedrive/wire";

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/** What a queue of transactions does with one of them, whatever it answers. */
export interface Queued {
  /** It shares no commit: the one that it shared failed. */
  alone: boolean;
  /** @throws whatever the work throws. */
  run(tx: Transaction): void;
  /** What it is to be answered with, unless it runs again. */
  failWith(error: unknown): void;
  /** Answers with the outcome. */
  answer(): void;
  reject(error: unknown): void;
}

/** One transaction's work, from its call to its answer. It may run more than once: only the last time counts. */
export class QueuedWork<T> implements Queued {
  readonly answered: Promise<T>;
  alone = false;
  readonly #work: (tx: Transaction) => T;
  readonly #answer: PromiseWithResolvers<T>;
  #outcome: Outcome<T> | null = null;

  constructor(work: (tx: Transaction) => T) {
    this.#work = work;
    this.#answer = Promise.withResolvers<T>();
    this.answered = this.#answer.promise;
  }

  run(tx: Transaction): void {
    const value = this.#work(tx);
    if (isThenable(value)) {
      throw new SpacedriveError(
        "STORE_FAILED",
        "The work of a transaction must be synchronous: it answered a promise.",
        { retryable: false },
      );
    }
    this.#outcome = { ok: true, value };
  }

  failWith(error: unknown): void {
    this.#outcome = { ok: false, error };
  }

  answer(): void {
    const outcome = this.#outcome;
    if (outcome?.ok === true) this.#answer.resolve(outcome.value);
    else this.#answer.reject(outcome?.error);
  }

  reject(error: unknown): void {
    this.#answer.reject(error);
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
