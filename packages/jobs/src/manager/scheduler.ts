import type { Clock, JobId, LibraryId, Logger, Wire } from "@spacedrive/wire";
import { isSpacedriveError, type SpacedriveError } from "@spacedrive/wire";
import type { JobRecord } from "../job.js";
import type { JobHandler } from "../job-handler.js";
import type { JournalSettings } from "../journal/job-journal.js";
import type { JobStore } from "../store/job-store.js";
import type { JobContextRegistry } from "./context-registry.js";
import type { JobTypes } from "./job-types.js";
import type { Backoff } from "./backoff.js";
import { type ReadyJob, ReadyQueue } from "./ready-queue.js";
import { RunningJob } from "./running-job.js";
import type { SteadyTime } from "./steady-time.js";

/** How long a store that refused a claim, or a look, is left alone. */
const CLAIM_RETRY_MS = 1_000;

/**
 * Jobs begun before the loop gets its turn. Where a store answers without one, short jobs would follow each other for ever, and
 * nothing else in the process would happen meanwhile.
 */
const STARTS_PER_TURN = 32;

export interface SchedulerOptions extends JournalSettings {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly types: JobTypes;
  readonly contexts: JobContextRegistry;
  readonly maxRunning: number;
  readonly maxRunningPerExtension: number;
  readonly goOnWith: "all" | "named";
  readonly interruptDeadlineMs: number;
  readonly time: SteadyTime;
  readonly retryLimit: number;
  readonly backoff: Backoff;
  /** The store of a library whose jobs may start; undefined while it is detached. */
  readonly storeOf: (library: LibraryId) => JobStore | undefined;
  /** A running job has changed. */
  readonly onChange: (id: JobId, record: () => JobRecord) => void;
  /** An attempt has ended and its job is stored so. */
  readonly onEnd: (job: JobRecord) => void;
  /** The store refused a job's start or end for good. The job is as it was stored last. */
  readonly onLost: (job: ReadyJob, error: unknown) => void;
  /** Those jobs, and how many they are. */
  readonly lost: { has(id: JobId): boolean; readonly size: number };
}

