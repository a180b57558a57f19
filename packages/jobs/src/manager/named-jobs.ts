import type { JobId } from "@spacedrive/wire";
import type { JobRecord } from "../job.js";
import type { DueJob, JobStore, Moment } from "../store/job-store.js";

/** Times at which something is due for a job; null: nothing. */
interface Times {
  /** By the wall clock. */
  readonly at: number | null;
  /** On the manager's time. */
  readonly due: number | null;
  readonly notBefore: number | null;
  readonly deadline: number | null;
}

const NO_TIMES: Times = { at: null, due: null, notBefore: null, deadline: null };

/**
 * The jobs of a library with which a host goes on that goes on with nothing by itself, and their times: in the store they lie
 * among those that are left alone.
 */
export class NamedJobs implements Pick<JobStore, "due" | "nextDue"> {
  readonly #jobs = new Map<JobId, Times>();

  has(id: JobId): boolean {
    return this.#jobs.has(id);
  }

  ids(): JobId[] {
    return [...this.#jobs.keys()];
  }

  add(id: JobId): void {
    if (!this.#jobs.has(id)) this.#jobs.set(id, NO_TIMES);
  }

  /** It has ended, and goes on only where it is named again. */
  remove(id: JobId): void {
    this.#jobs.delete(id);
  }

  /** A named job is stored so. */
  note(job: JobRecord): void {
    if (!this.#jobs.has(job.id)) return;
    const { at = null, due = null } = (job.status === "suspended" ? job.wake?.condition : null) ?? {};
    const notBefore = job.status === "queued" ? job.notBefore : null;
    this.#jobs.set(job.id, { at, due, notBefore, deadline: job.deadline });
  }

  async due(now: Moment, limit: number): Promise<readonly DueJob[]> {
    const found: DueJob[] = [];
    for (const [id, times] of this.#jobs) {
      if (found.length === limit) break;
      const kind = kindOf(times, now);
      if (kind !== null) found.push({ id, kind });
    }
    return found;
  }

  async nextDue(): Promise<{ readonly wall: number | null; readonly steady: number | null }> {
    let wall = Number.POSITIVE_INFINITY;
    let steady = Number.POSITIVE_INFINITY;
    for (const { at, due, notBefore, deadline } of this.#jobs.values()) {
      wall = Math.min(wall, at ?? wall);
      steady = Math.min(steady, due ?? steady, notBefore ?? steady, deadline ?? steady);
    }
    return { wall: finite(wall), steady: finite(steady) };
  }
}

function kindOf({ at, due, notBefore, deadline }: Times, { wall, steady }: Moment): DueJob["kind"] | null {
  if (deadline !== null && deadline <= steady) return "expire";
  if ((at !== null && at <= wall) || (due !== null && due <= steady)) return "wake";
  return notBefore !== null && notBefore <= steady ? "ready" : null;
}

function finite(time: number): number | null {
  return Number.isFinite(time) ? time : null;
}
