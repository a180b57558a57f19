import {
  type Clock,
  isSpacedriveError,
  type JobId,
  type Logger,
  type SpacedriveError,
  type Wire,
} from "@spacedrive/wire";
import type { HistoryNotes } from "../history.js";
import type { JobRecord } from "../job.js";
import type { JobHandler, JobOutcome } from "../job-handler.js";
import { claimJob, type JobReport, liftPause, noteWait } from "../job-steps.js";
import type { JobStore } from "../store/job-store.js";
import type { JournalSettings } from "../journal/job-journal.js";
import { checkStateSize } from "../state-limit.js";
import { conditionOf, lastEventOf } from "../wake-when.js";
import { checkAwaited } from "./awaited-children.js";
import { applyEnd } from "./apply-end.js";
import { type AttemptOutcome, endOf, type Intent, outcomeOfError } from "./attempt-end.js";
import type { Backoff } from "./backoff.js";
import type { JobContextRegistry } from "./context-registry.js";
import { checkState, JobAttempt } from "./job-attempt.js";
import { intentWith } from "./standing-order.js";
import type { ReadyJob } from "./ready-queue.js";
import type { SteadyTime } from "./steady-time.js";

/** What is left to a handler between the abort of its signal and being given up. */
const ABORT_GRACE_MS = 1_000;
/** How long to wait before an end that could not be written is written again. */
const STORE_RETRY_MS = 1_000;

export interface RunningJobOptions extends JournalSettings {
  readonly job: ReadyJob;
  readonly handler: JobHandler;
  readonly store: JobStore;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly contexts: JobContextRegistry;
  readonly interruptDeadlineMs: number;
  readonly time: SteadyTime;
  readonly retryLimit: number;
  readonly backoff: Backoff;
  /** Called after each change that a watcher can see. */
  readonly onChange: (id: JobId, record: () => JobRecord) => void;
}

/** One attempt of a job from its claim to its end, and the orders that it gets meanwhile. */
export class RunningJob {
  readonly job: ReadyJob;
  readonly handler: JobHandler;
  /**
   * The job as the attempt left it in the store. Rejects where the store failed: the job is then still `queued` or
   * `running` there, and the next start goes on from its last checkpoint.
   */
  readonly ended: Promise<JobRecord>;
  readonly #options: RunningJobOptions;
  readonly #claim = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<AttemptOutcome>();
  readonly #timers = new Set<() => void>();
  #attempt: JobAttempt | null = null;
  #intent: Intent = "run";
  #aborted = false;
  #started = false;
  #closing = false;
  readonly #closed = Promise.withResolvers<void>();
  #lost: SpacedriveError | null = null;

  constructor(options: RunningJobOptions) {
    this.job = options.job;
    this.handler = options.handler;
    this.#options = options;
    this.ended = this.#drive().finally(() => {
      this.#claim.resolve();
      for (const cancel of this.#timers) cancel();
    });
    this.ended.catch((error: unknown) => {
      // Where the whole store has failed, or lets nothing start for a while, that is told once.
      const waits = this.record === null && isSpacedriveError(error) && error.retryable;
      if (this.#lost === null && !waits)
        options.logger.error(
          { job: this.job.id, type: this.job.type, err: error },
          "a job could not be written to its store",
        );
    });
  }

  /** The job as it is now, or null before its claim is durable. */
  get record(): JobRecord | null {
    return this.#attempt?.record ?? null;
  }

  /** The job as it is now, once its claim is durable; where it was not claimed, as {@link ended}. */
  get claimed(): Promise<JobRecord> {
    return this.#claim.promise.then(() => this.record ?? this.ended);
  }

  /** The number of the job's call that is being made; 0: it has made none. */
  get callNumber(): number {
    return this.#attempt?.callNumber ?? 0;
  }

  /** What the attempt did that is not yet stored. */
  get history(): HistoryNotes {
    return this.#attempt?.history ?? { entries: [], missed: 0 };
  }

