import type { JobUpdate } from "@spacedrive/jobs";

/** Updates that have come and were not yet taken; merged, so that a slow reader costs no memory. */
export class UpdateInbox {
  #latest: JobUpdate | null = null;
  #end: { readonly error: Error | null } | null = null;
  #wake = Promise.withResolvers<void>();

  put(update: JobUpdate): void {
    const untold = this.#latest?.newWarnings ?? [];
    this.#latest = untold.length === 0 ? update : { ...update, newWarnings: [...untold, ...update.newWarnings] };
    this.#wake.resolve();
  }

  /** Nothing will come any more. `error` null: there is nothing to tell. */
  end(error: Error | null): void {
    this.#end ??= { error };
    this.#wake.resolve();
  }

  async *take(): AsyncGenerator<JobUpdate, void, undefined> {
    for (;;) {
      while (this.#latest !== null) {
        const update = this.#latest;
        this.#latest = null;
        yield update;
      }
      if (this.#end !== null) {
        if (this.#end.error !== null) throw this.#end.error;
        return;
      }
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }
}
