import type { JobId, LibraryId } from "@spacedrive/wire";
import type { QueuedJob } from "../store/job-store.js";

/** A queued job, as the ready queue holds it. */
export interface ReadyJob extends QueuedJob {
  readonly library: LibraryId;
}

interface Place {
  readonly job: ReadyJob;
  readonly order: number;
}

/**
 * Which queued job is next: the highest priority, then the one that waits longest. Each type has a lane of its own, so
 * that jobs that cannot start now cost nothing, however many they are.
 */
export class ReadyQueue {
  readonly #lanes = new Map<string, Place[]>();
  /** A job's valid place; others of it in a lane are stale and skipped. */
  readonly #places = new Map<JobId, Place>();
  #order = 0;

  add(job: ReadyJob): void {
    const place: Place = { job, order: this.#order++ };
    this.#places.set(job.id, place);
    const lane = this.#lanes.get(job.type) ?? [];
    this.#lanes.set(job.type, lane);
    pushHeap(lane, place);
  }

  remove(id: JobId): void {
    this.#places.delete(id);
  }

  removeLibrary(library: LibraryId): void {
    for (const [id, { job }] of this.#places) if (job.library === library) this.#places.delete(id);
  }

  /** Takes the next job whose type can start now; null where there is none. */
  take(canStart: (type: string) => boolean): ReadyJob | null {
    let best: Place | null = null;
    for (const [type, lane] of this.#lanes) {
      const head = this.#head(type, lane);
      if (head === undefined || (best !== null && !isBefore(head, best)) || !canStart(type)) continue;
      best = head;
    }
    if (best === null) return null;
    this.#places.delete(best.job.id);
    return best.job;
  }

  #head(type: string, lane: Place[]): Place | undefined {
    for (let head = lane[0]; head !== undefined; head = lane[0]) {
      if (this.#places.get(head.job.id) === head) return head;
      popHeap(lane);
    }
    this.#lanes.delete(type);
    return undefined;
  }
}

function isBefore(a: Place, b: Place): boolean {
  return a.job.priority === b.job.priority ? a.order < b.order : a.job.priority > b.job.priority;
}

/** A binary heap in an array: the first is before all others, the children of `i` are `2i + 1` and `2i + 2`. */
function pushHeap(heap: Place[], place: Place): void {
  let at = heap.push(place) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(place, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = place;
}

function popHeap(heap: Place[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const [a, b] = [heap[left], heap[left + 1]];
    if (a === undefined) break;
    const [child, below] = b !== undefined && isBefore(b, a) ? [b, left + 1] : [a, left];
    if (!isBefore(child, last)) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = last;
}
