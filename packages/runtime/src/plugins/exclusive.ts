/** Runs work on one key after another, in the order in which it was asked for; different keys do not wait. */
export class Exclusive {
  readonly #tails = new Map<string, Promise<unknown>>();

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const result = before.then(work);
    const tail = result.then(
      () => {},
      () => {},
    );
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    return result;
  }

  /** Resolves once all that was asked for so far has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#tails.values());
  }
}
