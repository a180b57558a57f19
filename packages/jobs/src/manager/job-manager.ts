import { type JobId, type JobIdentity, type LibraryId, SpacedriveError } from "@spacedrive/wire";
import type { NativeJob } from "../define-job.js";
import type { JobHistory } from "../history.js";
import type { JobFilter, JobInfo, JobRecord } from "../job.js";
import type { JobHandler } from "../job-handler.js";
import { noteWait, requestWake } from "../job-steps.js";
import { checkRecordKey } from "../journal/sealing.js";
import type { ChildCounts, JobStore, Moment } from "../store/job-store.js";
import { conditionOf, lastEventOf, type WakeWhen } from "../wake-when.js";
import { jobLost } from "../job-errors.js";
import { checkAwaited } from "./awaited-children.js";
import { JobContextRegistry } from "./context-registry.js";
import type { Job } from "./job-handle.js";
import { goesOn, type JobOrder, type OrderName, ORDERS, remindOf, takeOrder } from "./job-orders.js";
import {
  type AttachedJobs,
  type DispatchOptions,
  type JobManagerOptions,
  type JobManagerSettings,
  type JobRegistration,
  settingsOf,
} from "./job-manager-options.js";
import { JobReader, libraryNotAttached } from "./job-reader.js";
import { JobTypes } from "./job-types.js";
import { LibraryEvents } from "./library-events.js";
import { JobWatches } from "./job-watches.js";
import { LibraryJobs } from "./library-jobs.js";
import { newJob } from "./new-job.js";
import { PreparedJob } from "./prepared-job.js";
import { PreparedWake } from "./prepared-wake.js";
import { givenOrder, type PreparedOrder, storedOrder } from "./prepared-order.js";
import type { ReadyJob } from "./ready-queue.js";
import { Scheduler } from "./scheduler.js";
import { SteadyTime } from "./steady-time.js";

/** Runs the jobs of libraries: native ones and those of extensions, each from its last checkpoint, whatever happens. */
export class JobManager implements AsyncDisposable {
  /** The contexts of running jobs, in which a guest's job ids are looked up. */
  readonly contexts = new JobContextRegistry();
  /** What happens in libraries, for jobs to wait for. */
  readonly events: LibraryEvents;
  /** Looks at jobs without waiting until what it sees is durable: for operations, whose answers Wire holds until then. */
  readonly reader: JobReader;
  readonly #options: JobManagerSettings;
  readonly #time: SteadyTime;
  readonly #types = new JobTypes();
  readonly #watches = new JobWatches();
  readonly #libraries = new Map<LibraryId, LibraryJobs>();
  readonly #scheduler: Scheduler;
  #closing: Promise<void> | null = null;

  constructor(options: JobManagerOptions) {
    this.#options = settingsOf(options);
    checkRecordKey(this.#options.recordKey);
    this.#time = new SteadyTime(this.#options.clock);
    this.events = new LibraryEvents(this.#options.clock, (library) => this.#requireLibrary(library));
    const { retryBackoffMs: baseMs, maxRetryBackoffMs: maxMs, random } = this.#options;
    this.#scheduler = new Scheduler({
      ...this.#options,
      time: this.#time,
      backoff: { baseMs, maxMs, random },
      types: this.#types,
      contexts: this.contexts,
      storeOf: (library) => this.#openLibrary(library)?.store,
      onChange: (id, record) => this.#watches.publishRunning(id, () => this.reader.info(record())),
      onEnd: (record) => this.#libraries.get(record.library)?.changed(record),
      onLost: (job, error) => this.#lose(job, error),
      lost: this.#watches.lost,
    });
    this.reader = new JobReader({
      libraries: this.#libraries,
      scheduler: this.#scheduler,
      types: this.#types,
      watches: this.#watches,
      checkOpen: () => this.#checkOpen(),
    });
  }

