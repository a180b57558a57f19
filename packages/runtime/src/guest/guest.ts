import type { GuestLimits } from "./limits.js";

/** The bytes of one call that a guest makes to an operation. */
export interface HostCallRequest {
  /** Method string, as the guest wrote it; unchecked. */
  readonly method: string;
  /** UUID text, or null where the guest named none. */
  readonly library: string | null;
  /** UTF-8 JSON text; unchecked. */
  readonly payload: string;
  /** Aborted when the guest is stopped while it waits. */
  readonly signal: AbortSignal;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

/** `query`, `action` or `job`: what `plugin_init` asked the host to register. */
export type GuestRegistration =
  | { readonly kind: "job"; readonly name: string; readonly exportName: string; readonly resumable: boolean }
  /** `name` carries its version: `summary.v1`. */
  | { readonly kind: "query" | "action"; readonly name: string; readonly exportName: string };

/** What a guest can ask of the host at any time. None of these may throw; whatever they answer crosses as bytes. */
export interface HostCalls {
  /** Answers JSON text: the output or the error envelope. Never rejects. */
  call(request: HostCallRequest): Promise<string>;
  log(level: LogLevel, message: string): void;
  /** Only during start: true accepts, false refuses (the guest's import answers 1). */
  register(registration: GuestRegistration): boolean;
}

/** What a guest can ask of the host while it runs a job: its JobContext, seen from an engine. */
export interface JobCalls {
  /** 16 bytes: `job_*` calls with any other id are refused. */
  readonly jobId: string;
  progress(fraction: number, message: string): void;
  /** Resolves true once `state` (JSON text, unchecked) is durable; false where it was refused. Never rejects. */
  checkpoint(state: string): Promise<boolean>;
  warning(message: string): void;
  addBytes(count: bigint): void;
  addItems(count: bigint): void;
  /** `job_fail`: the reason, for when the job returns 2. */
  fail(reason: string): void;
  /** `job_complete`: the result, as JSON text, unchecked. */
  complete(result: string): void;
}

/** How a job's export returned. The meaning of 1 and 2 after an interrupt is the executor's to decide. */
export interface JobExit {
  readonly code: number;
  /** True where the guest was told of an interrupt (by `job_check_interrupt` or a `CANCELLED` reply) in this run. */
  readonly sawInterrupt: boolean;
}

export interface CallLimits {
  /** Wall clock of the call in milliseconds, the operations it waits for included. Default: the guest's `callTimeoutMs`. */
  readonly timeoutMs?: number;
  /** Gives the call up and discards the instance: `CANCELLED`. */
  readonly signal?: AbortSignal;
}

/**
 * One live instance: one library, one call at a time. Every method settles exactly once, with a value or a
 * SpacedriveError: `GUEST_TRAPPED`, `TIMEOUT`, `CANCELLED`, `GUEST_MEMORY_LIMIT`, `GUEST_ABI_VIOLATION`,
 * `PAYLOAD_TOO_LARGE`, `REPLY_TOO_LARGE`, `EXPORT_NOT_FOUND`, `UNLOADED` (disposed meanwhile). After any of these but
 * `EXPORT_NOT_FOUND` and `PAYLOAD_TOO_LARGE` it is dead.
 */
export interface Guest extends AsyncDisposable {
  /** False once it must not be used again. */
  readonly alive: boolean;
  /** Calls a bare export `() -> ()` or `() -> i32`, and answers what it returned (0 for nothing). */
  call(exportName: string, limits?: CallLimits): Promise<number>;
  /** Calls an operation's export; `context` and `input` are JSON text, and so is the answer. */
  handle(exportName: string, context: string, input: string, limits?: CallLimits): Promise<string>;
  /**
   * Runs a job's export. No wall-clock limit; stopped with `JOB_STALLED` after `silenceMs` without a host call, and with
   * `CANCELLED` when `signal` aborts.
   */
  runJob(
    exportName: string,
    context: string,
    state: string,
    calls: JobCalls,
    options?: { readonly signal?: AbortSignal },
  ): Promise<JobExit>;
  /** What `job_check_interrupt` answers from now on: 0 go on, 1 pause, 2 cancel. */
  setInterrupt(value: 0 | 1 | 2): void;
  /** Stops whatever runs; harmless twice. Does not call `plugin_cleanup`: that is a `call`. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface GuestExport {
  readonly name: string;
  /** `() -> i32`, `(i32, i32, i32, i32) -> i32`; only functions. */
  readonly signature: string;
}

export interface GuestImport {
  readonly module: string;
  readonly name: string;
  readonly signature: string;
}

/** What can be said of a module without running it. */
export interface GuestDescription {
  readonly bytes: number;
  readonly imports: readonly GuestImport[];
  readonly exports: readonly GuestExport[];
  /** Present where only the running guest knows the names that it answers to: then no export can be looked for beforehand. */
  readonly exportsUnknown?: true;
  /** Pages of 64 KiB: declared minimum, and declared maximum or null. */
  readonly memory: { readonly minPages: number; readonly maxPages: number | null };
  readonly tables: readonly { readonly minEntries: number; readonly maxEntries: number | null }[];
  readonly functions: { readonly count: number; readonly largestBodyBytes: number };
  /** Has a start function, which runs before the host can reach the memory. */
  readonly hasStart: boolean;
  /** Has a name section: traps then name functions. */
  readonly hasNames: boolean;
  /** What its custom section `sourceMappingURL` says, or null. */
  readonly sourceMapUrl: string | null;
}

export interface CompileOptions {
  /** Text of the source map that lies beside the module: trap stacks then name file, line and column. */
  readonly sourceMap?: string;
}

/** A module, checked and compiled once; instances are started from it. */
export interface GuestModule {
  readonly description: GuestDescription;
  /**
   * Starts an instance: instantiate, ABI version, `_initialize`, `plugin_init` (all within `limits.initTimeoutMs`).
   *
   * @throws SpacedriveError `INIT_FAILED` (trap, loop, non-zero), `ABI_UNSUPPORTED`, `REGISTRATION_REFUSED`,
   * `GUEST_MEMORY_LIMIT`.
   */
  start(host: HostCalls, options?: { readonly signal?: AbortSignal }): Promise<Guest>;
}

/** The port behind which guests run: bytes and text, no pointers. */
export interface GuestEngine extends AsyncDisposable {
  readonly name: string;
  /**
   * Checks and compiles a module. `name` stands in messages.
   *
   * @throws SpacedriveError `MODULE_INVALID`.
   */
  compile(name: string, bytes: Uint8Array, limits: GuestLimits, options?: CompileOptions): Promise<GuestModule>;
  /**
   * Says that an instance is about to be started, before its module has been read: what takes time, such as a thread, can be
   * made ready meanwhile. To be disposed once the start has come, or will not come; twice is harmless. Optional.
   */
  expectStart?(): Disposable;
}
