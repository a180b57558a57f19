import { isDeepStrictEqual } from "node:util";
import { type JobId, type LibraryId, SpacedriveError } from "@spacedrive/wire";
import type { JobInfo, JobUpdate } from "../job.js";
import { isEnded } from "../transitions.js";
import type { JobWatches } from "./job-watches.js";

interface JobHandleOptions {
  readonly id: JobId;
  readonly type: string;
  readonly library: LibraryId;
  readonly watches: JobWatches;
  /** The job as it is now. */
  readonly read: () => Promise<JobInfo>;
  /** True where that failed because the store is away, and comes back by itself: then watchers are told. */
  readonly isAway: (error: unknown) => boolean;
}

/** One job, to be watched. It holds nothing and can be thrown away. */
export class Job {
  readonly id: JobId;
  readonly type: string;
  readonly library: LibraryId;
  readonly #watches: JobWatches;
  readonly #read: () => Promise<JobInfo>;
  readonly #isAway: (error: unknown) => boolean;

  constructor(options: JobHandleOptions) {
    this.id = options.id;
    this.type = options.type;
    this.library = options.library;
    this.#watches = options.watches;
    this.#read = options.read;
    this.#isAway = options.isAway;
  }

  /**
   * The job as it is now.
   *
   * @throws SpacedriveError `CLOSED`, or as the store.
   */
  record(): Promise<JobInfo> {
    return this.#read();
  }

  /**
   * How the job stands, at once and after each change of what an update shows, until it is completed, failed, cancelled or paused; also until
   * the manager is closed or `signal` aborts. Changes that come faster than they are taken are merged.
   *
   * @throws SpacedriveError as the store, once it has failed so that nothing will come of the job until its library is opened
   * again.
   */
  async *updates(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<JobUpdate, void, undefined> {
    let wake = Promise.withResolvers<void>();
    let view: (() => JobInfo) | null = null;
    let over = options.signal?.aborted === true;
    let failure: SpacedriveError | null = null;
    const end = (): void => {
      over = true;
      wake.resolve();
    };
    const stop = this.#watches.add({
      id: this.id,
      library: this.library,
      changed: (changed) => {
        view = changed;
        wake.resolve();
      },
      closed: end,
      failed: (error) => {
        failure = error;
        wake.resolve();
      },
    });
    options.signal?.addEventListener("abort", end, { once: true });
    try {
      let shown = 0;
      let last: JobUpdate | null = null;
      let next = await this.#readUnlessAway();
      for (;;) {
        // A change that was published since is newer than what was read.
        next = latest(view) ?? next;
        view = null;
        if (next !== null) {
          const update = updateOf(next, shown);
          if (!isDeepStrictEqual(last, update)) yield update;
          shown = next.warnings.length;
          last = { ...update, newWarnings: [] };
          if (isEnded(next.status) || next.status === "paused") return;
        }
        while (view === null) {
          if (over) return;
          failure ??= this.#watches.lossOf(this.id);
          if (failure !== null) throw failure;
          await wake.promise;
          wake = Promise.withResolvers();
        }
      }
    } finally {
      stop();
      options.signal?.removeEventListener("abort", end);
    }
  }

  /**
   * The job once it is completed, failed or cancelled: look at its `status`. A paused job is not done.
   *
   * @throws SpacedriveError `CLOSED` where the manager was closed before; the job goes on at the next start. Or as the store,
   * where it failed so that nothing will come of the job until its library is opened again.
   */
  done(): Promise<JobInfo> {
    return new Promise<JobInfo>((resolve, reject) => {
      const settle = (job: JobInfo): void => {
        const loss = this.#watches.lossOf(this.id);
        if (isEnded(job.status)) resolve(job);
        else if (loss !== null) reject(loss);
        else return;
        stop();
      };
      const fail = (error: unknown): void => {
        stop();
        reject(error);
      };
      const stop = this.#watches.add({
        id: this.id,
        library: this.library,
        endsOnly: true,
        changed: (view) => settle(view()),
        failed: fail,
        closed: () =>
          fail(
            new SpacedriveError(
              "CLOSED",
              `Job ${this.id} was not done when its host closed; it goes on at the next start.`,
            ),
          ),
      });
      this.#readUnlessAway().then((job) => job !== null && settle(job), fail);
    });
  }

  /** Null: its store comes back by itself, and then tells. */
  async #readUnlessAway(): Promise<JobInfo | null> {
    try {
      return await this.#read();
    } catch (error) {
      if (this.#isAway(error)) return null;
      throw error;
    }
  }
}

/** Keeps the type of a variable that only callbacks assign. */
function latest(view: (() => JobInfo) | null): JobInfo | null {
  return view === null ? null : view();
}

function updateOf(job: JobInfo, shownWarnings: number): JobUpdate {
  const { id, type, status, progress, message, metrics, warnings, checkpoint, attempt, waitingFor } = job;
  return {
    id,
    type,
    status,
    progress,
    message,
    metrics,
    warningCount: warnings.length,
    newWarnings: warnings.slice(shownWarnings),
    checkpoint,
    attempt,
    waitingFor,
  };
}
