import type { Logger } from "@spacedrive/wire";

type Line = Parameters<Logger["error"]>;

/**
 * A logger that holds errors back while `work` runs, and leaves out the one that `work` throws: whoever catches it tells it,
 * once.
 */
export class HeldFailures {
  readonly logger: Logger;
  readonly #to: Logger;
  #held: Line[] | null = null;

  constructor(to: Logger) {
    this.#to = to;
    const error = (...line: Line): void => {
      if (this.#held !== null && line[0]["err"] !== undefined) this.#held.push(line);
      else to.error(...line);
    };
    this.logger = { ...to, error };
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#held = [];
    let thrown: unknown;
    try {
      return await work();
    } catch (error) {
      thrown = error;
      throw error;
    } finally {
      const held = this.#held;
      this.#held = null;
      for (const line of held) if (line[0]["err"] !== thrown) this.#to.error(...line);
    }
  }
}
