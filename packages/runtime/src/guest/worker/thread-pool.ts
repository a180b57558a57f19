import { SpacedriveError } from "@spacedrive/wire";
import { GuestThread, type GuestThreadOptions } from "./guest-thread.js";

export interface ThreadPoolOptions extends GuestThreadOptions {
  /** Threads that are kept warm for the next starts. */
  readonly spareThreads: number;
}

/** A thread that ran this many instances is not used again: nothing of ours is known to leak, and this bounds what might. */
const MAX_STARTS = 1_000;
/** Used threads kept beside the spares, so that short instances one after another do not each cost a new thread. */
const KEPT_THREADS = 3;

/** Warm spare threads, made once the first start has come: an engine that starts nothing costs no thread. */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #spares: GuestThread[] = [];
  readonly #threads = new Set<GuestThread>();
  #closed = false;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
  }

  /** A thread that is warm, or a new one. Call `fill` when it has started. */
  take(): GuestThread {
    if (this.#closed)
      throw new SpacedriveError("CLOSED", "The guest engine has been closed: no instance can be started.");
    const living = this.#spares.filter((thread) => !thread.gone);
    const thread = living.find((spare) => spare.warm) ?? living[0];
    if (thread === undefined) return this.#create();
    this.#spares.splice(this.#spares.indexOf(thread), 1);
    return thread;
  }

  /** Takes back a thread whose instance ended well. */
  give(thread: GuestThread): void {
    const { spareThreads } = this.#options;
    const room = spareThreads === 0 ? 0 : spareThreads + KEPT_THREADS;
    if (this.#closed || thread.gone || thread.starts >= MAX_STARTS || this.#spares.length >= room) {
      void thread.terminate();
      return;
    }
    thread.setListener(null);
    this.#spares.push(thread);
  }

  /** Makes the spares that are missing. */
  fill(): void {
    while (!this.#closed && this.#spares.length < this.#options.spareThreads) this.#spares.push(this.#create());
  }

  /** Stops every thread. Resolves once all are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#threads].map((thread) => thread.terminate()));
  }

  #create(): GuestThread {
    const thread = new GuestThread(this.#options);
    this.#threads.add(thread);
    void thread.exited.then(() => {
      this.#threads.delete(thread);
      const at = this.#spares.indexOf(thread);
      if (at !== -1) this.#spares.splice(at, 1);
    });
    return thread;
  }
}
