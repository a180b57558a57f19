import { createJobId, type JobId, type LibraryId, parseJson, SpacedriveError, toJson } from "@spacedrive/wire";
import type { NativeJob } from "../define-job.js";
import type { JobFilter, JobInfo, JobRecord } from "../job.js";
import type { JobHandler } from "../job-handler.js";
import { createJob } from "../job-steps.js";
import { checkRecordKey } from "../journal/sealing.js";
import type { JobStore } from "../store/job-store.js";
import { jobNotFound } from "../job-errors.js";
import { JobContextRegistry } from "./context-registry.js";
import { Job } from "./job-handle.js";
import { type JobOrder, type OrderName, ORDERS } from "./job-orders.js";
import type { AttachedJobs, DispatchOptions, JobManagerOptions, JobRegistration } from "./job-manager-options.js";
import { JobTypes } from "./job-types.js";
import { JobWatches } from "./job-watches.js";
import { PreparedJob } from "./prepared-job.js";
import { givenOrder, type PreparedOrder, storedOrder } from "./prepared-order.js";
import { recoverJobs, sweepHostRecords } from "./recovery.js";
import { Scheduler } from "./scheduler.js";

interface Attached {
  readonly store: JobStore;
  /** False while it is recovered, and once it is being detached: nothing starts. */
  open: boolean;
}

/** Runs the jobs of libraries: native ones and those of extensions, each from its last checkpoint, whatever happens. */
export class JobManager implements AsyncDisposable {
  /** The contexts of running jobs, in which a guest's job ids are looked up. */
  readonly contexts = new JobContextRegistry();
  readonly #options: Required<JobManagerOptions>;
  readonly #types = new JobTypes();
  readonly #watches = new JobWatches();
  readonly #libraries = new Map<LibraryId, Attached>();
  readonly #scheduler: Scheduler;
  #closing: Promise<void> | null = null;

