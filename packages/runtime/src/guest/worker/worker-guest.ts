import { type Clock, parseJobId, type SpacedriveError, systemClock, uuidToBytes } from "@spacedrive/wire";
import type { GuestStackReader } from "../../abi/guest-stack.js";
import { BARE_SIGNATURES, HANDLER_SIGNATURE, KNOWN_EXPORTS } from "../../abi/host-function-signatures.js";
import type { CallLimits, Guest, HostCalls, JobCalls, JobExit } from "../guest.js";
import type { GuestLimits } from "../limits.js";
import { type StartMessage, TO_GUEST, TO_HOST, WORD } from "./channel-layout.js";
import { GuestErrors } from "./guest-errors.js";
import { GuestRequests } from "./guest-requests.js";
import { GuestSignals } from "./guest-signals.js";
import type { GuestThread, GuestThreadListener } from "./guest-thread.js";
import type { ThreadPool } from "./thread-pool.js";
import type { Ticker, Ticking } from "./ticker.js";

/** What all instances of a module share. */
export interface GuestIdentity {
  readonly name: string;
  readonly module: WebAssembly.Module;
  /** Handed to each thread, where it compiles the module by itself. */
  readonly bytes?: Uint8Array;
  readonly maxPages: number;
  readonly limits: GuestLimits;
  readonly stackReader: GuestStackReader;
  /** Signatures of the exported functions; null where only the running guest knows what it answers to. */
  readonly exports: ReadonlyMap<string, string> | null;
  /** False: a thread runs one instance and ends with it. Default true. */
  readonly reusesThreads?: boolean;
  /** What its start is called in messages. Default: `plugin_init`. */
  readonly startName?: string;
  /** Milliseconds that an instance has to end by itself once it is told (`DROP`), in which it can only log. Default 0: it is not told. */
  readonly endMs?: number;
}

export interface WorkerGuestOptions {
  readonly identity: GuestIdentity;
  readonly host: HostCalls;
  readonly pool: ThreadPool;
  readonly ticker: Ticker;
  /** By which a job's silence is measured, beside real time. */
  readonly clock: Clock;
}

/** A thread whose instance grew beyond this is not used again: the memory comes back for certain only when it ends. */
const REUSABLE_PAGES = 64;
/** A clock that a test moves can pass a limit in no time: only a guest that is really silent for this long has passed it. */
const SILENT_FOR_CERTAIN_MS = 500;

/** The one call that is under way. */
interface PendingCall {
  readonly activity: string;
  readonly job: JobCalls | null;
  /** Reads the answer from the thread's data and resolves. Throws where the answer is not one. */
  readonly succeed: () => void;
  readonly fail: (error: SpacedriveError) => void;
  /** Takes back timer and listener. */
  readonly stop: () => void;
}

interface RunOptions {
  readonly activity: string;
  readonly timeoutMs: number | null;
  readonly signal: AbortSignal | undefined;
  readonly job?: JobCalls;
}

/** One instance in its thread, seen from the host. */
export class WorkerGuest implements Guest, GuestThreadListener, Ticking {
  readonly #identity: GuestIdentity;
  readonly #pool: ThreadPool;
  readonly #ticker: Ticker;
  readonly #clock: Clock;
  readonly #thread: GuestThread;
  readonly #signals: GuestSignals;
  readonly #requests: GuestRequests;
  readonly #errors: GuestErrors;
  readonly #abort = new AbortController();
  readonly #gone = Promise.withResolvers<void>();
  #alive = true;
  #started = false;
  #endedBy: SpacedriveError | null = null;
  #pending: PendingCall | null = null;
  #pages = 0;
  #lastLifeAt = 0;
  /** It was silent for all of its limit on the host's clock, which said so then. */
  #overdueSince: number | null = null;
  #stopSilenceTimer = (): void => {};

