import type { JobStatus } from "../../src/index.js";

/*
 * The reference: what becomes of jobs, written from docs/jobs.md and without a look at the code. It knows neither stores nor
 * attempts' code nor time but as numbers, and decides everything at once.
 */

export type Order = "pause" | "resume" | "cancel" | "retry";

/** The table of docs/jobs.md. `same`: nothing changes; `end`: once the attempt has ended; `no`: `INVALID_TRANSITION`. */
const ORDERS: Readonly<Record<Order, Readonly<Record<JobStatus, JobStatus | "same" | "end" | "no">>>> = {
  pause: {
    queued: "paused",
    running: "end",
    suspended: "paused",
    paused: "same",
    completed: "no",
    failed: "no",
    cancelled: "no",
  },
  resume: {
    queued: "same",
    running: "same",
    suspended: "same",
    paused: "queued",
    completed: "no",
    failed: "no",
    cancelled: "no",
  },
  cancel: {
    queued: "cancelled",
    running: "end",
    suspended: "cancelled",
    paused: "cancelled",
    completed: "no",
    failed: "no",
    cancelled: "same",
  },
  retry: {
    queued: "no",
    running: "no",
    suspended: "no",
    paused: "no",
    completed: "no",
    failed: "queued",
    cancelled: "no",
  },
};

/** How an attempt ends. */
export type Outcome =
  | "completed"
  | "failed"
  | "trapped"
  | "interrupted"
  | "sleeps"
  | "awaits children"
  | "awaits event";

/** What an order is answered: at once, when the attempt ends, or with a refusal. */
export type Answer = "now" | "at the end" | "refused";

type Wait =
  | { readonly kind: "time"; readonly at: number }
  | { readonly kind: "children" }
  | { readonly kind: "event"; readonly after: number };

/** A job as docs/jobs.md sees it. */
export interface ModelJob {
  readonly parent: number | null;
  readonly priority: number;
  status: JobStatus;
  attempt: number;
  checkpoint: number;
  /** Attempts since the last progress. */
  tries: number;
  /** Of a running job: what it was told. `back`: to the queue. */
  told: "pause" | "cancel" | "back" | null;
  /** When it was told to cancel: its handler has a second. */
  toldAt: number;
  /** Of a suspended job, or of one that was paused so. */
  wait: Wait | null;
  /** Of a queued job that has failed. */
  notBefore: number | null;
  /** It was retried after its parent's cancel. */
  outlives: boolean;
  /** It is in the queue since before the step that is looked at. */
  queuedBefore: boolean;
  /** How it was before it was cancelled with its parent in the step that is looked at; else null. */
  before: Pick<ModelJob, "notBefore" | "status" | "told" | "toldAt" | "wait"> | null;
}

export const MAX_RUNNING = 2;
export const RETRY_LIMIT = 3;
export const SLEEP_MS = 5_000;
export const GRACE_MS = 1_000;
/** Before the second attempt; doubled before each further one. */
export const BACKOFF_MS = 1_000;

const ENDED: readonly JobStatus[] = ["completed", "failed", "cancelled"];

export class JobModel {
  readonly jobs: ModelJob[] = [];
  now = 0;
  #events = 0;

  /** A step begins: what is queued now has the right of way over what this step queues. */
  begin(): void {
    this.now++;
    for (const job of this.jobs) {
      job.queuedBefore = job.status === "queued" && job.notBefore === null;
      job.before = null;
    }
  }

  running(): ModelJob[] {
    return this.jobs.filter(({ status }) => status === "running");
  }

  ready(): ModelJob[] {
    return this.jobs.filter(({ status, notBefore }) => status === "queued" && notBefore === null);
  }

  dispatch(parent: number | null, priority: number): void {
    this.jobs.push({
      parent,
      priority,
      status: "queued",
      attempt: 0,
      checkpoint: 0,
      tries: 0,
      told: null,
      toldAt: 0,
      wait: null,
      notBefore: null,
      outlives: false,
      queuedBefore: false,
      before: null,
    });
  }

  order(order: Order, job: ModelJob): Answer {
    const to = ORDERS[order][job.status];
    switch (to) {
      case "no":
        return "refused";
      case "same":
        if (job.told !== "pause") return "now";
        job.told = "back";
        return "at the end";
      case "end":
        if (job.told !== "cancel") {
          job.told = order === "cancel" ? "cancel" : "pause";
          job.toldAt = this.now;
        }
        return "at the end";
      default:
        job.notBefore = null;
        if (order === "retry") {
          job.tries = 0;
          job.outlives ||= this.#parentOf(job)?.status === "cancelled";
        }
        if (to === "paused") job.tries = 0;
        if (to === "cancelled") job.wait = null;
        job.status = to === "queued" && job.wait !== null ? "suspended" : to;
        return "now";
    }
  }

  checkpoint(job: ModelJob): void {
    job.checkpoint++;
    job.tries = 0;
  }

