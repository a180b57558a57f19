/**
 * Tells equal calls apart by how many of them went well before. That is the same at every repetition, unlike the number of a
 * call: what failed or only read is asked anew, and may then be asked more or less often.
 */
export class Occurrences {
  readonly #taken = new Map<string, Set<number>>();

  /** The first place among equal calls that none of them has. */
  take(call: string): number {
    const taken = this.#taken.get(call) ?? new Set();
    let at = 0;
    while (taken.has(at)) at++;
    this.#taken.set(call, taken.add(at));
    return at;
  }

  /** The call failed: the next equal one repeats it. */
  giveBack(call: string, at: number): void {
    this.#taken.get(call)?.delete(at);
  }

  clear(): void {
    this.#taken.clear();
  }
}
