import type { Interrupt, JobContext, JobHandler, JobOutcome } from "@spacedrive/jobs";
import {
  describeIssues,
  type Clock,
  hasMoreJsonValues,
  isSpacedriveError,
  type Logger,
  OccasionalLine,
  parseJson,
  SpacedriveError,
  printableLine,
  printableText,
} from "@spacedrive/wire";
import type { z } from "zod";
import type { Guest, JobCalls } from "../guest/guest.js";
import { type JobRun, outcomeOf } from "./job-exit.js";

const MAX_TEXT = 8_192;

/** The fresh instance of an attempt. Disposed when that is over. */
export interface StartedAttempt extends AsyncDisposable {
  readonly guest: Guest;
}

export interface WasmJobExecutorOptions {
  readonly extension: string;
  readonly extensionVersion: string;
  /** `<extension>:<job>`. */
  readonly type: string;
  readonly exportName: string;
  readonly resumable: boolean;
  readonly maxConcurrent: number;
  /** JSON values of a state that it checkpoints. */
  readonly maxStateValues: number;
  /** JSON values of a result. */
  readonly maxResultValues: number;
  /** Null: any JSON. */
  readonly stateSchema: z.ZodType | null;
  /** Null: any JSON. */
  readonly resultSchema: z.ZodType | null;
  /** A place of the host at which an instance may work; rejects where `signal` aborts. */
  readonly place: (signal: AbortSignal) => Promise<Disposable>;
  /** Starts the fresh instance of an attempt, whose calls go through the job's context. */
  readonly start: (context: JobContext, signal: AbortSignal) => Promise<StartedAttempt>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An export of a guest as a job handler: each attempt gets a fresh instance. */
export class WasmJobExecutor implements JobHandler {
  readonly resumable: boolean;
  readonly extension: string;
  readonly extensionVersion: string;
  readonly maxConcurrent: number;
  readonly #options: WasmJobExecutorOptions;
  readonly #running = new Set<Attempt>();

  constructor(options: WasmJobExecutorOptions) {
    this.resumable = options.resumable;
    this.extension = options.extension;
    this.extensionVersion = options.extensionVersion;
    this.maxConcurrent = options.maxConcurrent;
    this.#options = options;
  }

  validate(state: unknown): void {
    const { stateSchema, type } = this.#options;
    const parsed = stateSchema?.safeParse(state);
    if (parsed === undefined || parsed.success) return;
    throw new SpacedriveError(
      "INVALID_INPUT",
      `"${type}" does not take these parameters: ${describeIssues(parsed.error)}`,
    );
  }

