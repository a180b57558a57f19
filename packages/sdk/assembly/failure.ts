import { JsonValue } from "./json/value";

/** The codes that the SDK itself makes; the host's are in docs/errors.md and never change meaning. */
export namespace codes {
  export const NOT_FOUND: string = "NOT_FOUND";
  export const INVALID_INPUT: string = "INVALID_INPUT";
  export const INVALID_STATE: string = "INVALID_STATE";
  export const PERMISSION_DENIED: string = "PERMISSION_DENIED";
  export const PAYLOAD_TOO_LARGE: string = "PAYLOAD_TOO_LARGE";
  export const CANCELLED: string = "CANCELLED";
  export const OPERATION_FAILED: string = "OPERATION_FAILED";
  /** Made by `JobContext.interrupted()`; a job that ends with it was interrupted and has not failed. */
  export const INTERRUPTED: string = "INTERRUPTED";
  /** Made by `JobContext.sleep()` and its like; a job that ends with it is suspended and has not failed. */
  export const SUSPENDED: string = "SUSPENDED";
}

/** Why something did not happen: match on `code`, show `message`. */
@final
export class Failure {
  constructor(
    /** One of the codes in docs/errors.md. */
    readonly code: string,
    /** What failed and what to do, for people. */
    readonly message: string,
    /** True where the same call may succeed later. */
    readonly retryable: bool = false,
    /** The host's whole error envelope (`retry_after_ms` and the like), where the failure came from the host. */
    readonly details: JsonValue | null = null,
  ) {}

  toString(): string {
    return this.code + ": " + this.message;
  }
}