  /**
   * Says what runs jobs of a type; those that wait for it start.
   *
   * @throws SpacedriveError `CONFLICT` where the type has a handler, `INVALID_INPUT` where the handler may not have it.
   */
  register(job: NativeJob): JobRegistration;
  register(type: string, handler: JobHandler): JobRegistration;
  register(...given: [job: NativeJob] | [type: string, handler: JobHandler]): JobRegistration {
    const [type, handler] = given.length === 1 ? [given[0].type, given[0]] : given;
    this.#checkOpen();
    this.#types.add(type, handler);
    this.#scheduler.fill();
    let unregistered: Promise<void> | null = null;
    return { unregister: () => (unregistered ??= this.#unregister(type, handler)) };
  }

  /**
   * Takes a library's jobs on: what was running when its host stopped is queued again (or failed, see `retryLimit`), and
   * what is queued starts.
   *
   * @throws SpacedriveError `CONFLICT` where the library is attached, or as the store.
   */
  async attach(library: LibraryId, store: JobStore): Promise<AttachedJobs> {
    this.#checkOpen();
    if (this.#libraries.has(library)) {
      throw new SpacedriveError("CONFLICT", `The jobs of library ${library} are attached already.`);
    }
    const attached = new LibraryJobs({
      ...this.#options,
      library,
      store,
      time: this.#time,
      scheduler: this.#scheduler,
      publish: (job) => this.#watches.publish(job.id, () => this.reader.info(job)),
      found: () => this.#watches.find(library),
      watched: () => this.#watches.watched(library),
      giveUp: (error) => this.#watches.fail(library, error),
      cancel: (id) => this.#order(id, ORDERS.cancel),
      checkOpen: () => this.#checkOpen(),
    });
    this.#libraries.set(library, attached);
    try {
      await attached.takeOn();
    } catch (error) {
      attached.stop();
      this.#libraries.delete(library);
      throw error;
    }
    let detached: Promise<void> | null = null;
    return { detach: () => (detached ??= this.#detach(library, attached)) };
  }

  /**
   * Queues a job, and answers once it is on disk.
   *
   * @param params a JSON value; undefined for a job without any.
   * @throws SpacedriveError `NOT_FOUND`, `EXTENSION_NOT_LOADED`, `LIBRARY_NOT_FOUND`, `INVALID_INPUT`, or as the store.
   */
  dispatch<Params>(job: NativeJob<Params>, params: Params, options: DispatchOptions): Promise<Job>;
  dispatch(type: string, params: unknown, options: DispatchOptions): Promise<Job>;
  async dispatch(target: string | NativeJob, params: unknown, options: DispatchOptions): Promise<Job> {
    return this.prepare(typeof target === "string" ? target : target.type, params, options).start();
  }

  /**
   * A new job, to be stored in the transaction of an action: what is dispatched is then dispatched exactly once.
   *
   * @throws SpacedriveError as {@link dispatch}, but for the store.
   */
  prepare(type: string, params: unknown, options: DispatchOptions): PreparedJob {
    this.#checkOpen();
    const handler = this.#types.find(type);
    const attached = this.#requireLibrary(options.library);
    const job = newJob(type, handler, params, options, this.#now());
    return new PreparedJob(job, attached.store, () => {
      // Closed or detached meanwhile: it starts next time.
      attached.began(job);
      return this.reader.handle(job);
    });
  }

  /**
   * A wake-up for a running job, asked for by itself: to be noted in the transaction of an action. It holds once the job is
   * suspended.
   *
   * @throws SpacedriveError `INVALID_INPUT` where there is nothing to wait for, `JOB_NOT_RUNNING`.
   */
  async prepareWake(by: JobIdentity, when: WakeWhen): Promise<PreparedWake> {
    const { wall: at, steady } = this.#now();
    const { attached } = await this.reader.locate(by.id);
    const lastEvent = await lastEventOf(when, attached.store);
    const condition = conditionOf(when, by.type, { steady, lastEvent });
    await checkAwaited(attached.store, by.id, condition.children);
    const call = this.#scheduler.running(by.id)?.callNumber ?? 0;
    const step = (job: JobRecord): JobRecord => noteWait(requestWake(job, by.attempt, { condition, call, at }), steady);
    return new PreparedWake(by.id, attached.store, step);
  }

  /** True where an action's transaction can take a new job or an order along. */
  get joinsTransactions(): boolean {
    return this.#options.wire.libraries.transaction !== undefined;
  }

  /**
   * Gives an order, as {@link pause} and its like.
   *
   * @param by the job that gives it, or null. One that orders itself does not wait for its own end.
   */
  order(order: OrderName, id: JobId, by: JobId | null): Promise<JobInfo> {
    return this.#order(id, ORDERS[order], by !== id);
  }

  /**
   * An order, to be given in the transaction of an action. To a job that runs it is noted in its row, and obeyed by whoever ends
   * its attempt; one that comes from no job is given at once instead, as by {@link pause} and its like.
   *
   * @param by as of {@link order}.
   * @throws SpacedriveError as {@link pause}.
   */
  async prepareOrder(order: OrderName, id: JobId, by: JobId | null): Promise<PreparedOrder> {
    const wanted = ORDERS[order];
    const give = (): Promise<JobInfo> => this.order(order, id, by);
    if (by === null && this.#scheduler.running(id) !== undefined) return givenOrder(await give());
    const { job: seen, attached } = await this.reader.locate(id);
    const { store } = attached;
    if (store.effects === "at-least-once") return givenOrder(await give());
    return storedOrder({
      update: (tx) => store.updateIn(tx, id, (job) => takeOrder(wanted, job, seen, this.#now())),
      show: (job) => this.reader.info(job),
      tell: (job) => {
        if (goesOn(wanted)) attached.name(id);
        attached.changed(job);
      },
      remind: async () => {
        // Only an equal one has made it run.
        if (wanted === ORDERS.retry) return;
        await (by === null ? give() : remindOf(wanted, this.#scheduler.running(id), await store.get(id)));
      },
    });
  }

  /** @throws SpacedriveError `NOT_FOUND`, `CLOSED`, or as the store. */
  async get(id: JobId): Promise<Job> {
    const { job } = await this.reader.locate(id);
    await this.reader.confirmed(job.library);
    return this.reader.handle(job);
  }

  /**
   * Newest first.
   *
   * @throws SpacedriveError `LIBRARY_NOT_FOUND`, `INVALID_INPUT`, `CLOSED`, or as the store.
   */
  async list(filter: JobFilter = {}): Promise<readonly JobInfo[]> {
    const jobs = await this.reader.list(filter);
    await this.reader.confirmed(filter.library ?? null);
    return jobs;
  }

  /**
   * What a job did: its states, attempts, checkpoints, calls and warnings, oldest first.
   *
   * @throws SpacedriveError `NOT_FOUND`, `CLOSED`, or as the store.
   */
  async history(id: JobId): Promise<JobHistory> {
    const { job } = await this.reader.locate(id);
    const history = await this.reader.history(id);
    await this.reader.confirmed(job.library);
    return history;
  }

  /**
   * How many children of a job there are, by their status.
   *
   * @throws SpacedriveError `NOT_FOUND`, `CLOSED`, or as the store.
   */
  async countChildren(id: JobId): Promise<ChildCounts> {
    const { job } = await this.reader.locate(id);
    const counts = await this.reader.countChildren(id);
    await this.reader.confirmed(job.library);
    return counts;
  }

  /**
   * Stops a job so that `resume` goes on from its last checkpoint, and answers the job once that is so, or once it has
   * ended by itself. A job that does not look is stopped at its deadline. Of a paused job, nothing changes.
   *
   * @throws SpacedriveError `NOT_FOUND`, `INVALID_TRANSITION`, `CLOSED`, or as the store.
   */
  pause(id: JobId): Promise<JobInfo> {
    return this.#order(id, ORDERS.pause);
  }

  /**
   * Queues a paused job again; one that was paused while it was suspended waits on. A job whose pause is under way goes on
   * from the checkpoint that it makes for the pause. Of a queued, running or suspended job, nothing changes.
   *
   * @throws SpacedriveError as {@link pause}.
   */
  resume(id: JobId): Promise<JobInfo> {
    return this.#order(id, ORDERS.resume);
  }

  /**
   * Ends a job for good, and its children with it; a running one's operations are given up at once. Answers once the job
   * itself is cancelled: its children follow. Of a cancelled job, nothing changes.
   *
   * @throws SpacedriveError as {@link pause}.
   */
  cancel(id: JobId): Promise<JobInfo> {
    return this.#order(id, ORDERS.cancel);
  }

  /**
   * Queues a failed job again, from its last checkpoint; a deadline begins anew. Where its parent has been cancelled before, that
   * cancel is not for it any more.
   *
   * @throws SpacedriveError as {@link pause}.
   */
  retry(id: JobId): Promise<JobInfo> {
    return this.#order(id, ORDERS.retry);
  }

  /**
   * Interrupts what runs; after `shutdownMs` it is stopped. The next start goes on with all of it. Twice is harmless.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#libraries].map(([library, attached]) => this.#detach(library, attached)));
  }

  async #detach(library: LibraryId, attached: LibraryJobs): Promise<void> {
    attached.stop();
    const { running } = attached;
    for (const job of running) job.close(this.#options.shutdownMs);
    await Promise.allSettled(running.map(({ ended }) => ended));
    await attached.idle();
    this.#watches.close(library);
    if (this.#libraries.get(library) === attached) this.#libraries.delete(library);
  }

  async #unregister(type: string, handler: JobHandler): Promise<void> {
    this.#types.remove(type, handler);
    const running = this.#scheduler.allRunning().filter(({ job, handler: by }) => by === handler && job.type === type);
    for (const job of running) job.release(this.#options.interruptDeadlineMs);
    await Promise.allSettled(running.map(({ ended }) => ended));
  }

  async #order(id: JobId, order: JobOrder, patient = true): Promise<JobInfo> {
    let waits = false;
    for (;;) {
      this.#checkOpen();
      const running = this.#scheduler.running(id);
      if (running !== undefined) {
        waits = (order.give(running) && patient) || waits;
        if (order === ORDERS.resume && (await running.liftPause())) continue;
        return this.reader.info(await (waits ? running.ended : running.claimed));
      }
      const { job, attached } = await this.reader.locate(id);
      const loss = job.status === "running" ? this.#watches.lossOf(id) : null;
      if (loss !== null && this.#scheduler.running(id) === undefined) throw loss;
      if (order.holds(job, job)) {
        if (goesOn(order)) attached.name(id);
        return this.reader.info(job);
      }
      try {
        // An equal order may have come first.
        let held = false;
        const updated = await attached.store.update(id, (stored) => {
          held = order.holds(stored, job);
          return held ? stored : order.step(stored, this.#now());
        });
        if (goesOn(order)) attached.name(id);
        if (!held) attached.changed(updated);
        return this.reader.info(updated);
      } catch (error) {
        // It began to run meanwhile: the order goes to the attempt.
        if (this.#scheduler.running(id) === undefined) throw error;
      }
    }
  }

  #lose({ id, type, library }: ReadyJob, error: unknown): void {
    // Who waits is told of the close itself.
    if (this.#openLibrary(library) === undefined) return;
    this.#watches.lose(id, library, jobLost(id, type, error));
  }

  #now(): Moment {
    return { wall: this.#options.clock.now(), steady: this.#time.now() };
  }

  #openLibrary(library: LibraryId): LibraryJobs | undefined {
    const attached = this.#libraries.get(library);
    return attached?.isOpen === true && this.#closing === null ? attached : undefined;
  }

  #requireLibrary(library: LibraryId): LibraryJobs {
    this.#checkOpen();
    const attached = this.#openLibrary(library);
    if (attached === undefined) throw this.#libraries.get(library)?.failure ?? libraryNotAttached(library);
    return attached;
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw new SpacedriveError("CLOSED", "The job manager has been closed.");
  }
}
