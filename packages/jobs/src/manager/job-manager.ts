import {
  type Clock,
  createJobId,
  type JobId,
  type LibraryId,
  type Logger,
  parseJson,
  SpacedriveError,
  toJson,
  type Wire,
} from "@spacedrive/wire";
import type { NativeJob } from "../define-job.js";
import type { JobFilter, JobInfo, JobRecord } from "../job.js";
import type { JobHandler } from "../job-handler.js";
import { createJob } from "../job-steps.js";
import { checkRecordKey } from "../journal/sealing.js";
import type { HostRecords } from "../store/host-records.js";
import type { JobStore } from "../store/job-store.js";
import { jobNotFound } from "../job-errors.js";
import { JobContextRegistry } from "./context-registry.js";
import { Job } from "./job-handle.js";
import { cancelOrder, type JobOrder, pauseOrder, resumeOrder, retryOrder } from "./job-orders.js";
import { JobTypes } from "./job-types.js";
import { JobWatches } from "./job-watches.js";
import { recoverJobs } from "./recovery.js";
import { Scheduler } from "./scheduler.js";

export interface JobManagerOptions {
  /** Where jobs make their calls. */
  readonly wire: Wire;
  /** Default: the wire's. */
  readonly logger?: Logger;
  /** Default: the wire's. */
  readonly clock?: Clock;
  /** How long running jobs have to checkpoint when the manager is closed. Default 5,000. */
  readonly shutdownMs?: number;
  /** How long a job has to end once it is to pause or its handler goes away; then it is stopped. Default 10,000. */
  readonly interruptDeadlineMs?: number;
  /** Jobs that run at the same time, of all libraries and extensions. Default 8. */
  readonly maxRunning?: number;
  /** Attempts in a row that end with the host's death, without a checkpoint between, before a job is failed. Default 5. */
  readonly retryLimit?: number;
  /**
   * Bytes of recorded calls that a job may have since its last checkpoint; beyond it a call answers `JOURNAL_FULL`. Default
   * 64 MiB.
   */
  readonly journalQuotaBytes?: number;
  /**
   * 32 bytes by which what secret operations answer is recorded encrypted, the same at every start. Default null: jobs ask
   * secret queries again after a resume, and may call no secret actions.
   */
  readonly recordKey?: Uint8Array | null;
  /**
   * Where calls are recorded whose effects are in the host's own database. Default null: the effects of operations with
   * `scope: "host"` are at least once.
   */
  readonly hostRecords?: HostRecords | null;
}

export interface DispatchOptions {
  readonly library: LibraryId;
  /** Higher starts first. Default 0. */
  readonly priority?: number;
  /** The job on whose behalf this one runs. Default none. */
  readonly parent?: JobId | null;
}

/** Takes a job type back. */
export interface JobRegistration {
  /**
   * At once no job of the type starts any more; those that run are interrupted and wait in the queue. Resolves when none
   * is left running. Twice is harmless.
   */
  unregister(): Promise<void>;
}

/** A library's jobs under this manager. */
export interface AttachedJobs {
  /** Interrupts the library's running jobs, as `close` does, and lets go of its store. Twice is harmless. */
  detach(): Promise<void>;
}

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
    this.#checkOpen();
    const type = typeof target === "string" ? target : target.type;
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
    const at = this.#options.clock.now();
    const job = createJob({
      id: createJobId(),
      type,
      library,
      state,
      parent,
      priority,
      resumable: handler.resumable,
      at,
    });
    await store.insert(job);
    // Closed or detached meanwhile: it starts next time.
    if (this.#openStore(library) === store) this.#scheduler.enqueue([{ id: job.id, type, priority, library }]);
    return this.#handle(job);
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
    return this.#order(id, pauseOrder);
  }

  /**
   * Queues a paused job again. A job whose pause is under way goes on from the checkpoint that it makes for the pause. Of
   * a queued or running job, nothing changes.
   *
   * @throws SpacedriveError as {@link pause}.
   */
  resume(id: JobId): Promise<JobInfo> {
    return this.#order(id, resumeOrder);
  }

  /**
   * Ends a job for good; a running one's operations are given up at once. Of a cancelled job, nothing changes.
   *
   * @throws SpacedriveError as {@link pause}.
   */
  cancel(id: JobId): Promise<JobInfo> {
    return this.#order(id, cancelOrder);
  }

  /**
   * Queues a failed job again, from its last checkpoint.
   *
   * @throws SpacedriveError as {@link pause}.
   */
  retry(id: JobId): Promise<JobInfo> {
    return this.#order(id, retryOrder);
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

  async #order(id: JobId, order: JobOrder): Promise<JobInfo> {
    for (;;) {
      this.#checkOpen();
      const running = this.#scheduler.running(id);
      if (running !== undefined) {
        const waits = order.give(running);
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
