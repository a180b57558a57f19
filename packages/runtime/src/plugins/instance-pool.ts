import { type Clock, type LibraryId, SpacedriveError } from "@spacedrive/wire";
import type { Instance, StartInstance } from "./instance.js";
import { InstanceSlot, type InstanceWork } from "./instance-slot.js";

export interface InstancePoolOptions {
  readonly name: string;
  readonly start: StartInstance;
  readonly maxQueuedCalls: number;
  /** Instances beside the libraries' own, for calls that must not wait for one another. */
  readonly maxNestedCalls: number;
  readonly idleMs: number;
  readonly clock: Clock;
}

/** The instances of one version of an extension that serve calls: one for each library, and one for none. */
export class InstancePool implements AsyncDisposable {
  readonly #options: InstancePoolOptions;
  readonly #slots = new Map<LibraryId | null, InstanceSlot>();
  readonly #nested = new Set<InstanceSlot>();
  #closed = false;

  constructor(options: InstancePoolOptions) {
    this.#options = options;
  }

  /** Keeps the instance that the load started, for its library. */
  adopt(instance: Instance): void {
    this.#slotOf(instance.library).adopt(instance);
  }

  /**
   * Runs work on the instance of a library.
   *
   * @param nested the caller is itself a guest that waits. If it is this extension, or one that this extension waits for,
   * queueing behind it would never end: such a call gets an instance of its own where the library's is busy.
   * @throws SpacedriveError as {@link InstanceSlot.run}; `BUSY` also where calls are nested too deep.
   */
  async run<T>(library: LibraryId | null, nested: boolean, work: InstanceWork<T>, signal?: AbortSignal): Promise<T> {
    const slot = this.#slotOf(library);
    if (!nested || !slot.busy) return slot.run(work, signal);

    const { name, maxNestedCalls } = this.#options;
    if (this.#nested.size >= maxNestedCalls) {
      throw new SpacedriveError(
        "BUSY",
        `${name} answers ${maxNestedCalls} calls of extensions inside one another already: do they call each other in a circle?`,
      );
    }
    const own = this.#createSlot(library, () => {});
    this.#nested.add(own);
    try {
      return await own.run(work, signal);
    } finally {
      this.#nested.delete(own);
      await own[Symbol.asyncDispose]();
    }
  }

  /** Resolves once nothing runs or waits. */
  async drained(): Promise<void> {
    for (const slot of this.#all()) await slot.drained();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(null);
  }

  /**
   * Closes every slot.
   *
   * @returns whether an instance did the last work.
   */
  async close(lastWork: InstanceWork<void> | null): Promise<boolean> {
    this.#closed = true;
    const done = await Promise.all(this.#all().map((slot) => slot.close(lastWork)));
    this.#slots.clear();
    return done.includes(true);
  }

  #all(): InstanceSlot[] {
    return [...this.#slots.values(), ...this.#nested];
  }

  #slotOf(library: LibraryId | null): InstanceSlot {
    if (this.#closed)
      throw new SpacedriveError("UNLOADED", `${this.#options.name} was unloaded. Load it, and call again.`);
    const known = this.#slots.get(library);
    if (known !== undefined) return known;
    const slot = this.#createSlot(library, () => {
      if (this.#slots.get(library) === slot) this.#slots.delete(library);
    });
    this.#slots.set(library, slot);
    return slot;
  }

  #createSlot(library: LibraryId | null, onEmpty: () => void): InstanceSlot {
    const { name, start, maxQueuedCalls, idleMs, clock } = this.#options;
    return new InstanceSlot({
      name,
      maxQueuedCalls,
      idleMs,
      clock,
      onEmpty,
      start: (signal) => start(library, signal),
    });
  }
}
