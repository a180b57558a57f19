import type { Caller } from "./caller.js";
import type { LibraryId } from "./ids.js";
import type { Operation } from "./operation.js";

/** What a gate decides on. */
export interface GateRequest {
  readonly caller: Caller;
  readonly operation: Operation;
  /** The operation's full method string. */
  readonly method: string;
  readonly library: LibraryId | null;
}

/** A call that got no further than its name. */
export interface MissedCall {
  readonly caller: Caller;
  /** As it was asked for, cut to a length that fits a log line. */
  readonly method: string;
  readonly library: LibraryId | null;
}

/**
 * The port that says whether a caller may make a call. Its methods throw to refuse, at once: one that answers a promise has
 * refused, whatever it resolves to.
 */
export interface Gate {
  /** @throws SpacedriveError `PERMISSION_DENIED` or `LIBRARY_ACCESS_DENIED`. */
  authorize(request: GateRequest): void;
  /** @throws SpacedriveError `RATE_LIMITED`. */
  limit(request: GateRequest): void;
  /**
   * A call of what is not there, or is no method: it never comes to `authorize` and `limit`, and is to cost its caller as much.
   * Left out: misses are free.
   *
   * @throws SpacedriveError `RATE_LIMITED`, which the caller is told instead.
   */
  missed?(call: MissedCall): void;
}
