import type { JobId, LibraryId, SpacedriveError } from "@spacedrive/wire";
import type { JobInfo } from "../job.js";

/** Who looks at one job. */
export interface JobWatcher {
  readonly id: JobId;
  readonly library: LibraryId;
  /** It need not hear of changes of a job that runs on. */
  readonly endsOnly?: boolean;
  /** `view` is asked when the watcher gets to it, so that many changes cost one look. */
  changed(view: () => JobInfo): void;
  /** Nothing will come any more: the library was detached, or the manager closed. */
  closed(): void;
  /** The store failed, and nothing will come of the job until its library is opened again. */
  failed(error: SpacedriveError): void;
}

/** As long as a timer can be; it does nothing but be there. */
const FOR_LONG_MS = 2 ** 30;

/** Tells watchers of changes. A job that nobody watches costs one look into a map. */
export class JobWatches {
  readonly #watchers = new Map<JobId, Set<JobWatcher>>();
  readonly #lost = new Map<JobId, { readonly library: LibraryId; readonly error: SpacedriveError }>();
  /** Keeps the process alive while somebody waits for a job that itself does nothing but wait: for its time, for its next attempt. */
  #hold: ReturnType<typeof setInterval> | null = null;

  /** Jobs of which nothing will come, as by {@link lose}. */
  get lost(): { has(id: JobId): boolean; readonly size: number } {
    return this.#lost;
  }

  /** Until the answered function is called. */
  add(watcher: JobWatcher): () => void {
    const watchers = this.#watchers.get(watcher.id) ?? new Set();
    this.#watchers.set(watcher.id, watchers.add(watcher));
    this.#hold ??= setInterval(() => {}, FOR_LONG_MS);
    return () => this.#remove(watcher);
  }

  publish(id: JobId, view: () => JobInfo): void {
    this.#lost.delete(id);
    for (const watcher of this.#watchers.get(id) ?? []) watcher.changed(view);
  }

  /** As {@link publish}, of a job that runs, and runs on. */
  publishRunning(id: JobId, view: () => JobInfo): void {
    this.#lost.delete(id);
    for (const watcher of this.#watchers.get(id) ?? []) if (watcher.endsOnly !== true) watcher.changed(view);
  }

  /** Nothing will come of a job: tells who watches it, and who asks later, until it changes or its library is closed. */
  lose(id: JobId, library: LibraryId, error: SpacedriveError): void {
    this.#lost.set(id, { library, error });
    for (const watcher of this.#watchers.get(id) ?? []) {
      watcher.failed(error);
      this.#remove(watcher);
    }
  }

  /** Why nothing will come of a job, or null. */
  lossOf(id: JobId): SpacedriveError | null {
    return this.#lost.get(id)?.error ?? null;
  }

  /** The jobs of a library that somebody watches. */
  watched(library: LibraryId): JobId[] {
    return [...new Set(this.#of(library).map(({ id }) => id))];
  }

  /** The library's jobs are taken on again: none of them is lost. */
  find(library: LibraryId): void {
    for (const [id, lost] of this.#lost) if (lost.library === library) this.#lost.delete(id);
  }

  /** The library's store has failed, and somebody has to look after it. */
  fail(library: LibraryId, error: SpacedriveError): void {
    for (const watcher of this.#of(library)) {
      watcher.failed(error);
      this.#remove(watcher);
    }
  }

  close(library: LibraryId): void {
    this.find(library);
    for (const watcher of this.#of(library)) {
      watcher.closed();
      this.#remove(watcher);
    }
  }

  #of(library: LibraryId): JobWatcher[] {
    return [...this.#watchers.values()].flatMap((watchers) =>
      [...watchers].filter((watcher) => watcher.library === library),
    );
  }

  #remove(watcher: JobWatcher): void {
    const watchers = this.#watchers.get(watcher.id);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watchers.delete(watcher.id);
    if (this.#watchers.size > 0 || this.#hold === null) return;
    clearInterval(this.#hold);
    this.#hold = null;
  }
}
