import type { JobUpdate } from "@spacedrive/jobs";

/** The updates of one `job.updates()`, between the host that sends them and the test that takes them. */
export class UpdateStream implements AsyncIterableIterator<JobUpdate> {
  readonly #onReturn: () => void;
  readonly #unseen: JobUpdate[] = [];
  #wake: (() => void) | null = null;
  #ended = false;
  #error: Error | null = null;

  constructor(onReturn: () => void) {
    this.#onReturn = onReturn;
  }

  push(update: JobUpdate): void {
    if (this.#ended) return;
    this.#unseen.push(update);
    this.#wake?.();
  }

  /** Ends it after what was pushed; with an error the test's loop throws that. */
  end(error: Error | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<JobUpdate, undefined>> {
    for (;;) {
      const update = this.#unseen.shift();
      if (update !== undefined) return { done: false, value: update };
      if (this.#error !== null) throw this.#error;
      if (this.#ended) return { done: true, value: undefined };
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
      this.#wake = null;
    }
  }

  async return(): Promise<IteratorResult<JobUpdate, undefined>> {
    if (!this.#ended) this.#onReturn();
    this.end(null);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
