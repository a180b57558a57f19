import { type JobId, type LibraryId, SpacedriveError, toSpacedriveError } from "@spacedrive/wire";
import { firstEntry, type JobHistory } from "../history.js";
import type { JobFilter, JobInfo, JobRecord } from "../job.js";
import { jobNotFound } from "../job-errors.js";
import type { ChildCounts } from "../store/job-store.js";
import { waitingFor } from "../waiting-for.js";
import { Job } from "./job-handle.js";
import type { JobTypes } from "./job-types.js";
import type { JobWatches } from "./job-watches.js";
import type { LibraryJobs } from "./library-jobs.js";
import type { Scheduler } from "./scheduler.js";

export interface JobReaderOptions {
  readonly libraries: ReadonlyMap<LibraryId, LibraryJobs>;
  readonly scheduler: Scheduler;
  readonly types: JobTypes;
  readonly watches: JobWatches;
  /** @throws SpacedriveError `CLOSED` where there is nothing to look at any more. */
  readonly checkOpen: () => void;
}

/**
 * Looks at the jobs of all libraries: as they are stored, and as they are now where they run. What it answers may be a moment
 * ahead of the disk: it is for those whose answers wait for {@link confirmed}, or who act on it in the same store.
 */
export class JobReader {
  readonly #options: JobReaderOptions;

  constructor(options: JobReaderOptions) {
    this.#options = options;
  }

  /** @throws SpacedriveError `NOT_FOUND`, `CLOSED`, or as the store. */
  async locate(id: JobId): Promise<{ readonly job: JobRecord; readonly attached: LibraryJobs }> {
    const { libraries, scheduler, checkOpen } = this.#options;
    checkOpen();
    let failure: Error | null = null;
    for (const attached of libraries.values()) {
      try {
        const stored = await attached.store.get(id);
        if (stored !== null) return { job: scheduler.running(id)?.record ?? stored, attached };
      } catch (error) {
        // It keeps nobody from the jobs of the other libraries.
        failure ??= toSpacedriveError(error, "STORE_FAILED", "A library's store failed. The host's log has the cause.");
      }
    }
    throw failure ?? jobNotFound(id);
  }

  /** @throws SpacedriveError `LIBRARY_NOT_FOUND`, `INVALID_INPUT`, `CLOSED`, or as the store. */
  async list(filter: JobFilter): Promise<readonly JobInfo[]> {
    const { libraries, scheduler, checkOpen } = this.#options;
    checkOpen();
    const { limit = 100, library } = filter;
    if (!Number.isSafeInteger(limit) || limit < 1) {
      throw new SpacedriveError(
        "INVALID_INPUT",
        `The limit of a list of jobs must be a whole number from 1, and is ${limit}.`,
      );
    }
    if (library !== undefined && !libraries.has(library)) throw libraryNotAttached(library);
    const attached = [...libraries].filter(([id]) => library === undefined || id === library);
    const lists = await Promise.all(attached.map(([, { store }]) => store.list(filter, limit)));
    const jobs = lists.length === 1 ? (lists[0] ?? []) : lists.flat().sort((a, b) => b.createdAt - a.createdAt);
    return jobs.slice(0, limit).map((job) => {
      const running = scheduler.running(job.id)?.record ?? null;
      if (running === null) return this.info(job);
      return this.info(filter.states === false ? { ...running, state: null } : running);
    });
  }

  /** @throws SpacedriveError `NOT_FOUND`, `CLOSED`, or as the store. */
  async history(id: JobId): Promise<JobHistory> {
    const { job, attached } = await this.locate(id);
    const held = this.#options.scheduler.running(id)?.history;
    const { entries, dropped } = await attached.store.history(id, held);
    return { entries: [firstEntry(job), ...entries], dropped };
  }

  /** @throws SpacedriveError `NOT_FOUND`, `CLOSED`, or as the store. */
  async countChildren(id: JobId): Promise<ChildCounts> {
    const { attached } = await this.locate(id);
    return attached.store.countChildren(id);
  }

  /** @throws SpacedriveError `NOT_FOUND`, `CLOSED`, or as the store. */
  async get(id: JobId): Promise<JobInfo> {
    return this.info((await this.locate(id)).job);
  }

  /** Resolves once nothing that was answered until now can be taken back. `library` null: of any. */
  async confirmed(library: LibraryId | null): Promise<void> {
    for (const attached of this.#options.libraries.values()) {
      if (library === null || attached.library === library) await attached.store.confirmed?.();
    }
  }

  /** A job, to be watched by who waits until what it tells is durable. */
  handle({ id, type, library }: JobRecord): Job {
    const { libraries, watches } = this.#options;
    const read = async (): Promise<JobInfo> => {
      const job = await this.get(id);
      await this.confirmed(library);
      return job;
    };
    const isAway = (error: unknown): boolean => {
      const failure = libraries.get(library)?.failure;
      return failure?.retryable === true && failure === error;
    };
    return new Job({ id, type, library, watches, read, isAway });
  }

  /** A job as it is shown. */
  info(job: JobRecord): JobInfo {
    const { libraries, types } = this.#options;
    const isLeft = libraries.get(job.library)?.isLeft(job.id) === true;
    return { ...job, waitingFor: waitingFor(job, { isLeft, lackOf: (type) => types.waitingFor(type) }) };
  }
}

export function libraryNotAttached(library: LibraryId): SpacedriveError {
  return new SpacedriveError("LIBRARY_NOT_FOUND", `No open library has the id ${library}: its jobs are not at hand.`);
}