  pause(): void {
    if (this.#intent === "run" || this.#intent === "release")
      this.#interrupt("pause", this.#options.interruptDeadlineMs);
  }

  /** Takes a pause back. The handler may have seen it, so the attempt ends all the same, and the job is queued again. False: none was wanted. */
  resume(): boolean {
    if (this.#intent !== "pause") return false;
    this.#intent = "release";
    return true;
  }

  /** Takes a pause out of its row, after {@link resume}; false: there is none. Once it is paused already, waits for that. */
  async liftPause(): Promise<boolean> {
    const { store, clock } = this.#options;
    const { id } = this.job;
    const stored = await store.get(id);
    const isPaused = stored?.status === "paused" && this.#intent !== "pause";
    if (isPaused) await this.ended;
    else if (stored?.ordered !== "pause") return false;
    else await store.update(id, (job) => liftPause(job, clock.now()));
    return true;
  }

  cancel(): void {
    this.#intent = "cancel";
    this.#attempt?.order("cancel");
    this.#abort();
  }

  /** Its deadline has passed: it ends in `failed`, unless it is cancelled or completes just now. */
  expire(): void {
    if (this.#intent === "cancel" || this.#intent === "expire") return;
    this.#intent = "expire";
    this.#attempt?.order("cancel");
    this.#abort();
  }

  /** The handler goes away, or the host does: back to the queue within `deadlineMs`. */
  release(deadlineMs: number): void {
    if (this.#intent === "cancel" || this.#intent === "expire") return;
    this.#interrupt(this.#intent === "pause" ? "pause" : "release", deadlineMs);
  }

  /** As {@link release}; and an end that the store refuses is given up instead of tried again. */
  close(deadlineMs: number): void {
    this.#closing = true;
    this.#closed.resolve();
    this.release(deadlineMs);
  }

  /** Its store takes nothing more: it ends at once, nothing is written of that, and `ended` rejects. */
  lose(error: SpacedriveError): void {
    this.#lost = error;
    this.#closed.resolve();
    if (this.#intent === "run") this.#intent = "release";
    this.#attempt?.order("pause");
    this.#abort();
  }

  #interrupt(intent: "pause" | "release", deadlineMs: number): void {
    this.#intent = intent;
    // What cannot be resumed may still end by itself before the deadline.
    if (this.handler.resumable) this.#attempt?.order("pause");
    this.#after(deadlineMs, () => this.#abort());
  }

  #abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#attempt?.abort();
    this.#after(ABORT_GRACE_MS, () => this.#stopped.resolve({ kind: "stopped" }));
  }

  #after(delayMs: number, callback: () => void): void {
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
  }

  async #drive(): Promise<JobRecord> {
    const { store, clock, contexts, handler, logger } = this.#options;
    const { id, type } = this.job;
    const by = { extensionVersion: handler.extensionVersion, resumable: handler.resumable };
    let claimed: JobRecord;
    try {
      claimed = await store.update(id, (job) => claimJob(job, { ...by, at: clock.now() }));
    } catch (error) {
      const left = isSpacedriveError(error) && error.code === "INVALID_TRANSITION" ? await store.get(id) : null;
      // Somebody cancelled or paused it a moment ago: it stays as they left it.
      if (left !== null) return left;
      throw error;
    }
    const changed = (): void => this.#options.onChange(id, () => attempt.record);
    const attempt = new JobAttempt({
      ...this.#options,
      job: claimed,
      extension: handler.extension,
      onChange: changed,
      onUnconfirmed: () => this.#abort(),
    });
    this.#attempt = attempt;
    this.#claim.resolve();
    changed();
    const outcome = await this.#run(attempt, claimed.state, contexts);
    const report = attempt.end();
    await attempt.settled();
    // Cancels, pauses and releases ordered from here on come too late for the outcome, not for the intent.
    const record = await this.#write(outcome, attempt, report);
    logger.debug({ job: id, type, status: record.status, attempt: attempt.attempt }, "a job's attempt ended");
    return record;
  }

  async #run(attempt: JobAttempt, state: string | null, contexts: JobContextRegistry): Promise<AttemptOutcome> {
    // Interrupted between claim and start: the handler has nothing to save.
    if (this.#intent !== "run") return { kind: "stopped" };
    this.#started = true;
    const remove = contexts.add(attempt);
    try {
      await attempt.open();
      const outcome = await Promise.race([this.#stopped.promise, this.handler.run(attempt, state)]);
      if (outcome.kind === "suspended") await checkSuspension(outcome, attempt, this.#options.store);
      if (outcome.kind === "completed") checkStateSize(outcome.result ?? "", `The result of job "${attempt.type}"`);
      return attempt.misled && outcome.kind !== "failed" ? { kind: "stopped" } : outcome;
    } catch (thrown) {
      if (!isSpacedriveError(thrown)) {
        this.#options.logger.error({ job: attempt.id, type: attempt.type, err: thrown }, "a job's handler threw");
      }
      return outcomeOfError(thrown, attempt.type);
    } finally {
      remove();
    }
  }

  async #write(outcome: AttemptOutcome, attempt: JobAttempt, report: JobReport): Promise<JobRecord> {
    const { store, clock, logger, time, retryLimit, backoff } = this.#options;
    const { id, type } = this.job;
    const { consumed } = attempt;
    const until = outcome.kind === "suspended" ? (outcome.until ?? {}) : {};
    let known: number | null = null;
    let refused = false;
    for (;;) {
      if (this.#lost !== null) throw this.#lost;
      try {
        // An event counts that comes after the attempt has ended, also where its end cannot be written at once.
        const lastEvent = (known ??= await lastEventOf(until, store));
        const step = (job: JobRecord): JobRecord => {
          // What never started has nothing to lose.
          const resumable = this.handler.resumable || !this.#started;
          const attempts = job.attemptsSinceProgress;
          const intent = intentWith(this.#intent, job.ordered);
          const how = { type, resumable, aborted: this.#aborted, attempts, retryLimit, refused: attempt.refused };
          const end = endOf(intent, outcome, how);
          const now = { wall: clock.now(), steady: time.now() };
          const applied = { attempt: attempt.attempt, report, consumed, now, lastEvent, backoff };
          return noteWait(applyEnd(job, end, applied), now.steady);
        };
        return await store.update(id, step, attempt.history);
      } catch (error) {
        if (this.#closing || !isSpacedriveError(error) || !error.retryable) throw error;
        if (!refused) logger.warn({ job: id, type, err: error }, "a job's end could not be written and is tried again");
        refused = true;
        const later = new Promise<void>((resolve) => this.#after(STORE_RETRY_MS, resolve));
        await Promise.race([later, this.#closed.promise]);
      }
    }
  }
}

/** @throws SpacedriveError `INVALID_INPUT`, `INVALID_STATE`, `PAYLOAD_TOO_LARGE` or `NOT_FOUND` where the job cannot wait so. */
async function checkSuspension(
  { state, until }: Extract<JobOutcome, { kind: "suspended" }>,
  { id, type }: Pick<JobAttempt, "id" | "type">,
  store: JobStore,
): Promise<void> {
  if (state !== undefined) checkState(state, type);
  if (until === undefined) return;
  conditionOf(until, type, { steady: 0, lastEvent: 0 });
  await checkAwaited(store, id, until.children);
}
