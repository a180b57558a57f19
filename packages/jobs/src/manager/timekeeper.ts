import type { Clock, Logger } from "@spacedrive/wire";
import type { JobRecord } from "../job.js";
import type { DueJob, JobStore } from "../store/job-store.js";
import type { SteadyTime } from "./steady-time.js";

/** Longest single timer: a wall clock that was set forward, or a machine that slept, is noticed within it. */
const MAX_DELAY_MS = 60_000;
/** How long to wait before a store that failed is asked again, or a job that has not yet ended is looked at again. */
const RETRY_MS = 1_000;
const BATCH = 256;

export interface TimekeeperOptions {
  /** Where the times are. */
  readonly store: Pick<JobStore, "due" | "nextDue">;
  readonly clock: Clock;
  readonly time: SteadyTime;
  readonly logger: Logger;
  /** Does what is due for a job; false: it is due still. */
  readonly onDue: (due: DueJob) => Promise<boolean>;
}

/**
 * The timers of one library's jobs: sleeps, waits before a retry, deadlines. They lie in the store, by index; here is one
 * timer, for the first of them, however many there are.
 */
export class Timekeeper {
  readonly #options: TimekeeperOptions;
  #cancel: (() => void) | null = null;
  /** When the timer ends, on the manager's time. */
  #until = Number.POSITIVE_INFINITY;
  #looking = false;
  #again = false;
  #closed = false;

  constructor(options: TimekeeperOptions) {
    this.#options = options;
  }

  /** A job is stored so: its times may come before those known of. */
  note(job: JobRecord): void {
    const { wall, steady } = waitsOf(job);
    const { clock, time } = this.#options;
    const now = time.now();
    const first = Math.min(wall === null ? Number.POSITIVE_INFINITY : now + (wall - clock.now()), ...steady);
    if (first === Number.POSITIVE_INFINITY) return;
    if (this.#looking) this.#again = true;
    else if (first < this.#until) this.#arm(first);
  }

  /** Does what is due, and sets the timer for what is next. */
  look(): void {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    void this.#round()
      .catch((error: unknown) => {
        if (this.#closed) return;
        this.#options.logger.warn({ err: error }, "the timers of jobs could not be read and are tried again");
        return this.#options.time.now() + RETRY_MS;
      })
      .then((until) => {
        this.#looking = false;
        if (this.#closed) return;
        const isOver = typeof until === "number" && until <= this.#options.time.now();
        if (typeof until === "number" && !isOver) this.#arm(until);
        if (!this.#again && !isOver) return;
        this.#again = false;
        this.look();
      });
  }

  close(): void {
    this.#closed = true;
    this.#disarm();
  }

  /** Answers until when, on the manager's time, there is nothing to do; null: for ever. */
  async #round(): Promise<number | null> {
    const { store, clock, time, onDue, logger } = this.#options;
    this.#disarm();
    /** Since something was done. */
    let looks = 0;
    for (;;) {
      looks++;
      const due = await store.due({ wall: clock.now(), steady: time.now() }, BATCH);
      if (this.#closed) return null;
      const done = await Promise.allSettled(due.map(onDue));
      for (const each of done) {
        if (each.status === "rejected") logger.warn({ err: each.reason }, "what was due for a job is tried again");
      }
      if (done.some((each) => each.status === "fulfilled" && each.value)) {
        looks = 0;
        continue;
      }
      const next = await store.nextDue();
      const delays = [
        ...(next.wall === null ? [] : [next.wall - clock.now()]),
        ...(next.steady === null ? [] : [next.steady - time.now()]),
      ];
      if (delays.length === 0) return null;
      const delayMs = Math.min(...delays);
      if (delayMs > 0) return time.now() + delayMs;
      // Still due: a running job takes its time to end. What was not due a moment ago is done at once; where nothing is found
      // even so, it is the time of a row that cannot be read, and to look for it without a rest would hold the loop for ever.
      if (due.length > 0 || looks > 1) return time.now() + RETRY_MS;
    }
  }

  #arm(until: number): void {
    this.#disarm();
    if (this.#closed) return;
    const { time } = this.#options;
    const now = time.now();
    const capped = Math.min(Math.max(0, until - now), MAX_DELAY_MS);
    this.#until = now + capped;
    this.#cancel = time.after(capped, () => {
      this.#disarm();
      this.look();
    });
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#until = Number.POSITIVE_INFINITY;
  }
}

function waitsOf(job: JobRecord): { readonly wall: number | null; readonly steady: readonly number[] } {
  const condition = job.status === "suspended" ? job.wake?.condition : undefined;
  const steady = [condition?.due, job.status === "queued" ? job.notBefore : null, job.deadline];
  return { wall: condition?.at ?? null, steady: steady.filter((time) => typeof time === "number") };
}