  emit(): void {
    this.#events++;
  }

  /** An attempt's code ends. */
  end(job: ModelJob, outcome: Outcome): void {
    const { told } = job;
    job.told = null;
    if (told === "cancel") {
      job.status = "cancelled";
      return;
    }
    switch (outcome) {
      case "completed":
      case "failed":
        job.status = outcome;
        return;
      case "trapped":
        if (job.tries >= RETRY_LIMIT) job.status = "failed";
        else if (told === "pause") this.#pause(job);
        else {
          job.status = "queued";
          job.notBefore = this.now + BACKOFF_MS * 2 ** Math.max(0, job.tries - 1);
        }
        return;
      case "interrupted":
        // Nobody had told it to.
        if (told === null) job.status = "failed";
        else if (told === "pause") this.#pause(job);
        else this.#back(job);
        return;
      default:
        job.checkpoint++;
        job.tries = 0;
        job.wait = this.#waitOf(outcome);
        job.status = told === "pause" ? "paused" : "suspended";
    }
  }

  advance(byMs: number): void {
    this.now += byMs;
    for (const job of this.running()) {
      if (job.told === "cancel" && job.toldAt + GRACE_MS <= this.now) this.end(job, "interrupted");
    }
  }

  /** The handlers go away, and others come: those that run go back when they end. */
  reload(): void {
    for (const job of this.running()) job.told ??= "back";
  }

  /** The host closes, and every attempt ends as it is told. */
  restart(): void {
    for (const job of this.running()) {
      job.told ??= "back";
      this.end(job, "interrupted");
    }
  }

  /** The host dies, and what it was told with it; the next one counts it against the jobs that ran. */
  kill(): void {
    for (const job of this.running()) {
      job.told = null;
      job.status = job.tries < RETRY_LIMIT ? "queued" : "failed";
    }
  }

  /** What follows by itself, but for the starts. */
  settle(): void {
    for (let changes = true; changes; ) {
      changes = false;
      for (const [index, job] of this.jobs.entries()) {
        if (job.status === "suspended" && this.#isOver(job.wait, index)) {
          job.wait = null;
          job.status = "queued";
        }
        if (job.notBefore !== null && job.notBefore <= this.now) job.notBefore = null;
      }
      for (const job of this.jobs) {
        const isDoomed = !job.outlives && this.#parentOf(job)?.status === "cancelled" && !ENDED.includes(job.status);
        if (!isDoomed || job.told === "cancel") continue;
        const { notBefore, status, told, toldAt, wait } = job;
        job.before = { notBefore, status, told, toldAt, wait };
        this.order("cancel", job);
        changes = true;
      }
    }
  }

  /** One that is ready has been claimed. */
  start(job: ModelJob): void {
    job.status = "running";
    job.attempt++;
    job.tries++;
  }

  /** It was ready, was cancelled with its parent, and had just been claimed: its attempt is told, and its children are not yet. */
  startLate(job: ModelJob): void {
    job.before = null;
    this.start(job);
    job.told = "cancel";
    job.toldAt = this.now;
    this.#spareChildren(job);
  }

  /** What is wrong with starting just these: places are used, and those of higher priority come first. */
  faultOfStarts(started: readonly ModelJob[]): string | null {
    const waiting = this.ready().filter((job) => !started.includes(job));
    const places = MAX_RUNNING - this.running().length;
    if (started.length > places) return `${started.length} started, and there are ${places} places`;
    if (waiting.length > 0 && started.length < places) return "one waits, and there is a place";
    const passed = waiting.find((job) => job.queuedBefore && started.some((other) => other.priority < job.priority));
    return passed === undefined ? null : `job ${this.jobs.indexOf(passed)} has a higher priority, and waits`;
  }

  #spareChildren(parent: ModelJob): void {
    for (const job of this.jobs) {
      if (this.#parentOf(job) !== parent || job.before === null) continue;
      Object.assign(job, job.before);
      job.before = null;
      this.#spareChildren(job);
    }
  }

  #pause(job: ModelJob): void {
    job.status = "paused";
    job.tries = 0;
  }

  #back(job: ModelJob): void {
    job.status = "queued";
    job.tries = 0;
  }

  #parentOf({ parent }: ModelJob): ModelJob | undefined {
    return parent === null ? undefined : this.jobs[parent];
  }

  #waitOf(outcome: "sleeps" | "awaits children" | "awaits event"): Wait {
    if (outcome === "awaits children") return { kind: "children" };
    return outcome === "sleeps" ? { kind: "time", at: this.now + SLEEP_MS } : { kind: "event", after: this.#events };
  }

  #isOver(wait: Wait | null, index: number): boolean {
    switch (wait?.kind) {
      case "time":
        return wait.at <= this.now;
      case "event":
        return this.#events > wait.after;
      case "children":
        return !this.jobs.some(({ parent, status }) => parent === index && !ENDED.includes(status));
      default:
        return false;
    }
  }
}
