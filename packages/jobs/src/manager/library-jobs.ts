import {
  type Clock,
  isSpacedriveError,
  type JobId,
  type LibraryId,
  type Logger,
  toSpacedriveError,
  type SpacedriveError,
} from "@spacedrive/wire";
import type { JobRecord } from "../job.js";
import { expireJob, readyJob } from "../job-steps.js";
import type { HostRecords } from "../store/host-records.js";
import type { DueJob, JobStore, Moment } from "../store/job-store.js";
import { isEnded, needsNoRecords } from "../transitions.js";
import { wakeOnTime } from "../waking.js";
import { NamedJobs } from "./named-jobs.js";
import { recoverJobs, sweepHostRecords } from "./recovery.js";
import type { RunningJob } from "./running-job.js";
import type { Scheduler } from "./scheduler.js";
import type { SteadyTime } from "./steady-time.js";
import { Timekeeper } from "./timekeeper.js";

/** Children that are cancelled at the same time. */
const BATCH = 256;
/** Named jobs that are looked for before the loop gets its turn. */
const TAKEN_PER_TURN = 64;
/** How long a store that refuses something for now is left alone. */
const STORE_REST_MS = 1_000;

export interface LibraryJobsOptions {
  readonly library: LibraryId;
  readonly store: JobStore;
  readonly clock: Clock;
  readonly time: SteadyTime;
  readonly logger: Logger;
  readonly scheduler: Scheduler;
  readonly retryLimit: number;
  readonly goOnWith: "all" | "named";
  readonly hostRecords: HostRecords | null;
  /** Tells those who watch the job. */
  readonly publish: (job: JobRecord) => void;
  /** None of the library's jobs is lost any more. */
  readonly found: () => void;
  /** The jobs of the library that somebody watches. */
  readonly watched: () => readonly JobId[];
  /** Tells them that nothing will come any more, until the library's store is looked after. */
  readonly giveUp: (error: SpacedriveError) => void;
  readonly cancel: (id: JobId) => Promise<unknown>;
  /** @throws SpacedriveError `CLOSED` where nothing may start any more. */
  readonly checkOpen: () => void;
}

/** One library's jobs, and what follows for them and for others when one of them changes. */
export class LibraryJobs {
  readonly library: LibraryId;
  readonly store: JobStore;
  readonly #options: LibraryJobsOptions;
  readonly #work = new Set<Promise<void>>();
  /** Named jobs that were looked for. */
  #tookUp = 0;
  /** Ends the rest of work that the store refused. */
  readonly #resting = new Set<() => void>();
  readonly #unwatch: () => void;
  /** Null: it goes on with all. */
  readonly #named: NamedJobs | null;
  #timekeeper: Timekeeper;
  #open = false;
  #stopped = false;
  #failure: SpacedriveError | null = null;
  /** Counts the times that the store has failed or come back: what belongs to an earlier one is of no use. */
  #turns = 0;

  constructor(options: LibraryJobsOptions) {
    this.library = options.library;
    this.store = options.store;
    this.#options = options;
    this.#named = options.goOnWith === "named" ? new NamedJobs() : null;
    this.#timekeeper = this.#newTimekeeper();
    this.#unwatch =
      options.store.watch?.({
        failed: (error) => this.#fail(error),
        reopened: () => this.#do(() => this.#goOn(++this.#turns)),
      }) ?? (() => {});
  }

  /** False while the library is recovered, while its store has failed, and once it is being detached: nothing starts. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Why nothing starts, where its store has failed. */
  get failure(): SpacedriveError | null {
    return this.#failure;
  }

  /**
   * Takes on what the store has: what was running is queued again or has failed, what is queued starts, what waits is waited
   * for.
   *
   * @throws SpacedriveError as the store.
   */
  takeOn(): Promise<void> {
    return this.#takeOn({ crashed: true, turn: this.#turns });
  }

