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

/** The port that says whether a caller may make a call. Both methods throw to refuse. */
export interface Gate {
  /** @throws SpacedriveError `PERMISSION_DENIED` or `LIBRARY_ACCESS_DENIED`. */
  authorize(request: GateRequest): void;
  /** @throws SpacedriveError `RATE_LIMITED`. */
  limit(request: GateRequest): void;
}
