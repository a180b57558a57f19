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

/** Tells watchers of changes. A job that nobody watches costs one look into a map. */
export class JobWatches {
  readonly #watchers = new Map<JobId, Set<JobWatcher>>();

  /** Until the answered function is called. */
  add(watcher: JobWatcher): () => void {
    const watchers = this.#watchers.get(watcher.id) ?? new Set();
    this.#watchers.set(watcher.id, watchers.add(watcher));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watchers.get(watcher.id) === watchers) this.#watchers.delete(watcher.id);
    };
  }

  publish(id: JobId, view: () => JobInfo): void {
    for (const watcher of this.#watchers.get(id) ?? []) watcher.changed(view);
  }

  /** `library` null: all. */
  close(library: LibraryId | null): void {
    for (const watchers of this.#watchers.values()) {
      for (const watcher of watchers) if (library === null || watcher.library === library) watcher.closed();
    }
  }
}