  constructor(options: JobManagerOptions) {
    const { wire } = options;
    this.#options = {
      wire,
      logger: options.logger ?? wire.logger,
      clock: options.clock ?? wire.clock,
      shutdownMs: options.shutdownMs ?? 5_000,
      interruptDeadlineMs: options.interruptDeadlineMs ?? 10_000,
      maxRunning: options.maxRunning ?? 8,
      retryLimit: options.retryLimit ?? 5,
      journalQuotaBytes: options.journalQuotaBytes ?? 64 * 1_048_576,
      recordKey: options.recordKey ?? null,
      hostRecords: options.hostRecords ?? null,
    };
    checkRecordKey(this.#options.recordKey);
    this.#scheduler = new Scheduler({
      ...this.#options,
      types: this.#types,
      contexts: this.contexts,
      storeOf: (library) => this.#openStore(library),
      onChange: (id, record) => this.#watches.publish(id, () => this.#info(record())),
      onEnd: (record) => this.#watches.publish(record.id, () => this.#info(record)),
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
    const attached: Attached = { store, open: false };
    this.#libraries.set(library, attached);
    try {
      await recoverJobs(store, this.#options);
      await sweepHostRecords(store, this.#options.hostRecords);
      const queued = await store.queued();
      this.#checkOpen();
      attached.open = true;
      this.#scheduler.enqueue(queued.map(({ id, type, priority }) => ({ id, type, priority, library })));
    } catch (error) {
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
    const { library, priority = 0, parent = null } = options;
    if (!Number.isSafeInteger(priority)) {
      throw new SpacedriveError(
        "INVALID_INPUT",
        `The priority of job "${type}" must be a whole number, and is ${priority}.`,
      );
    }
    const store = this.#openStore(library);
    if (store === undefined) throw libraryNotAttached(library);
    const state = firstState(type, params);
    handler.validate?.(state === null ? undefined : parseJson(state, `the parameters of job "${type}"`));
    const id = createJobId();
    const at = this.#options.clock.now();
    const job = createJob({ id, type, library, state, parent, priority, resumable: handler.resumable, at });
    return new PreparedJob(job, store, () => {
      // Closed or detached meanwhile: it starts next time.
      if (this.#openStore(library) === store) this.#scheduler.enqueue([{ id, type, priority, library }]);
      return this.#handle(job);
    });
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
   * An order, to be given in the transaction of an action. A job that runs gets it at once instead, as by {@link pause} and
   * its like; given again it changes nothing.
   *
   * @param by as of {@link order}.
   * @throws SpacedriveError as {@link pause}.
   */
  async prepareOrder(order: OrderName, id: JobId, by: JobId | null): Promise<PreparedOrder> {
    const wanted = ORDERS[order];
    const give = (): Promise<JobInfo> => this.order(order, id, by);
    if (this.#scheduler.running(id) !== undefined) return givenOrder(await give());
    const { attached } = await this.#locate(id);
    const { store } = attached;
    if (store.effects === "at-least-once") return givenOrder(await give());
    return storedOrder({
      update: (tx) =>
        store.updateIn(tx, id, (job) =>
          job.status === "running" || wanted.holds(job) ? job : wanted.step(job, this.#options.clock.now()),
        ),
      show: (job) => this.#info(job),
      tell: (job) => this.#afterOrder(job, attached),
      giveToRunning: give,
    });
  }

  /** @throws SpacedriveError `NOT_FOUND`, `CLOSED`, or as the store. */
  async get(id: JobId): Promise<Job> {
    const { job } = await this.#locate(id);
    return this.#handle(job);
  }

  /**
   * Newest first.
   *
   * @throws SpacedriveError `LIBRARY_NOT_FOUND`, `INVALID_INPUT`, `CLOSED`, or as the store.
   */
  async list(filter: JobFilter = {}): Promise<readonly JobInfo[]> {
    this.#checkOpen();
    const { limit = 100, library } = filter;
    if (!Number.isSafeInteger(limit) || limit < 1) {
      throw new SpacedriveError(
        "INVALID_INPUT",
        `The limit of a list of jobs must be a whole number from 1, and is ${limit}.`,
      );
    }
    if (library !== undefined && !this.#libraries.has(library)) throw libraryNotAttached(library);
    const attached = [...this.#libraries].filter(([id]) => library === undefined || id === library);
    const lists = await Promise.all(attached.map(([, { store }]) => store.list(filter, limit)));
    const jobs = lists.length === 1 ? (lists[0] ?? []) : lists.flat().sort((a, b) => b.createdAt - a.createdAt);
    return jobs.slice(0, limit).map((job) => this.#info(this.#scheduler.running(job.id)?.record ?? job));
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
   * Queues a paused job again. A job whose pause is under way goes on from the checkpoint that it makes for the pause. Of
   * a queued or running job, nothing changes.
   *
   * @throws SpacedriveError as {@link pause}.
   */
  resume(id: JobId): Promise<JobInfo> {
    return this.#order(id, ORDERS.resume);
  }

  /**
   * Ends a job for good; a running one's operations are given up at once. Of a cancelled job, nothing changes.
   *
   * @throws SpacedriveError as {@link pause}.
   */
  cancel(id: JobId): Promise<JobInfo> {
    return this.#order(id, ORDERS.cancel);
  }

  /**
   * Queues a failed job again, from its last checkpoint.
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

  async #detach(library: LibraryId, attached: Attached): Promise<void> {
    attached.open = false;
    this.#scheduler.dequeueLibrary(library);
    const running = this.#scheduler.allRunning().filter(({ job }) => job.library === library);
    for (const job of running) job.close(this.#options.shutdownMs);
    await Promise.allSettled(running.map(({ ended }) => ended));
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
    for (;;) {
      this.#checkOpen();
      const running = this.#scheduler.running(id);
      if (running !== undefined) {
        const waits = order.give(running) && patient;
        return this.#info(waits ? await running.ended : (running.record ?? (await running.ended)));
      }
      const { job, attached } = await this.#locate(id);
      if (order.holds(job)) return this.#info(job);
      try {
        const updated = await attached.store.update(id, (stored) => order.step(stored, this.#options.clock.now()));
        this.#afterOrder(updated, attached);
        return this.#info(updated);
      } catch (error) {
        // It began to run meanwhile: the order goes to the attempt.
        if (this.#scheduler.running(id) === undefined) throw error;
      }
    }
  }

  #afterOrder(job: JobRecord, attached: Attached): void {
    const { id, type, priority, library } = job;
    this.#scheduler.dequeue(id);
    this.#watches.publish(id, () => this.#info(job));
    if (job.status === "queued" && attached.open) this.#scheduler.enqueue([{ id, type, priority, library }]);
  }

  async #locate(id: JobId): Promise<{ readonly job: JobRecord; readonly attached: Attached }> {
    this.#checkOpen();
    for (const attached of this.#libraries.values()) {
      const stored = await attached.store.get(id);
      if (stored !== null) return { job: this.#scheduler.running(id)?.record ?? stored, attached };
    }
    throw jobNotFound(id);
  }

  #handle({ id, type, library }: JobRecord): Job {
    const read = async (): Promise<JobInfo> => this.#info((await this.#locate(id)).job);
    return new Job({ id, type, library, watches: this.#watches, read });
  }

  #info(job: JobRecord): JobInfo {
    return { ...job, waitingFor: job.status === "queued" ? this.#types.waitingFor(job.type) : null };
  }

  #openStore(library: LibraryId): JobStore | undefined {
    const attached = this.#libraries.get(library);
    return attached?.open === true && this.#closing === null ? attached.store : undefined;
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw new SpacedriveError("CLOSED", "The job manager has been closed.");
  }
}

/** @throws SpacedriveError `INVALID_INPUT` where the parameters have no JSON. */
function firstState(type: string, params: unknown): string | null {
  if (params === undefined) return null;
  try {
    return toJson(params, "");
  } catch (cause) {
    throw new SpacedriveError("INVALID_INPUT", `The parameters of job "${type}" cannot be written as JSON.`, { cause });
  }
}

function libraryNotAttached(library: LibraryId): SpacedriveError {
  return new SpacedriveError("LIBRARY_NOT_FOUND", `No open library has the id ${library}: its jobs are not at hand.`);
}
