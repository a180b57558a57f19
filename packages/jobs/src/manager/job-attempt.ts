import {
  type Caller,
  type CallOptions,
  type Clock,
  type JobId,
  type JobIdentity,
  type LibraryId,
  type OperationDefinition,
  parseJson,
  SpacedriveError,
  toEnvelope,
  type Wire,
} from "@spacedrive/wire";
import type { z } from "zod";
import type { JobRecord } from "../job.js";
import type { Interrupt, JobContext } from "../job-context.js";
import { attemptNotRunning } from "../job-errors.js";
import type { JobReport } from "../job-steps.js";
import type { JobStore } from "../store/job-store.js";
import { LiveReport } from "./job-report.js";

export interface JobAttemptOptions {
  /** As it was claimed. */
  readonly job: JobRecord;
  /** The extension that owns the job's type. */
  readonly extension: string | null;
  readonly store: JobStore;
  readonly wire: Wire;
  readonly clock: Clock;
  /** Called after each change that a watcher can see. */
  readonly onChange: () => void;
}

/** One attempt's `JobContext`, and the manager's hold on it: `order`, `abort`, `end`. */
export class JobAttempt implements JobContext {
  readonly id: JobId;
  readonly type: string;
  readonly library: LibraryId;
  readonly attempt: number;
  readonly identity: JobIdentity;
  readonly caller: Caller;
  readonly #options: JobAttemptOptions;
  readonly #report: LiveReport;
  readonly #controller = new AbortController();
  readonly #listeners = new Set<(interrupt: Interrupt) => void>();
  /** What the last checkpoint of this attempt, or the claim, left in the store. */
  #stored: JobRecord;
  #interrupt: Interrupt = "none";
  #ended = false;
  /** Calls and checkpoints run one after another: a checkpoint covers exactly the calls made before it. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: JobAttemptOptions) {
    const { job, extension } = options;
    this.id = job.id;
    this.type = job.type;
    this.library = job.library;
    this.attempt = job.attempt;
    this.identity = { id: job.id, type: job.type, attempt: job.attempt };
    this.caller =
      extension === null ? { kind: "job", job: this.identity } : { kind: "extension", extension, job: this.identity };
    this.#options = options;
    this.#stored = job;
    this.#report = new LiveReport(job);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The job as it is now: what is stored, under what was reported since. */
  get record(): JobRecord {
    return { ...this.#stored, ...this.#report.current };
  }

  reportProgress(fraction: number, message?: string): void {
    this.#change(() => this.#report.progress(fraction, message));
  }

  addWarning(message: string): void {
    this.#change(() => this.#report.warning(message));
  }

  incrementBytes(count: number): void {
    this.#change(() => this.#report.bytes(count));
  }

  incrementItems(count: number): void {
    this.#change(() => this.#report.items(count));
  }

  async checkpoint(state: string): Promise<void> {
    this.#checkNotEnded();
    checkState(state, this.type);
    // What is reported while the checkpoint waits for its turn belongs to the next one.
    const report = this.#report.current;
    await this.#inTurn(async () => {
      const { store, clock } = this.#options;
      const at = clock.now();
      await store.checkpoint(this.id, this.attempt, {
        state,
        report,
        storedWarnings: this.#stored.warnings.length,
        at,
      });
      const checkpoint = this.#stored.checkpoint + 1;
      this.#stored = { ...this.#stored, ...report, state, checkpoint, attemptsSinceProgress: 0, updatedAt: at };
    });
    if (!this.#ended) this.#options.onChange();
  }

  interrupt(): Interrupt {
    return this.#interrupt;
  }

  onInterrupt(listener: (interrupt: Interrupt) => void): () => void {
    this.#listeners.add(listener);
    if (this.#interrupt !== "none") listener(this.#interrupt);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  call<Input extends z.ZodType, Output extends z.ZodType>(
    operation: OperationDefinition<"query" | "action", "library" | "host", Input, Output>,
    input: z.input<Input>,
  ): Promise<z.output<Output>>;
  call(method: string, input: unknown): Promise<unknown>;
  async call(target: string | OperationDefinition, input: unknown): Promise<unknown> {
    const { wire } = this.#options;
    return this.#inTurn(() => {
      const options = this.#callOptions(this.library);
      return typeof target === "string" ? wire.call(target, input, options) : wire.call(target, input, options);
    });
  }

  async callJson(method: string, payload: string, library: LibraryId | null): Promise<string> {
    try {
      if (method.startsWith("action:") && library !== null && library !== this.library)
        throw this.#foreignLibrary(method);
      return await this.#inTurn(() => this.#options.wire.callJson(method, payload, this.#callOptions(library)));
    } catch (error) {
      return JSON.stringify(toEnvelope(error));
    }
  }

  /** Tells the handler what is wanted of it. `cancel` is not taken back by `pause`. */
  order(interrupt: Interrupt): void {
    if (this.#ended || interrupt === this.#interrupt || this.#interrupt === "cancel") return;
    this.#interrupt = interrupt;
    for (const listener of this.#listeners) listener(interrupt);
  }

  /** Ends whatever the handler waits for. */
  abort(): void {
    this.#controller.abort(new SpacedriveError("CANCELLED", `Job ${this.id} (${this.type}) was stopped.`));
  }

  /** Makes the context void, and answers what it reported last. */
  end(): JobReport {
    this.#ended = true;
    this.#listeners.clear();
    this.abort();
    return this.#report.current;
  }

  #change(change: () => void): void {
    if (this.#ended) return;
    change();
    this.#options.onChange();
  }

  /** The one place where a job's call gets its identity; its journal (wire's `Recorder`) belongs here too. */
  #callOptions(library: LibraryId | null): CallOptions {
    return { caller: this.caller, library, signal: this.signal };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => {
      this.#checkNotEnded();
      return work();
    });
    this.#tail = result.catch(() => {});
    return result;
  }

  #checkNotEnded(): void {
    if (this.#ended) throw attemptNotRunning(this.id, this.attempt);
  }

  #foreignLibrary(method: string): SpacedriveError {
    return new SpacedriveError(
      "LIBRARY_ACCESS_DENIED",
      `Job "${this.type}" may not call "${method}" on another library: a job's actions go to its own, ${this.library}.`,
    );
  }
}

function checkState(state: string, type: string): void {
  if (!state.isWellFormed()) {
    throw new SpacedriveError(
      "INVALID_STATE",
      `The state of job "${type}" has half a surrogate pair, which no disk keeps.`,
    );
  }
  parseJson(state, `The state of job "${type}"`, "INVALID_STATE");
}
