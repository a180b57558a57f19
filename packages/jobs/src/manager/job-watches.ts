import type { JobId, LibraryId } from "@spacedrive/wire";
import type { JobInfo } from "../job.js";

/** Who looks at one job. */
export interface JobWatcher {
  readonly id: JobId;
  readonly library: LibraryId;
  /** `view` is asked when the watcher gets to it, so that many changes cost one look. */
  changed(view: () => JobInfo): void;
  /** Nothing will come any more: the library was detached, or the manager closed. */
  closed(): void;
}

/** As long as a timer can be; it does nothing but be there. */
const FOR_LONG_MS = 2 ** 30;

/** Tells watchers of changes. A job that nobody watches costs one look into a map. */
export class JobWatches {
  readonly #watchers = new Map<JobId, Set<JobWatcher>>();
  /** Keeps the process alive while somebody waits for a job that itself does nothing but wait: for its time, for its next attempt. */
  #hold: ReturnType<typeof setInterval> | null = null;

  /** Until the answered function is called. */
  add(watcher: JobWatcher): () => void {
    const watchers = this.#watchers.get(watcher.id) ?? new Set();
    this.#watchers.set(watcher.id, watchers.add(watcher));
    this.#hold ??= setInterval(() => {}, FOR_LONG_MS);
    return () => this.#remove(watcher);
  }

  publish(id: JobId, view: () => JobInfo): void {
    for (const watcher of this.#watchers.get(id) ?? []) watcher.changed(view);
  }

  /** `library` null: all. */
  close(library: LibraryId | null): void {
    for (const watchers of this.#watchers.values()) {
      for (const watcher of watchers) {
        if (library !== null && watcher.library !== library) continue;
        watcher.closed();
        this.#remove(watcher);
      }
    }
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