  constructor({ identity, host, pool, ticker, clock }: WorkerGuestOptions) {
    const { name, limits, stackReader } = identity;
    this.#identity = identity;
    this.#pool = pool;
    this.#ticker = ticker;
    this.#clock = clock;
    this.#thread = pool.take();
    this.#signals = new GuestSignals(this.#thread.words, this.#thread.shared, host);
    this.#requests = new GuestRequests({
      name,
      thread: this.#thread,
      host,
      limits,
      signal: this.#abort.signal,
      onFailure: (thrown) => this.#fail(this.#errors.hostFailed(this.#pending?.activity ?? "no call", thrown)),
    });
    this.#errors = new GuestErrors(name, limits, stackReader, identity.startName ?? "plugin_init");
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Resolves once the thread is gone or given back. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  async start(signal: AbortSignal | undefined): Promise<void> {
    const thread = this.#thread;
    thread.hold();
    // A cold thread's own start is not the guest's time.
    const ready = await thread.ready;
    thread.setListener(this);
    this.#signals.reset();
    const { module, maxPages, limits, bytes } = this.#identity;
    const start: StartMessage = { module, maxPages, limits, ...(bytes === undefined ? {} : { bytes }) };
    try {
      if (!ready && this.#alive) throw this.#errors.noThread(thread.cause);
      await this.#run(
        { activity: this.#errors.startName, timeoutMs: limits.initTimeoutMs, signal },
        () => {
          thread.starts++;
          thread.sendStart(start);
        },
        () => {},
      );
      this.#started = true;
    } catch (thrown) {
      const error = this.#errors.hostFailed(this.#errors.startName, thrown);
      this.#fail(error);
      await this.#gone.promise;
      throw this.#errors.start(error, this.#signals.lastError, this.#requests.refused);
    } finally {
      thread.release();
    }
  }

  async call(exportName: string, limits: CallLimits = {}): Promise<number> {
    this.#needExport(exportName, BARE_SIGNATURES);
    return this.#run(
      this.#options(exportName, limits),
      () => this.#thread.send(TO_GUEST.CALL, exportName),
      () => this.#value(),
    );
  }

  async handle(exportName: string, context: string, input: string, limits: CallLimits = {}): Promise<string> {
    this.#needHandler(exportName);
    this.#needSize("context", context);
    this.#needSize("input", input);
    return this.#run(
      this.#options(exportName, limits),
      () => this.#thread.send(TO_GUEST.HANDLE, exportName, context, input),
      () => this.#requests.answerText(exportName),
    );
  }

  async runJob(
    exportName: string,
    context: string,
    state: string,
    calls: JobCalls,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<JobExit> {
    this.#needHandler(exportName);
    this.#needSize("context", context);
    this.#needSize("state", state);
    const { words } = this.#thread;
    const id = uuidToBytes(parseJobId(calls.jobId));
    const idWords = new DataView(id.buffer);
    return this.#run(
      { activity: exportName, timeoutMs: null, signal: options.signal, job: calls },
      () => {
        for (let i = 0; i < 4; i++) words[WORD.ID + i] = idWords.getInt32(4 * i, true);
        words[WORD.INTERRUPT_SEEN] = 0;
        this.#thread.send(TO_GUEST.JOB, exportName, context, state);
      },
      () => ({ code: this.#value(), sawInterrupt: words[WORD.INTERRUPT_SEEN] === 1 }),
    );
  }

  setInterrupt(value: 0 | 1 | 2): void {
    if (this.#alive) Atomics.store(this.#thread.words, WORD.INTERRUPT, value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#alive && this.#started && this.#pending === null) this.#giveBack();
    else this.#fail(this.#errors.unloaded(this.#pending?.activity ?? "it"));
    await this.#gone.promise;
  }

  onMessage(kind: number): void {
    const pending = this.#pending;
    if (pending === null) return;
    const ends = kind === TO_HOST.END || kind === TO_HOST.FAULT || kind === TO_HOST.NO_EXPORT;
    try {
      // What was said before the request or the end is heard before it.
      this.#signals.drain(pending.job, ends ? "ended" : "waiting");
      this.#noteOthers();
      if (!ends) {
        return this.#requests.serve(kind, pending.job);
      }
      this.#pages = this.#thread.words[WORD.PAGES] ?? 0;
      if (kind === TO_HOST.FAULT) {
        // A failed start has its hint added where all its failures do.
        const logged = this.#started ? this.#signals.lastError : null;
        throw this.#errors.fault(this.#thread, pending.activity, logged);
      }
      this.#settle();
      if (kind === TO_HOST.NO_EXPORT) return pending.fail(this.#errors.notAnswered(pending.activity));
      pending.succeed();
    } catch (thrown) {
      const error = this.#errors.hostFailed(pending.activity, thrown);
      this.#fail(error);
      pending.fail(error);
    }
  }

  onExit(cause: Error | null): void {
    this.#fail(this.#errors.threadDied(this.#pending?.activity ?? "no call", cause));
    this.#gone.resolve();
  }

  tick(): void {
    const pending = this.#pending;
    if (pending === null) return;
    try {
      this.#signals.drain(pending.job, "running");
    } catch (thrown) {
      return this.#fail(this.#errors.hostFailed(pending.activity, thrown));
    }
    if (pending.job === null) return;
    if (this.#signals.showsLife() || this.#requests.serving) return this.#watchSilence();
    const now = performance.now();
    const overdue = this.#overdueSince !== null && now - this.#overdueSince > SILENT_FOR_CERTAIN_MS;
    if (overdue || now - this.#lastLifeAt > this.#identity.limits.silenceMs)
      this.#fail(this.#errors.stalled(pending.activity));
  }

  joined(): void {
    this.#noteOthers(false);
  }

  /** Where others have work too, neither side looks out for long: a core that looks is one that does nothing for them. */
  #noteOthers(alone = this.#ticker.watched === 1): void {
    Atomics.store(this.#thread.words, WORD.ALONE, alone ? 1 : 0);
  }

  /** Sends a command and waits for its end. `read` takes the answer from the thread's data. */
  #run<Result>(
    { activity, timeoutMs, signal, job }: RunOptions,
    send: () => void,
    read: () => Result,
  ): Promise<Result> {
    if (!this.#alive) return Promise.reject(this.#errors.ended(this.#endedBy));
    if (this.#pending !== null) return Promise.reject(this.#errors.busy(this.#pending.activity));
    if (signal?.aborted === true) return Promise.reject(this.#errors.cancelled(activity));
    return new Promise((resolve, reject) => {
      const onAbort = (): void => this.#fail(this.#errors.cancelled(activity));
      const onTimeout = (): void => this.#fail(this.#errors.timeout(activity, timeoutMs ?? 0));
      // A guest's own work takes real time, on whatever clock the host lives.
      const stopClock = timeoutMs === null ? null : systemClock.after(timeoutMs, onTimeout);
      signal?.addEventListener("abort", onAbort);
      const stop = (): void => {
        stopClock?.();
        this.#stopSilenceTimer();
        signal?.removeEventListener("abort", onAbort);
      };
      this.#pending = { activity, job: job ?? null, succeed: () => resolve(read()), fail: reject, stop };
      if (job !== undefined) this.#watchSilence();
      this.#signals.beginCall();
      this.#thread.hold();
      this.#ticker.watch(this);
      this.#noteOthers();
      try {
        send();
      } catch (thrown) {
        // No room for the message, for one.
        this.#fail(this.#errors.hostFailed(activity, thrown));
      }
    });
  }

  /** It shows life. Ticks look after its limit in real time; this, after that on the host's clock. */
  #watchSilence(): void {
    this.#stopSilenceTimer();
    this.#lastLifeAt = performance.now();
    this.#overdueSince = null;
    this.#stopSilenceTimer = this.#clock.after(this.#identity.limits.silenceMs, () => {
      this.#overdueSince = performance.now();
    });
  }

  /** The call under way is over; who waits for it is told by the caller of this. */
  #settle(): PendingCall | null {
    const pending = this.#pending;
    if (pending === null) return null;
    this.#pending = null;
    pending.stop();
    this.#ticker.unwatch(this);
    this.#thread.release();
    return pending;
  }

  /** Ends the instance: nothing is served any more, the thread is stopped, and whoever waits is told. */
  #fail(error: SpacedriveError): void {
    if (!this.#alive) return;
    this.#endedBy = error;
    this.#close();
    void this.#thread.terminate().then(() => this.#gone.resolve());
    this.#abort.abort(error);
    this.#settle()?.fail(error);
    // Whoever disposes waits for the thread's end: a process with nothing else to do must not exit before it.
    this.#thread.hold();
  }

  #close(): void {
    this.#alive = false;
    this.#requests.stop();
    try {
      this.#signals.drain(this.#pending?.job ?? null, "stopped");
    } catch {
      // A listener of the host's failed. The instance ends all the same.
    }
  }

  /** The instance ended well: its thread can serve another. */
  #giveBack(): void {
    const thread = this.#thread;
    this.#close();
    const { endMs = 0, reusesThreads = true } = this.#identity;
    if (endMs > 0) return this.#letEnd(endMs);
    if (this.#pages > REUSABLE_PAGES || !reusesThreads) {
      void thread.terminate().then(() => this.#gone.resolve());
      return;
    }
    thread.hold();
    thread.setListener({
      onMessage: () => {
        thread.release();
        this.#pool.give(thread);
        this.#gone.resolve();
      },
      onExit: () => this.#gone.resolve(),
    });
    thread.send(TO_GUEST.DROP);
  }

  /** It is told, and its thread stopped when it has ended or its time is over; what it logs until then is heard. */
  #letEnd(endMs: number): void {
    const thread = this.#thread;
    const stop = (): void => {
      cancel();
      this.#close();
      void thread.terminate().then(() => this.#gone.resolve());
    };
    const cancel = systemClock.after(endMs, stop);
    thread.hold();
    thread.setListener({ onMessage: stop, onExit: stop });
    thread.send(TO_GUEST.DROP);
  }

  #options(exportName: string, { timeoutMs, signal }: CallLimits): RunOptions {
    return { activity: exportName, timeoutMs: timeoutMs ?? this.#identity.limits.callTimeoutMs, signal };
  }

  #value(): number {
    return this.#thread.words[WORD.VALUE] ?? 0;
  }

  #needHandler(exportName: string): void {
    this.#needExport(exportName, [HANDLER_SIGNATURE]);
    if (this.#identity.exports === null) return;
    for (const allocator of ["wasm_alloc", "wasm_free"])
      this.#needExport(allocator, KNOWN_EXPORTS.get(allocator) ?? []);
  }

  #needExport(exportName: string, expected: readonly string[]): void {
    const { exports } = this.#identity;
    if (exports === null) return;
    const found = exports.get(exportName);
    if (found === undefined || !expected.includes(found)) throw this.#errors.noExport(exportName, expected, found);
  }

  #needSize(what: string, text: string): void {
    const limit = this.#identity.limits.maxPayloadBytes;
    if (text.length * 3 <= limit) return;
    const bytes = Buffer.byteLength(text);
    if (bytes > limit) throw this.#errors.payloadTooLarge(what, bytes);
  }
}
