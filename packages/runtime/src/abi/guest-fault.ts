/** What went wrong in a guest. Each becomes one error code on the host's side. */
export type FaultKind =
  /** `unreachable`, out of bounds, an exception nobody caught … */
  | "trap"
  | "stack-overflow"
  /** A trap while the memory stood at its cap, or an allocator that answered 0. */
  | "memory-limit"
  /** A pointer, length, block or call that the ABI does not allow. */
  | "violation"
  /** An answer over `maxReplyBytes`. */
  | "reply-too-large"
  | "abi-unsupported"
  /** `plugin_init` returned non-zero. */
  | "init-failed"
  /** A command broke the protocol of WASI guests. */
  | "protocol"
  /** A command exited before it had answered. */
  | "exited";

/** Ends an instance. Made where the guest runs, and turned into our error on the host's side of the thread. */
export class GuestFault extends Error {
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string, stack?: string) {
    super(message);
    this.kind = kind;
    if (stack !== undefined) this.stack = stack;
  }
}
