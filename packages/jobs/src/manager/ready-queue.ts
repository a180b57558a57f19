import type { JobId, LibraryId } from "@spacedrive/wire";
import type { QueuedJob } from "../store/job-store.js";
import { Heap } from "./heap.js";

/** A queued job, as the ready queue holds it. */
export interface ReadyJob extends QueuedJob {
  readonly library: LibraryId;
}

interface Place {
  readonly job: ReadyJob;
  readonly order: number;
}

/** The queued jobs of one type and library: the first of them. */
interface Lane {
  readonly library: LibraryId;
  readonly type: string;
  heap: Heap<Place>;
  /** Valid places; the heap may hold stale ones too. */
  size: number;
  /** From here on the store holds jobs that the lane does not; null: it holds all. */
  cut: Pick<ReadyJob, "priority" | "queuedAt"> | null;
  fetching: boolean;
}

export interface ReadyQueueOptions {
  /** Jobs that a lane holds at the least, where there are as many; at the most twice that. Default 512. */
  readonly window?: number;
  /** A lane is running low, and the store has more: {@link ReadyQueue.filled} is to be called with them. */
  readonly fetch?: (library: LibraryId, type: string, limit: number) => void;
}

/** A job that comes before all others. */
const FIRST = { priority: Number.POSITIVE_INFINITY, queuedAt: Number.NEGATIVE_INFINITY };

/**
 * Which queued job is next: the highest priority, then those of whom fewest run, then the one that waits longest. Each type
 * has a lane of its own, so that jobs that cannot start now cost nothing; a lane holds its first jobs only and leaves the
 * others in the store, however many they are.
 */
export class ReadyQueue {
  readonly #window: number;
  readonly #fetch: (library: LibraryId, type: string, limit: number) => void;
  readonly #lanes = new Map<string, Lane>();
  /** A job's valid place; others of it in a lane are stale and skipped. */
  readonly #places = new Map<JobId, Place>();
  #order = 0;

  constructor(options: ReadyQueueOptions = {}) {
    this.#window = options.window ?? 512;
    this.#fetch = options.fetch ?? (() => {});
  }

  /** Jobs that are held here. */
  get size(): number {
    return this.#places.size;
  }

  has(id: JobId): boolean {
    return this.#places.has(id);
  }

  add(job: ReadyJob): void {
    const lane = this.#lane(job.library, job.type);
    // It comes with those after the cut, when it is their turn. What is being fetched may not have it.
    if (lane.cut !== null && !lane.fetching && !isBefore(job, lane.cut)) return;
    this.#put(lane, job);
    if (lane.size > 2 * this.#window) this.#shorten(lane);
  }

  /** The store may have jobs of this lane that it does not hold. */
  open(library: LibraryId, type: string): void {
    this.#lane(library, type).cut = FIRST;
  }

  /** What {@link ReadyQueueOptions.fetch} asked for; null: it failed. */
  filled(library: LibraryId, type: string, jobs: readonly QueuedJob[] | null, limit: number): void {
    const lane = this.#lanes.get(keyOf(library, type));
    if (lane === undefined) return;
    lane.fetching = false;
    if (jobs === null) return;
    for (const job of jobs) this.#put(lane, { ...job, library });
    lane.cut = jobs.length < limit ? null : (jobs.at(-1) ?? null);
  }

  remove(id: JobId): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    this.#places.delete(id);
    const lane = this.#lanes.get(keyOf(place.job.library, place.job.type));
    if (lane !== undefined) lane.size--;
  }

  removeLibrary(library: LibraryId): void {
    for (const [id, { job }] of this.#places) if (job.library === library) this.#places.delete(id);
    for (const [key, lane] of this.#lanes) if (lane.library === library) this.#lanes.delete(key);
  }

  /**
   * Takes the next job whose type can start now; null where there is none.
   *
   * @param load how many of the type's kind run already.
   */
  take(
    canStart: (type: string, library: LibraryId) => boolean,
    load: (type: string) => number = () => 0,
  ): ReadyJob | null {
    let best: Place | null = null;
    for (const [key, lane] of this.#lanes) {
      const head = this.#head(lane);
      if (head === undefined && lane.cut === null && !lane.fetching) this.#lanes.delete(key);
      if (!canStart(lane.type, lane.library)) continue;
      this.#refill(lane);
      if (head !== undefined && (best === null || isNext(head, best, load))) best = head;
    }
    if (best === null) return null;
    this.remove(best.job.id);
    return best.job;
  }

  #lane(library: LibraryId, type: string): Lane {
    const key = keyOf(library, type);
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const lane: Lane = { library, type, heap: new Heap(precedes), size: 0, cut: null, fetching: false };
    this.#lanes.set(key, lane);
    return lane;
  }

  #put(lane: Lane, job: ReadyJob): void {
    if (this.#places.has(job.id)) return;
    const place: Place = { job, order: this.#order++ };
    this.#places.set(job.id, place);
    lane.heap.push(place);
    lane.size++;
  }

  #head(lane: Lane): Place | undefined {
    for (let head = lane.heap.first; head !== undefined; head = lane.heap.first) {
      if (this.#places.get(head.job.id) === head) return head;
      lane.heap.pop();
    }
    return undefined;
  }

  #refill(lane: Lane): void {
    if (lane.cut === null || lane.fetching || lane.size > this.#window / 4) return;
    lane.fetching = true;
    this.#fetch(lane.library, lane.type, this.#window);
  }

  /** Leaves what is beyond the window to the store. */
  #shorten(lane: Lane): void {
    const valid = lane.heap.all().filter((place) => this.#places.get(place.job.id) === place);
    valid.sort((a, b) => (precedes(a, b) ? -1 : 1));
    for (const { job } of valid.splice(this.#window)) this.#places.delete(job.id);
    lane.heap = new Heap(precedes, valid);
    lane.size = valid.length;
    lane.cut = valid.at(-1)?.job ?? null;
  }
}

function keyOf(library: LibraryId, type: string): string {
  return `${library} ${type}`;
}

function isBefore(a: Pick<ReadyJob, "priority" | "queuedAt">, b: Pick<ReadyJob, "priority" | "queuedAt">): boolean {
  return a.priority === b.priority ? a.queuedAt < b.queuedAt : a.priority > b.priority;
}

function precedes(a: Place, b: Place): boolean {
  if (a.job.priority !== b.job.priority || a.job.queuedAt !== b.job.queuedAt) return isBefore(a.job, b.job);
  return a.order < b.order;
}

function isNext(a: Place, b: Place, load: (type: string) => number): boolean {
  if (a.job.priority !== b.job.priority) return a.job.priority > b.job.priority;
  const [loadOfA, loadOfB] = [load(a.job.type), load(b.job.type)];
  return loadOfA === loadOfB ? precedes(a, b) : loadOfA < loadOfB;
}
