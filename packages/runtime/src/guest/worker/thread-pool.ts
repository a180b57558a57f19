import { SpacedriveError } from "@spacedrive/wire";
import { GuestThread, type GuestThreadOptions } from "./guest-thread.js";

export interface ThreadPoolOptions extends GuestThreadOptions {
  /** Threads that are kept warm for the next starts. */
  readonly spareThreads: number;
  /** How long a used thread beside them waits for another start. */
  readonly keepMs: number;
}

/** A thread that ran this many instances is not used again: nothing of ours is known to leak, and this bounds what might. */
const MAX_STARTS = 1_000;
/** Used threads kept for a while beside the spares, so that short instances, many at once, do not each cost a new thread. */
const MOST_KEPT = 16;

interface Spare {
  readonly thread: GuestThread;
  /** When it was given back; null: it has not been used. */
  readonly since: number | null;
}

/** Warm spare threads, made once a start has come or is expected: an engine that starts nothing costs no thread. */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  /** Those given back last are last, and are taken first: what is not needed any more is what has waited longest. */
  readonly #spares: Spare[] = [];
  readonly #threads = new Set<GuestThread>();
  /** Starts that are expected. */
  #expected = 0;
  #used = false;
  #trimmer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
  }

  /** Threads that live: those that serve, and those that wait. */
  get size(): number {
    return this.#threads.size;
  }

  /**
   * A thread that is warm, or a new one. Call `fill` when it has started.
   *
   * @throws SpacedriveError `CLOSED`, `INTERNAL` where the platform gives none.
   */
  take(): GuestThread {
    if (this.#closed)
      throw new SpacedriveError("CLOSED", "The guest engine has been closed: no instance can be started.");
    this.#used = true;
    const living = this.#spares.filter(({ thread }) => !thread.gone);
    const spare = living.findLast(({ thread }) => thread.warm) ?? living.at(-1);
    if (spare === undefined) return this.#create(false);
    this.#spares.splice(this.#spares.indexOf(spare), 1);
    return spare.thread;
  }

  /**
   * A start will come, most likely: the spares are made now, beside whatever comes before it. Disposed without a start ever
   * having come, they go again.
   */
  expect(): Disposable {
    this.#expected++;
    this.fill(false);
    let expected = true;
    return {
      [Symbol.dispose]: () => {
        if (!expected) return;
        expected = false;
        this.#expected--;
        if (this.#expected > 0 || this.#used) return;
        for (const { thread } of this.#spares.splice(0)) void thread.terminate();
      },
    };
  }

  /** Takes back a thread whose instance ended well. */
  give(thread: GuestThread): void {
    const { spareThreads } = this.#options;
    const room = spareThreads === 0 ? 0 : spareThreads + MOST_KEPT;
    if (this.#closed || thread.gone || thread.starts >= MAX_STARTS || this.#spares.length >= room) {
      void thread.terminate();
      return;
    }
    thread.setListener(null);
    this.#spares.push({ thread, since: performance.now() });
    this.#trimLater();
  }

  /**
   * Makes the spares that are missing; they may take their time unless somebody waits for them. Does not throw: where no thread can
   * be had, the start that needs one says so.
   */
  fill(leisurely = true): void {
    try {
      while (!this.#closed && this.#spares.length < this.#options.spareThreads)
        this.#spares.push({ thread: this.#create(leisurely), since: null });
    } catch {
      // Called by nobody who could do anything about it.
    }
  }

  /** Stops every thread. Resolves once all are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#trimmer !== null) clearTimeout(this.#trimmer);
    await Promise.all([...this.#threads].map((thread) => thread.terminate()));
  }

  #trimLater(): void {
    if (this.#closed || this.#trimmer !== null || this.#spares.length <= this.#options.spareThreads) return;
    this.#trimmer = setTimeout(() => {
      this.#trimmer = null;
      this.#trim();
      this.#trimLater();
    }, this.#options.keepMs);
    this.#trimmer.unref();
  }

  /** Lets go what has waited for long, but for the spares. */
  #trim(): void {
    const { spareThreads, keepMs } = this.#options;
    const before = performance.now() - keepMs;
    while (this.#spares.length > spareThreads) {
      const [oldest] = this.#spares;
      if (oldest === undefined || (oldest.since ?? 0) > before) return;
      this.#spares.shift();
      void oldest.thread.terminate();
    }
  }

  #create(spare: boolean): GuestThread {
    const thread = this.#begin(spare);
    this.#threads.add(thread);
    void thread.exited.then(() => {
      this.#threads.delete(thread);
      const at = this.#spares.findIndex((spare) => spare.thread === thread);
      if (at !== -1) this.#spares.splice(at, 1);
    });
    return thread;
  }

  #begin(spare: boolean): GuestThread {
    try {
      return new GuestThread(this.#options, spare);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SpacedriveError(
        "INTERNAL",
        `No thread could be started for a guest: ${reason}. Check the option workerUrl, and how many threads this process may have.`,
        { cause },
      );
    }
  }
}
