import { type Clock, type LibraryId, SpacedriveError } from "@spacedrive/wire";
import type { Breaker } from "./breaker.js";
import type { HeldCall } from "./call-chain.js";
import type { IdleInstances } from "./idle-instances.js";
import type { StartInstance } from "./instance.js";
import type { InstancePlaces } from "./instance-places.js";
import { type InstanceWork, LibraryInstances } from "./library-instances.js";

export interface InstancePoolOptions {
  readonly extension: string;
  readonly start: StartInstance;
  /** For each library. */
  readonly maxInstances: number;
  readonly maxQueuedCalls: number;
  /** Instances beside those, for calls that must not wait for one another. */
  readonly maxExtraInstances: number;
  readonly clock: Clock;
  /** See {@link LibraryInstances}. */
  readonly stallMs: number;
  readonly breaker: Breaker;
  readonly idle: IdleInstances;
  readonly places: InstancePlaces;
}

/** The instances of one version of an extension that serve calls: some for each library, and some for none. */
export class InstancePool {
  readonly #options: InstancePoolOptions;
  readonly #libraries = new Map<LibraryId | null, LibraryInstances>();
  /** What gives its instance back just now. */
  readonly #leaving = new Set<Promise<void>>();
  #closed = false;

  constructor(options: InstancePoolOptions) {
    this.#options = options;
  }

  /** Runs work on an instance of a library; see {@link LibraryInstances.run}. */
  async run<T>(
    library: LibraryId | null,
    held: HeldCall,
    mayQueue: boolean,
    work: InstanceWork<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#instancesOf(library).run(held, mayQueue, work, signal);
  }

  /** Resolves once nothing runs or waits. */
  async drained(): Promise<void> {
    for (const instances of this.#libraries.values()) await instances.drained();
  }

  /**
   * Gives everything up.
   *
   * @returns whether an instance did the last work.
   */
  async close(lastWork: InstanceWork<void> | null): Promise<boolean> {
    this.#closed = true;
    const done = await Promise.all([...this.#libraries.values()].map((instances) => instances.close(lastWork)));
    this.#libraries.clear();
    await Promise.all(this.#leaving);
    return done.includes(true);
  }

  #instancesOf(library: LibraryId | null): LibraryInstances {
    const { extension, start } = this.#options;
    if (this.#closed) throw new SpacedriveError("UNLOADED", `"${extension}" was unloaded. Load it, and call again.`);
    const known = this.#libraries.get(library);
    if (known !== undefined) return known;
    const instances = new LibraryInstances({
      ...this.#options,
      start: (call, signal) => start(library, call, signal),
      admitExtra: () => this.#admitExtra(),
      onLeaving: (gone) => {
        this.#leaving.add(gone);
        void gone.finally(() => this.#leaving.delete(gone));
      },
      onEmpty: () => {
        if (this.#libraries.get(library) === instances) this.#libraries.delete(library);
      },
    });
    this.#libraries.set(library, instances);
    return instances;
  }

  #admitExtra(): void {
    const { extension, maxExtraInstances } = this.#options;
    const extra = [...this.#libraries.values()].reduce((sum, instances) => sum + instances.extra, 0);
    if (extra < maxExtraInstances) return;
    throw new SpacedriveError(
      "BUSY",
      `"${extension}" serves calls of other extensions by ${maxExtraInstances} instances beyond its own already, and those cannot queue. Call again when some have ended.`,
    );
  }
}
