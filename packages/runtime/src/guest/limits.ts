/** What bounds one guest; every one is enforced, and tested from both sides. */
export interface GuestLimits {
  /** Linear memory in bytes, rounded down to whole pages of 64 KiB. Also bounds how long a kill takes. */
  readonly maxMemoryBytes: number;
  /** Wall clock of one call to the guest. */
  readonly callTimeoutMs: number;
  /** Wall clock of a start: instantiate, `_initialize`, `plugin_init`. */
  readonly initTimeoutMs: number;
  /** How long a job may run without calling a host function or waiting for one. */
  readonly silenceMs: number;
  /** Bytes of one payload, state, context or input that crosses the boundary, either way. */
  readonly maxPayloadBytes: number;
  /**
   * JSON values, keys counted, in one payload, answer or result that the host parses and checks: it does so on its own loop.
   */
  readonly maxPayloadValues: number;
  /** JSON values in one state that a job checkpoints, which the host parses and does not check. */
  readonly maxStateValues: number;
  /** Bytes of one reply that crosses the boundary, either way. */
  readonly maxReplyBytes: number;
  /** Bytes of one log line; longer ones are cut, and say so. */
  readonly maxLogLineBytes: number;
  /** Bytes of log lines in a second; what is over is dropped, counted, and said. */
  readonly maxLogBytesPerSecond: number;
  /** Bytes of the wasm file. */
  readonly maxModuleBytes: number;
  /** Bytes of one function body: a very large one holds the process's exit in background optimisation. */
  readonly maxFunctionBodyBytes: number;
  /**
   * Values that one function body keeps at its branches: locals and operands, summed over its blocks, branches and targets.
   * A compiler holds all of them in memory, about 100 bytes each.
   */
  readonly maxBranchValues: number;
  /**
   * The same for all functions together. Each that was called is optimised beside the threads, at some 300 million values a second,
   * and the process's exit waits for all of them.
   */
  readonly maxModuleBranchValues: number;
  /**
   * Locals and parameters of all functions together. A compiler lists those of each function when it checks it, and a group of
   * fifty thousand takes four bytes of the file.
   */
  readonly maxLocals: number;
  /** Loops of one function body: a compiler's time grows with their square. */
  readonly maxLoops: number;
  /** Entries of all tables together: a huge table aborts the whole process. */
  readonly maxTableEntries: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_GUEST_LIMITS: GuestLimits = {
  maxMemoryBytes: 256 * MIB,
  callTimeoutMs: 30_000,
  initTimeoutMs: 5_000,
  silenceMs: 30_000,
  maxPayloadBytes: 16 * MIB,
  maxPayloadValues: 250_000,
  maxStateValues: 1_000_000,
  maxReplyBytes: 64 * MIB,
  maxLogLineBytes: 8 * 1024,
  maxLogBytesPerSecond: MIB,
  maxModuleBytes: 32 * MIB,
  maxFunctionBodyBytes: 64 * 1024,
  maxBranchValues: 500_000,
  maxModuleBranchValues: 100_000_000,
  maxLocals: 100_000_000,
  maxLoops: 1_000,
  maxTableEntries: 100_000,
};