/** Starts queued jobs as places become free: in total, and per extension or native type. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #ready: ReadyQueue;
  readonly #running = new Map<JobId, RunningJob>();
  /** Running jobs per extension, or per type of native jobs. */
  readonly #counts = new Map<string, number>();
  /** Running jobs of all extensions. */
  #ofExtensions = 0;

  /** Libraries whose store has refused a claim: to ask it for each of the others would be as many refusals. */
  readonly #resting = new Set<LibraryId>();
  /** Those of which that has been told, and that have let nothing start since. */
  readonly #refusing = new Set<LibraryId>();

  #startsInTurn = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    // Those that are named lie in the store among others: it cannot be asked for them.
    const window = options.goOnWith === "named" ? { window: Number.POSITIVE_INFINITY } : {};
    this.#ready = new ReadyQueue({ ...window, fetch: (...lane) => void this.#fetch(...lane) });
  }

  running(id: JobId): RunningJob | undefined {
    return this.#running.get(id);
  }

  /** True where the job runs, or is held to start. */
  knows(id: JobId): boolean {
    return this.#running.has(id) || this.#ready.has(id);
  }

  allRunning(): RunningJob[] {
    return [...this.#running.values()];
  }

  /** A job that the store says is queued. */
  enqueue(job: ReadyJob): void {
    this.#ready.add(job);
    this.fill();
  }

  /** Takes on what a store says is queued, as there is room for it. */
  open(library: LibraryId, types: readonly string[]): void {
    for (const type of types) this.#ready.open(library, type);
    this.fill();
  }

  /** A job that is no longer queued. */
  dequeue(id: JobId): void {
    this.#ready.remove(id);
  }

  dequeueLibrary(library: LibraryId): void {
    this.#ready.removeLibrary(library);
  }

  /** Starts what can start. */
  fill(): void {
    while (this.#running.size < this.#options.maxRunning) {
      // The turn's end goes on from here.
      if (this.#startsInTurn >= STARTS_PER_TURN) return;
      const job = this.#ready.take(
        (type, library) => !this.#resting.has(library) && this.#canStart(type),
        (type) => this.#load(type),
      );
      if (job === null) return;
      // What the store had as queued a moment ago, or has for ever.
      if (this.#running.has(job.id) || this.#options.lost.has(job.id)) continue;
      const handler = this.#options.types.get(job.type);
      const store = this.#options.storeOf(job.library);
      if (handler !== undefined && store !== undefined) this.#start(job, handler, store);
    }
  }

  #canStart(type: string): boolean {
    const handler = this.#options.types.get(type);
    if (handler === undefined) return false;
    const load = this.#load(type);
    if (load >= (handler.maxConcurrent ?? Number.POSITIVE_INFINITY)) return false;
    if (handler.extension === null) return true;
    // A job of a stranger may run for ever: none takes all places, and all of them leave one to the host's own jobs.
    const { maxRunning, maxRunningPerExtension } = this.#options;
    return load < maxRunningPerExtension && this.#ofExtensions < Math.max(1, maxRunning - 1);
  }

  /** Running jobs of the type's extension, or of the native type. */
  #load(type: string): number {
    const handler = this.#options.types.get(type);
    return handler === undefined ? 0 : (this.#counts.get(groupOf(type, handler)) ?? 0);
  }

  #countStart(): void {
    if (this.#startsInTurn++ > 0) return;
    setImmediate(() => {
      const wasFull = this.#startsInTurn >= STARTS_PER_TURN;
      this.#startsInTurn = 0;
      if (wasFull) this.fill();
    });
  }

  async #fetch(library: LibraryId, type: string, limit: number): Promise<void> {
    const store = this.#options.storeOf(library);
    try {
      const { lost } = this.#options;
      // Beyond those that are queued for ever, and those whose claim is under way: to find none but these would be to ask again at once.
      const atMost = limit + lost.size + this.#running.size;
      const jobs = store === undefined ? null : await store.queued({ type }, atMost);
      this.#ready.filled(library, type, jobs, atMost);
      this.fill();
    } catch (error) {
      const { logger, clock } = this.#options;
      logger.warn({ library, type, err: error }, "queued jobs could not be read and are looked for again");
      clock.after(CLAIM_RETRY_MS, () => {
        this.#ready.filled(library, type, null, limit);
        this.fill();
      });
    }
  }

  #start(job: ReadyJob, handler: JobHandler, store: JobStore): void {
    this.#countStart();
    const group = groupOf(job.type, handler);
    const running = new RunningJob({ ...this.#options, job, handler, store });
    this.#running.set(job.id, running);
    this.#counts.set(group, (this.#counts.get(group) ?? 0) + 1);
    const ofExtensions = handler.extension === null ? 0 : 1;
    this.#ofExtensions += ofExtensions;
    const leave = (): void => {
      this.#running.delete(job.id);
      this.#ofExtensions -= ofExtensions;
      const count = (this.#counts.get(group) ?? 1) - 1;
      if (count === 0) this.#counts.delete(group);
      else this.#counts.set(group, count);
    };
    running.ended.then(
      (record) => {
        leave();
        this.#refusing.delete(job.library);
        this.#options.onEnd(record);
        this.fill();
      },
      (error: unknown) => {
        leave();
        // The claim itself failed, as far as we know: the job is still queued, and may start when the store is well. One that
        // is being detached has it as it is.
        if (this.#options.storeOf(job.library) === undefined) this.#options.onLost(job, error);
        else if (running.record === null && isSpacedriveError(error) && error.retryable) {
          this.#ready.add(job);
          this.#rest(job.library, error);
        } else {
          this.#options.onLost(job, error);
        }
        this.fill();
      },
    );
  }

  #rest(library: LibraryId, error: SpacedriveError): void {
    if (this.#resting.has(library)) return;
    const { logger, clock } = this.#options;
    if (!this.#refusing.has(library)) {
      logger.warn({ library, err: error }, "a library's store lets no job start for now, and is asked again");
    }
    this.#refusing.add(library);
    this.#resting.add(library);
    clock.after(CLAIM_RETRY_MS, () => {
      this.#resting.delete(library);
      this.fill();
    });
  }
}

function groupOf(type: string, handler: JobHandler): string {
  return handler.extension ?? type;
}
