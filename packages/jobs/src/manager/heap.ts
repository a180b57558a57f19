/** A binary heap: the first is before all others, the children of `i` are `2i + 1` and `2i + 2`. */
export class Heap<T> {
  readonly #isBefore: (a: T, b: T) => boolean;
  readonly #items: T[];

  /** @param sorted what it begins with, in order. */
  constructor(isBefore: (a: T, b: T) => boolean, sorted: readonly T[] = []) {
    this.#isBefore = isBefore;
    this.#items = [...sorted];
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  /** In no order. */
  all(): T[] {
    return [...this.#items];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || !this.#isBefore(item, parent)) break;
      items[at] = parent;
      at = above;
    }
    items[at] = item;
  }

  pop(): void {
    const items = this.#items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [a, b] = [items[left], items[left + 1]];
      if (a === undefined) break;
      const [child, below] = b !== undefined && this.#isBefore(b, a) ? [b, left + 1] : [a, left];
      if (!this.#isBefore(child, last)) break;
      items[at] = child;
      at = below;
    }
    items[at] = last;
  }
}