  async run(context: JobContext, state: string | null): Promise<JobOutcome> {
    const attempt = new Attempt(this.#options, context);
    this.#running.add(attempt);
    try {
      return await attempt.run(state);
    } finally {
      this.#running.delete(attempt);
    }
  }

  /**
   * Resolves once nothing runs. The job manager, by which the type was unregistered, has interrupted what does; whatever
   * is left after `deadlineMs` loses its instance.
   */
  async ended(deadlineMs: number): Promise<void> {
    const cancelDeadline = this.#options.clock.after(deadlineMs, () => {
      for (const attempt of this.#running) attempt.stop();
    });
    await Promise.all([...this.#running].map((attempt) => attempt.ended));
    cancelDeadline();
  }
}

/** One attempt of one job. */
class Attempt {
  readonly #options: WasmJobExecutorOptions;
  readonly #context: JobContext;
  readonly #stopping = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  readonly #refusals = new OccasionalLine();
  #guest: Guest | null = null;
  /** It was interrupted before there was a place for it. */
  #wasKept = false;
  #interrupt: Interrupt = "none";
  #checkpointed = false;
  #refused: SpacedriveError | null = null;
  #reason: string | null = null;
  #result: string | null = null;

  constructor(options: WasmJobExecutorOptions, context: JobContext) {
    this.#options = options;
    this.#context = context;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  async run(state: string | null): Promise<JobOutcome> {
    const { type, exportName, start } = this.#options;
    const signal = AbortSignal.any([this.#context.signal, this.#stopping.signal]);
    try {
      using _place = await this.#waitForPlace(signal);
      await using started = await start(this.#context, signal);
      const { guest } = started;
      this.#guest = guest;
      const unlisten = this.#context.onInterrupt((interrupt) => this.#tell(interrupt));
      try {
        const { id, library } = this.#context;
        const ids = JSON.stringify({ job_id: id, library_id: library });
        const exit = await guest.runJob(exportName, ids, state ?? "", this.#calls(), { signal });
        return this.#checkResult({
          ...exit,
          type,
          checkpointed: this.#checkpointed,
          refused: this.#refused,
          cancelling: this.#interrupt === "cancel",
          reason: this.#reason,
          result: this.#result,
        });
      } finally {
        unlisten();
      }
    } catch (error) {
      // It was stopped from outside, past its deadline or before it began: it goes on from its checkpoint.
      if ((signal.aborted || this.#wasKept) && !isFault(error)) return { kind: "interrupted" };
      throw error;
    } finally {
      this.#guest = null;
      this.#ended.resolve();
    }
  }

  /** Nobody has to wait for a job that has not begun: what interrupts it ends it. */
  async #waitForPlace(signal: AbortSignal): Promise<Disposable> {
    const interrupted = new AbortController();
    const unlisten = this.#context.onInterrupt(() => interrupted.abort());
    try {
      return await this.#options.place(AbortSignal.any([signal, interrupted.signal]));
    } catch (error) {
      this.#wasKept = interrupted.signal.aborted;
      throw error;
    } finally {
      unlisten();
    }
  }

  stop(): void {
    this.#stopping.abort();
  }

  #tell(interrupt: Interrupt): void {
    this.#interrupt = interrupt;
    this.#guest?.setInterrupt(INTERRUPT_WORDS[interrupt]);
  }

  #calls(): JobCalls {
    const context = this.#context;
    return {
      jobId: context.id,
      progress: (fraction, message) => context.reportProgress(fraction, printableText(message, MAX_TEXT)),
      checkpoint: (state) => this.#checkpoint(state),
      warning: (message) => context.addWarning(printableText(message, MAX_TEXT)),
      addBytes: (count) => context.incrementBytes(countOf(count)),
      addItems: (count) => context.incrementItems(countOf(count)),
      fail: (reason) => {
        this.#reason = printableText(reason, MAX_TEXT);
      },
      complete: (result) => {
        this.#result = result;
      },
    };
  }

  async #checkpoint(state: string): Promise<boolean> {
    const { maxStateValues } = this.#options;
    try {
      if (hasMoreJsonValues(state, maxStateValues)) {
        throw new SpacedriveError(
          "PAYLOAD_TOO_LARGE",
          `its state has more than the ${maxStateValues} JSON values that are allowed. Store what is large, and keep in it where that is.`,
        );
      }
      await this.#context.checkpoint(state);
      this.#checkpointed = true;
      this.#refused = null;
      return true;
    } catch (error) {
      this.#refused = isSpacedriveError(error) ? error : null;
      const { extension, logger, type } = this.#options;
      const reason = isSpacedriveError(error) ? error.message : "see err";
      const line = this.#refusals.say(`a checkpoint of "${type}" was refused: ${printableLine(reason, MAX_TEXT)}`);
      if (line !== null) logger.warn({ extension, job: this.#context.id, err: error }, line);
      return false;
    }
  }

  #checkResult(run: JobRun): JobOutcome {
    const { maxResultValues, resultSchema, type } = this.#options;
    if (run.code !== 0 || run.result === null) return outcomeOf(run);
    if (hasMoreJsonValues(run.result, maxResultValues)) {
      throw new SpacedriveError(
        "REPLY_TOO_LARGE",
        `The result that "${type}" gave to job_complete has more than the ${maxResultValues} JSON values that are allowed. Answer less, or in parts.`,
      );
    }
    const result = parseJson(run.result, `The result that "${type}" gave to job_complete`, "GUEST_ABI_VIOLATION");
    const parsed = resultSchema?.safeParse(result);
    if (parsed !== undefined && !parsed.success) {
      const issues = describeIssues(parsed.error);
      throw new SpacedriveError(
        "JOB_FAILED",
        `The result of "${type}" does not fit the schema in its manifest: ${issues}`,
      );
    }
    return outcomeOf(run);
  }
}

const INTERRUPT_WORDS = { none: 0, pause: 1, cancel: 2 } as const satisfies Record<Interrupt, number>;

/** A fault of the guest that happened to fall together with a stop is still a fault. */
function isFault(error: unknown): boolean {
  return isSpacedriveError(error) && error.code !== "CANCELLED" && error.code !== "UNLOADED";
}

function countOf(count: bigint): number {
  return count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(count);
}
