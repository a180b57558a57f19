import {
  type Clock,
  isSpacedriveError,
  type JobId,
  type LibraryId,
  type Logger,
  SpacedriveError,
} from "@spacedrive/wire";
import type { JobRecord } from "../job.js";
import { jobNotFound } from "../job-errors.js";
import { expireJob, readyJob } from "../job-steps.js";
import type { DueJob, JobStore, Moment } from "../store/job-store.js";
import { isEnded } from "../transitions.js";
import { wakeOnTime } from "../waking.js";
import type { Scheduler } from "./scheduler.js";
import type { SteadyTime } from "./steady-time.js";
import { Timekeeper } from "./timekeeper.js";

/** Children that are cancelled at the same time. */
const BATCH = 256;

export interface LibraryJobsOptions {
  readonly library: LibraryId;
  readonly store: JobStore;
  readonly clock: Clock;
  readonly time: SteadyTime;
  readonly logger: Logger;
  readonly scheduler: Scheduler;
  /** Tells those who watch the job. */
  readonly publish: (job: JobRecord) => void;
  readonly cancel: (id: JobId) => Promise<unknown>;
}

/** One library's jobs, and what follows for them and for others when one of them changes. */
export class LibraryJobs {
  readonly library: LibraryId;
  readonly store: JobStore;
  readonly #options: LibraryJobsOptions;
  readonly #timekeeper: Timekeeper;
  readonly #work = new Set<Promise<void>>();
  #open = false;

  constructor(options: LibraryJobsOptions) {
    this.library = options.library;
    this.store = options.store;
    this.#options = options;
    this.#timekeeper = new Timekeeper({ ...options, onDue: (due) => this.#settleDue(due) });
  }

  /** False while the library is recovered, and once it is being detached: nothing starts. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Starts what is queued, and waits for what waits. `types`: those of which the store has queued jobs. */
  open(types: readonly string[]): void {
    this.#open = true;
    this.#options.scheduler.open(this.library, types);
    this.#timekeeper.look();
    // What was left of a cancel when the last process ended.
    this.#do(this.#cancelChildren(null));
  }

  /** Starts nothing more; what runs is left to the caller. */
  stop(): void {
    this.#open = false;
    this.#timekeeper.close();
    this.#options.scheduler.dequeueLibrary(this.library);
  }

  /** Resolves once nothing is on its way to the store. After {@link stop}. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }

  /** A job is stored so, and is not running. */
  changed(job: JobRecord): void {
    const { scheduler, publish } = this.#options;
    scheduler.dequeue(job.id);
    publish(job);
    if (!this.#open) return;
    if (isEnded(job.status)) {
      if (job.parent !== null) this.#do(this.#lookAt(job.parent));
      if (job.status === "cancelled") this.#do(this.#cancelChildren(job.id));
      return;
    }
    this.#timekeeper.note(job);
    if (job.status !== "queued" || job.notBefore !== null) return;
    if (scheduler.running(job.id) !== undefined) {
      this.#do(this.#lookAt(job.id));
      return;
    }
    const { id, type, priority, library, updatedAt } = job;
    scheduler.enqueue({ id, type, priority, library, queuedAt: updatedAt });
  }

  /** @throws SpacedriveError `INVALID_INPUT` where one of these is not the job's child, `NOT_FOUND`. */
  async checkChildren(parent: JobId, children: "all" | readonly JobId[] | null): Promise<void> {
    for (const id of children === "all" ? [] : (children ?? [])) {
      const job = await this.store.get(id);
      if (job === null) throw jobNotFound(id);
      if (job.parent === parent) continue;
      throw new SpacedriveError("INVALID_INPUT", `Job ${parent} cannot wait for ${id}: it is not its child.`);
    }
  }

  /** The store has woken these in a transaction that is durable now. */
  woken(ids: readonly JobId[]): void {
    if (this.#open) for (const id of ids) this.#do(this.#lookAt(id));
  }

  /** The store may have woken it in the transaction of its child's end, or of an event. */
  async #lookAt(id: JobId): Promise<void> {
    const { scheduler } = this.#options;
    // An attempt that ends as suspended can be woken in the store before its end is told here: so long it holds the place.
    await scheduler.running(id)?.ended.catch(() => {});
    if (!this.#open || scheduler.knows(id)) return;
    const [queued] = await this.store.queued({ id }, 1);
    if (queued === undefined || scheduler.knows(id)) return;
    const job = await this.store.get(id);
    if (job !== null && job.status === "queued" && !scheduler.knows(id)) this.changed(job);
  }

  /** @param parent null: of every cancelled job. */
  async #cancelChildren(parent: JobId | null): Promise<void> {
    while (this.#open) {
      const children = await this.store.liveChildren(parent, BATCH);
      if (children.length === 0) return;
      const cancelled = await Promise.allSettled(children.map((id) => this.#options.cancel(id)));
      for (const each of cancelled) {
        // One that ended by itself meanwhile is no child to cancel any more.
        if (each.status === "rejected" && !hasCode(each.reason, "INVALID_TRANSITION")) throw each.reason;
      }
    }
  }

  /** Answers whether it is done: what a running job ends by is due until it has ended. */
  async #settleDue({ id, kind }: DueJob): Promise<boolean> {
    const { clock, time, scheduler } = this.#options;
    if (kind === "expire") {
      const running = scheduler.running(id);
      running?.expire();
      if (running !== undefined) return false;
    }
    let stored: JobRecord | undefined;
    try {
      const settled = await this.store.update(id, (job) => {
        stored = job;
        return settleDue(job, kind, { wall: clock.now(), steady: time.now() });
      });
      if (settled !== stored) this.changed(settled);
      return true;
    } catch (error) {
      // It has begun to run, or has ended, meanwhile.
      if (hasCode(error, "INVALID_TRANSITION")) return false;
      throw error;
    }
  }

  #do(work: Promise<void>): void {
    const { logger, library } = this.#options;
    const done = work
      .catch((error: unknown) => logger.warn({ library, err: error }, "what follows from a job's end was left undone"))
      .finally(() => this.#work.delete(done));
    this.#work.add(done);
  }
}

function settleDue(job: JobRecord, kind: DueJob["kind"], now: Moment): JobRecord {
  switch (kind) {
    case "wake":
      return wakeOnTime(job, now);
    case "ready":
      return job.notBefore !== null && job.notBefore <= now.steady ? readyJob(job, now.wall) : job;
    case "expire":
      return job.deadline !== null && job.deadline <= now.steady && !isEnded(job.status)
        ? expireJob(job, null, now.wall)
        : job;
    default:
      return kind satisfies never;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return isSpacedriveError(error) && error.code === code;
}
