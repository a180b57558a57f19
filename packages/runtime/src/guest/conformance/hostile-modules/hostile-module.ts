import type { ErrorCode } from "@spacedrive/wire";

/** A module that wants to hurt its host, and what becomes of it. */
export interface HostileModule {
  readonly name: string;
  readonly bytes: () => Uint8Array<ArrayBuffer>;
  /**
   * The code that it ends with, when it is compiled, started and its export `f` is called, and what the message says; null where it
   * is within the limits and does no harm.
   */
  readonly ends: readonly [ErrorCode, RegExp] | null;
}
