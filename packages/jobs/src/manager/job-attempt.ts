import {
  type Caller,
  type CallOptions,
  type Clock,
  formatMethod,
  envelopeJson,
  fromEnvelope,
  isEnvelope,
  isSpacedriveError,
  type JobId,
  type JobIdentity,
  type JsonLimits,
  type LibraryId,
  type Logger,
  type OperationDefinition,
  parseJson,
  SpacedriveError,
  type Wire,
} from "@spacedrive/wire";
import type { z } from "zod";
import type { JobRecord } from "../job.js";
import type { Interrupt, JobContext } from "../job-context.js";
import { attemptNotRunning } from "../job-errors.js";
import { entryText, type HistoryNotes } from "../history.js";
import type { JobReport } from "../job-steps.js";
import { JobJournal, type JournalSettings } from "../journal/job-journal.js";
import type { JobStore } from "../store/job-store.js";
import { checkStateSize } from "../state-limit.js";
import { takeWritten } from "../written-state.js";
import { refusalIn } from "./attempt-end.js";
import { HistoryBuffer } from "./history-buffer.js";
import { LiveReport } from "./job-report.js";

export interface JobAttemptOptions extends JournalSettings {
  /** As it was claimed. */
  readonly job: JobRecord;
  /** The extension that owns the job's type. */
  readonly extension: string | null;
  readonly store: JobStore;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called after each change that a watcher can see. */
  readonly onChange: () => void;
  /** Nobody knows whether what the attempt last did is there: it must not go on. */
  readonly onUnconfirmed: () => void;
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
  #refused: SpacedriveError | null = null;
  #misled = false;
  /** What it did that is not yet stored. */
  readonly #history: HistoryBuffer;
  /** Null until {@link open}. */
  #journal: JobJournal | null = null;
  /** Calls and checkpoints run one after another: a checkpoint covers exactly the calls made before it. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: JobAttemptOptions) {
    const { job, extension } = options;
    this.id = job.id;
    this.type = job.type;
    this.library = job.library;
    this.attempt = job.attempt;
    this.identity = { id: job.id, type: job.type, attempt: job.attempt, library: job.library };
    this.caller =
      extension === null ? { kind: "job", job: this.identity } : { kind: "extension", extension, job: this.identity };
    this.#options = options;
    this.#stored = job;
    this.#report = new LiveReport(job);
    this.#history = new HistoryBuffer(options.clock.now(), options.store.historyLimits?.entries);
  }

  /**
   * Readies what the job is to be answered before it is where it was. Before anything else of the attempt.
   *
   * @throws SpacedriveError as the store.
   */
  async open(): Promise<void> {
    this.#journal = await JobJournal.open({
      ...this.#options,
      checkRunning: () => this.#checkRunning(),
      onDrained: () => this.#tell(),
      onMismatch: (message) => this.addWarning(message),
      onProgress: () => {
        this.#stored = { ...this.#stored, attemptsSinceProgress: 0 };
      },
    });
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
    this.#change(() => {
      this.#report.warning(message);
      this.#history.add({ kind: "warning", at: this.#options.clock.now(), message: entryText(message) });
    });
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
      if (this.#misled) this.signal.throwIfAborted();
      const { store, clock } = this.#options;
      const at = clock.now();
      const { consumed } = this;
      const storedWarnings = this.#stored.warnings.length;
      const history = this.#history.due(at);
      const snapshot = { state, report, storedWarnings, consumed, history, at };
      try {
        await store.checkpoint(this.id, this.attempt, snapshot);
      } catch (error) {
        this.#note(error);
        throw error;
      }
      this.#refused = null;
      if (history !== null) this.#history.flushed(history, at);
      const checkpoint = this.#stored.checkpoint + 1;
      const made = { ...report, state, checkpoint, consumed, attemptsSinceProgress: 0, updatedAt: at };
      this.#stored = { ...this.#stored, ...made };
      this.#journal?.checkpointed(consumed);
      this.#history.add({ kind: "checkpoint", at, checkpoint, bytes: Buffer.byteLength(state) });
    });
    if (!this.#ended) this.#options.onChange();
  }

  /**
   * A pause waits until the job is where it was when it was interrupted last: before, it would checkpoint a state that is
   * behind its effects.
   */
  interrupt(): Interrupt {
    return this.#interrupt === "pause" && this.#journal?.replaying === true ? "none" : this.#interrupt;
  }

  onInterrupt(listener: (interrupt: Interrupt) => void): () => void {
    this.#listeners.add(listener);
    const interrupt = this.interrupt();
    if (interrupt !== "none") listener(interrupt);
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
    const method = typeof target === "string" ? target : formatMethod(target);
    return this.#inTurn(() =>
      this.#noted(method, () => {
        const options = this.#callOptions(this.library);
        return typeof target === "string" ? wire.call(target, input, options) : wire.call(target, input, options);
      }),
    );
  }

  async callJson(method: string, payload: string, library: LibraryId | null, limits: JsonLimits = {}): Promise<string> {
    try {
      return await this.#inTurn(() =>
        this.#noted(
          method,
          () => this.#options.wire.callJson(method, payload, { ...this.#callOptions(library), ...limits }),
          errorOfReply,
        ),
      );
    } catch (error) {
      return envelopeJson(error);
    }
  }

  /** Tells the handler what is wanted of it. `cancel` is not taken back by `pause`. */
  order(interrupt: Interrupt): void {
    if (this.#ended || interrupt === this.#interrupt || this.#interrupt === "cancel") return;
    this.#interrupt = interrupt;
    this.#tell();
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

  /**
   * What the store refused last, for a reason that is none of the job's, where it has taken nothing since: an attempt that
   * fails after that has not failed by itself.
   */
  get refused(): SpacedriveError | null {
    return this.#refused;
  }

  /**
   * It was refused calls because it is to stop, and may have gone on as if they had failed by themselves: what it makes of
   * that, neither its state nor its end, is what an undisturbed attempt would have made.
   */
  get misled(): boolean {
    return this.#misled;
  }

  /** What it did that is not yet stored. */
  get history(): HistoryNotes {
    return this.#history.held;
  }

  /** The number of the call that is being made, or was made last; 0: none was. */
  get callNumber(): number {
    return this.#journal?.call ?? 0;
  }

  /** The number up to which the job's calls are part of what it has done. */
  get consumed(): number {
    return this.#journal?.consumed ?? this.#stored.consumed;
  }

  /** Resolves once nothing of the attempt is on its way to a disk any more. After {@link end}. */
  async settled(): Promise<void> {
    await this.#tail;
  }

  #tell(): void {
    const interrupt = this.interrupt();
    if (interrupt === "none") return;
    for (const listener of this.#listeners) listener(interrupt);
  }

  #change(change: () => void): void {
    if (this.#ended) return;
    change();
    this.#options.onChange();
  }

  /** The one place where a job's call gets its identity and its journal. */
  #callOptions(library: LibraryId | null): CallOptions {
    return { caller: this.caller, library, signal: this.signal, recorder: this.#journal };
  }

  /** Makes a call, and notes it in the job's history. */
  async #noted<T>(
    method: string,
    call: () => Promise<T>,
    errorOf: (reply: T) => SpacedriveError | null = () => null,
  ): Promise<T> {
    const { clock } = this.#options;
    const at = clock.now();
    const answered = this.#journal?.answered;
    const note = (error: unknown): void => {
      const replayed = this.#journal?.answered !== answered;
      const durationMs = Math.max(0, clock.now() - at);
      const code = error === null ? null : isSpacedriveError(error) ? error.code : "INTERNAL";
      this.#history.add({ kind: "call", at, method: entryText(method), durationMs, code, replayed });
      if (error === null && method.startsWith("action:") && !replayed) this.#refused = null;
      else if (!replayed) this.#note(error);
    };
    try {
      const reply = await call();
      note(errorOf(reply));
      return reply;
    } catch (error) {
      note(error);
      throw error;
    }
  }

  /** Remembers what the store refused. */
  #note(error: unknown): void {
    const refused = isSpacedriveError(error) ? refusalIn(error) : null;
    if (refused === null) return;
    this.#refused = refused;
    if (refused.details["unconfirmed"] === true) this.#options.onUnconfirmed();
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

  #checkRunning(): void {
    this.#checkNotEnded();
    if (this.signal.aborted) this.#misled = true;
    this.signal.throwIfAborted();
  }
}

export function checkState(state: string, type: string): void {
  if (takeWritten(state)) {
    checkStateSize(state, `The state of job "${type}"`);
    return;
  }
  if (!state.isWellFormed()) {
    throw new SpacedriveError(
      "INVALID_STATE",
      `The state of job "${type}" has half a surrogate pair, which no disk keeps.`,
    );
  }
  checkStateSize(state, `The state of job "${type}"`);
  parseJson(state, `The state of job "${type}"`, "INVALID_STATE");
}

/** Where a reply is the error envelope, that error. Only that begins so: no output may have a field `error`. */
function errorOfReply(reply: string): SpacedriveError | null {
  if (!reply.startsWith('{"error":')) return null;
  const envelope = parseJson(reply, "a reply");
  return isEnvelope(envelope) ? fromEnvelope(envelope) : null;
}
