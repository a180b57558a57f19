import { randomUUID } from "node:crypto";
import { type Caller, type JobIdentity, jobOf } from "./caller.js";
import type { LibraryId } from "./ids.js";
import type { Logger } from "./logger.js";
import type { OperationContext } from "./operation.js";
import type { OpenRecord, Recorder } from "./recorder.js";

interface CallContextOptions {
  readonly caller: Caller;
  readonly library: LibraryId | null;
  readonly logger: Logger;
  readonly callerSignal: AbortSignal | null;
  /** The call's place in its job's journal, or null outside of jobs. */
  readonly record: OpenRecord | null;
}

/** The context of one call. Its signal and key are made when a handler first asks: most never do. */
export class CallContext implements OperationContext {
  readonly caller: Caller;
  readonly library: LibraryId | null;
  readonly logger: Logger;
  readonly #options: CallContextOptions;
  #controller: AbortController | null = null;
  #abortReason: Error | null = null;
  #ended = false;
  readonly #giveUp = (): void => this.#controller?.abort(this.#options.callerSignal?.reason);
  #key: string | null = null;

  constructor(options: CallContextOptions) {
    this.caller = options.caller;
    this.library = options.library;
    this.logger = options.logger;
    this.#options = options;
  }

  get job(): JobIdentity | null {
    return jobOf(this.caller);
  }

  get signal(): AbortSignal {
    const { callerSignal } = this.#options;
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#abortReason !== null) this.#controller.abort(this.#abortReason);
      else if (callerSignal?.aborted === true) this.#giveUp();
      // Not AbortSignal.any: with a listener that its handler leaves behind, the platform keeps such a signal for as long as the
      // caller's own lives, which is a guest's instance or a job.
      else if (!this.#ended) callerSignal?.addEventListener("abort", this.#giveUp, { once: true });
    }
    return this.#controller.signal;
  }

  get recorder(): Recorder | null {
    return this.#options.record?.nested ?? null;
  }

  get idempotencyKey(): string {
    this.#key ??= this.#options.record?.idempotencyKey ?? randomUUID();
    return this.#key;
  }

  /** True once the caller has given up or the time limit was reached: nothing may be committed any more. */
  get aborted(): boolean {
    return this.#abortReason !== null || this.#options.callerSignal?.aborted === true;
  }

  /** It has been answered: that its caller gives up is nothing to it any more. */
  end(): void {
    this.#ended = true;
    // Taking back what was never there costs the platform as much as taking back a listener, at every call.
    if (this.#controller !== null) this.#options.callerSignal?.removeEventListener("abort", this.#giveUp);
  }

  abort(reason: Error): void {
    this.#abortReason = reason;
    if (this.#options.callerSignal?.aborted === true) this.#giveUp();
    else this.#controller?.abort(reason);
  }
}
