/** Lines that may come again and again: each is shown the first time, and its other times are counted at the end. */
export class RepeatedLines {
  readonly #show: (line: string) => void;
  readonly #times = new Map<string, number>();

  constructor(show: (line: string) => void) {
    this.#show = show;
  }

  add(line: string): void {
    const times = (this.#times.get(line) ?? 0) + 1;
    this.#times.set(line, times);
    if (times === 1) this.#show(line);
  }

  /** No more will come. */
  end(): void {
    for (const [line, times] of this.#times) if (times > 1) this.#show(`${line} (${times} times)`);
    this.#times.clear();
  }
}
