import { hasMoreJsonValues } from "./count-json-values.js";
import { ERROR_CODES, isErrorCode, isSpacedriveError, SpacedriveError } from "./errors.js";

/** How an error travels: to a guest, over RPC, on the command line. `details` fields stand beside these. */
export interface ErrorEnvelope {
  readonly error: string;
  readonly code: string;
  readonly retryable: boolean;
  readonly [detail: string]: unknown;
}

/** What bounds how long a text of a stranger's may hold the loop while it is parsed, and while its value is checked. */
export interface JsonLimits {
  /** Values in the text: each string, number, literal, array, object and key is one. Default: no limit. */
  readonly maxValues?: number;
}

/**
 * The one place where JSON text becomes a value. `what` names the text in the message.
 *
 * @throws SpacedriveError `INVALID_INPUT` (or `code`) where the text is not JSON, `PAYLOAD_TOO_LARGE` where it has more
 * values than `limits` allow; those are counted before anything is parsed.
 */
export function parseJson(
  text: string,
  what: string,
  code:
    | "INVALID_INPUT"
    | "INVALID_STATE"
    | "MANIFEST_INVALID"
    | "STORE_CORRUPT"
    | "GUEST_ABI_VIOLATION" = "INVALID_INPUT",
  limits: JsonLimits = {},
): unknown {
  const { maxValues = Number.POSITIVE_INFINITY } = limits;
  if (hasMoreJsonValues(text, maxValues)) {
    throw new SpacedriveError(
      "PAYLOAD_TOO_LARGE",
      `${what} has more than the ${maxValues} JSON values that are allowed. Send less, or in parts.`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SpacedriveError(code, `${what} is not valid JSON: ${reason}`, { cause });
  }
}

/**
 * JSON text of a value that an operation answered.
 *
 * @throws SpacedriveError `OPERATION_FAILED` where the value has no JSON (a cycle, a bigint, undefined, a throwing getter).
 */
export function toJson(value: unknown, what: string): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new SpacedriveError("OPERATION_FAILED", `${what} cannot be written as JSON.`, { cause });
  }
  if (text === undefined) throw new SpacedriveError("OPERATION_FAILED", `${what} has no JSON form.`);
  return text;
}

/**
 * The envelope of an error. What is not ours becomes `INTERNAL` with a fixed text: internals never reach a guest.
 */
export function toEnvelope(thrown: unknown): ErrorEnvelope {
  if (!isSpacedriveError(thrown)) {
    return {
      error: "The host failed. Its log has the cause.",
      code: "INTERNAL",
      retryable: ERROR_CODES.INTERNAL.retryable,
    };
  }
  return { ...thrown.details, error: thrown.message, code: thrown.code, retryable: thrown.retryable };
}

/** True for an object with a string `error` at the top: no operation's output may have that field. */
export function isEnvelope(value: unknown): value is ErrorEnvelope {
  return typeof value === "object" && value !== null && "error" in value && typeof value.error === "string";
}

/** The error that an envelope carries; an unknown code becomes `OPERATION_FAILED`. */
export function fromEnvelope(envelope: ErrorEnvelope): SpacedriveError {
  const { error, code, retryable, ...details } = envelope;
  return new SpacedriveError(isErrorCode(code) ? code : "OPERATION_FAILED", error, {
    retryable: retryable === true,
    details,
  });
}