  async #takeOn({ crashed, turn }: { readonly crashed: boolean; readonly turn: number }): Promise<void> {
    const { store } = this;
    const { time, hostRecords, scheduler, checkOpen, found } = this.#options;
    time.reach((await store.lastWaitBegan()) ?? 0);
    await recoverJobs(store, { ...this.#options, crashed });
    await sweepHostRecords(store, hostRecords);
    const types = await store.queuedTypes();
    checkOpen();
    if (this.#stopped || turn !== this.#turns) return;
    this.#open = true;
    this.#failure = null;
    found();
    if (this.#named === null) scheduler.open(this.library, types);
    else this.#do(() => this.#takeUpAllNamed());
    this.#timekeeper.look();
    // What was left of a cancel when the last process ended.
    this.#do(() => this.#cancelChildren(null));
  }

  /** Starts nothing more; what runs is left to the caller. */
  stop(): void {
    this.#stopped = true;
    this.#unwatch();
    this.#halt();
  }

  #halt(): void {
    this.#open = false;
    this.#timekeeper.close();
    this.#options.scheduler.dequeueLibrary(this.library);
    for (const wake of this.#resting) wake();
  }

  /** The attempts under way. */
  get running(): RunningJob[] {
    return this.#options.scheduler.allRunning().filter(({ job }) => job.library === this.library);
  }

  #fail(error: SpacedriveError): void {
    const { logger, giveUp } = this.#options;
    const { library, running } = this;
    this.#turns++;
    this.#failure = error;
    this.#halt();
    for (const job of running) job.lose(error);
    logger.info({ library, jobs: running.length }, "a library's jobs have stopped with their store");
    if (!error.retryable) giveUp(error);
  }

  /** The store works again. */
  async #goOn(turn: number): Promise<void> {
    const { clock, giveUp, logger } = this.#options;
    const { library } = this;
    const isOver = (): boolean => this.#stopped || turn !== this.#turns;
    // None may still be at work when the next attempt of its job begins.
    await Promise.allSettled(this.running.map(({ ended }) => ended));
    if (isOver()) return;
    this.#timekeeper = this.#newTimekeeper();
    try {
      await this.#takeOn({ crashed: false, turn });
      await this.#tellAll();
    } catch (thrown) {
      if (isOver()) return;
      const error = toSpacedriveError(thrown, "INTERNAL", "The host's log has the cause.");
      logger.warn({ library, err: thrown }, "a library's jobs cannot go on yet");
      if (!error.retryable) giveUp(error);
      else clock.after(STORE_REST_MS, () => void (isOver() || this.#do(() => this.#goOn(turn))));
    }
  }

  /** Who watches a job hears how it stands now: it may have ended by what the store has kept of it. */
  async #tellAll(): Promise<void> {
    const { scheduler, publish, watched } = this.#options;
    for (const id of watched()) {
      const job = await this.store.get(id);
      await this.store.confirmed?.();
      if (job !== null && scheduler.running(id) === undefined) publish(job);
    }
  }

  #newTimekeeper(): Timekeeper {
    const store = this.#named ?? this.store;
    return new Timekeeper({ ...this.#options, store, onDue: (due) => this.#settleDue(due) });
  }

  /** Resolves once nothing is on its way to the store. After {@link stop}. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }

  /** True where this host leaves a job as it is until it is named. */
  isLeft(id: JobId): boolean {
    return this.#named?.has(id) === false;
  }

  /** Goes on with a job that was left, and with its children and theirs. Of any other, nothing changes. */
  name(id: JobId): void {
    if (!this.isLeft(id)) return;
    this.#named?.add(id);
    if (this.#open) this.#do(() => this.#takeUpNamed(id));
  }

  async #takeUpAllNamed(): Promise<void> {
    for (const id of this.#named?.ids() ?? []) await this.#takeUpNamed(id);
  }

  /** With its children and theirs, one after another: there may be a hundred thousand. */
  async #takeUpNamed(id: JobId): Promise<void> {
    const { scheduler } = this.#options;
    if (++this.#tookUp % TAKEN_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    const job = await this.store.get(id);
    if (!this.#open || job === null) return;
    if (!isEnded(job.status) && !scheduler.knows(id)) this.#takeUp(job);
    const children = await this.store.liveChildren(id, Number.MAX_SAFE_INTEGER);
    for (const child of children) this.#named?.add(child);
    for (const child of children) if (this.#open) await this.#takeUpNamed(child);
  }

  /** A new job is stored. */
  began(job: JobRecord): void {
    this.#named?.add(job.id);
    this.changed(job);
    const { parent } = job;
    // A parent that runs cancels its children when it ends; one that was cancelled before has done so.
    if (parent !== null && this.#open && this.#options.scheduler.running(parent) === undefined) {
      this.#do(() => this.#joinParent(parent));
    }
  }

  /** A job is stored so, and is not running. */
  changed(job: JobRecord): void {
    const { scheduler, publish } = this.#options;
    scheduler.dequeue(job.id);
    publish(job);
    // Also of a job that did not run when it was cancelled, and of one that ends while its library is detached.
    if (needsNoRecords(job.status) && job.attempt > 0) this.#do(() => this.#sweepHostRecords(job.id));
    if (!this.#open) return;
    if (isEnded(job.status)) {
      this.#named?.remove(job.id);
      const { parent } = job;
      if (parent !== null) this.#do(() => this.#lookAt(parent));
      if (job.status === "cancelled") this.#do(() => this.#cancelChildren(job.id));
      return;
    }
    this.#takeUp(job);
  }

  /** A job that is stored so starts in its turn, or when its time has come. */
  #takeUp(job: JobRecord): void {
    const { scheduler } = this.#options;
    if (this.isLeft(job.id)) return;
    this.#named?.note(job);
    this.#timekeeper.note(job);
    if (job.status !== "queued" || job.notBefore !== null) return;
    if (scheduler.running(job.id) !== undefined) {
      this.#do(() => this.#lookAt(job.id));
      return;
    }
    const { id, type, priority, library, updatedAt } = job;
    scheduler.enqueue({ id, type, priority, library, queuedAt: updatedAt });
  }

  /** The store has woken these in a transaction that is durable now. */
  woken(ids: readonly JobId[]): void {
    if (this.#open) for (const id of ids) this.#do(() => this.#lookAt(id));
  }

  /** The store may have woken it in the transaction of its child's end, or of an event. */
  async #lookAt(id: JobId): Promise<void> {
    const { scheduler } = this.#options;
    // An attempt that ends and waits can be woken in the store before its end is told here: so long it holds the place.
    await scheduler.running(id)?.ended.catch(() => {});
    if (!this.#open || scheduler.knows(id)) return;
    const [queued] = await this.store.queued({ id }, 1);
    if (queued === undefined || scheduler.knows(id)) return;
    const job = await this.store.get(id);
    // Who watches it hears nothing that is not so for good.
    await this.store.confirmed?.();
    if (job !== null && job.status === "queued" && !scheduler.knows(id)) this.changed(job);
  }

  async #joinParent(id: JobId): Promise<void> {
    const parent = await this.store.get(id);
    if (parent?.status === "cancelled") await this.#cancelChildren(id);
  }

  /** @param parent null: of every cancelled job. */
  async #cancelChildren(parent: JobId | null): Promise<void> {
    /** By what the store refuses them for good. They keep none of the others from being cancelled. */
    const left = new Map<JobId, unknown>();
    while (this.#open) {
      const live = await this.store.liveChildren(parent, BATCH + left.size);
      const children = live.filter((id) => !left.has(id));
      if (children.length === 0) break;
      const cancelled = await Promise.allSettled(children.map((id) => this.#options.cancel(id)));
      for (const [at, each] of cancelled.entries()) {
        const child = children[at];
        // One that ended by itself meanwhile is no child to cancel any more.
        if (each.status === "fulfilled" || child === undefined || hasCode(each.reason, "INVALID_TRANSITION")) continue;
        if (isSpacedriveError(each.reason) && each.reason.retryable) throw each.reason;
        left.set(child, each.reason);
      }
    }
    for (const error of left.values()) throw error;
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
      else this.#named?.note(settled);
      // One that cannot be read is due until it is cancelled.
      return settled.unreadable !== true;
    } catch (error) {
      // It has begun to run, or has ended, meanwhile.
      if (hasCode(error, "INVALID_TRANSITION")) return false;
      throw error;
    }
  }

  async #sweepHostRecords(id: JobId): Promise<void> {
    await this.#options.hostRecords?.sweep(id, Number.MAX_SAFE_INTEGER);
  }

  #do(work: () => Promise<void>): void {
    const done = this.#finish(work).finally(() => this.#work.delete(done));
    this.#work.add(done);
  }

  /** What the store refuses for now is tried again: nobody else would before the next start, which begins with all of it. */
  async #finish(work: () => Promise<void>): Promise<void> {
    const { logger, library } = this.#options;
    const turn = this.#turns;
    let told = false;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const again = isSpacedriveError(error) && error.retryable;
        const what = again ? "is tried again" : "was left undone";
        if (!told) logger.warn({ library, err: error }, `what follows from a change of a job ${what}`);
        told = again;
        if (!again) return;
      }
      await this.#rest();
      if (!this.#open || turn !== this.#turns) return;
    }
  }

  async #rest(): Promise<void> {
    if (!this.#open) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(STORE_REST_MS, resolve);
    this.#resting.add(resolve);
    await promise;
    this.#resting.delete(resolve);
    cancel();
  }
}

function settleDue(job: JobRecord, kind: DueJob["kind"], now: Moment): JobRecord {
  if (job.unreadable === true) return job;
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
