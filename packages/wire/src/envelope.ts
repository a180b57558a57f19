import { hasMoreJsonValues } from "./count-json-values.js";
import { printableLine } from "./printable.js";
import { ERROR_CODES, isErrorCode, isSpacedriveError, SpacedriveError } from "./errors.js";

const MAX_REASON_CHARACTERS = 500;

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
  } catch (thrown) {
    // It quotes the text as it is, which may be a stranger's: for that reason it is no cause, either.
    const reason = printableLine(thrown instanceof Error ? thrown.message : String(thrown), MAX_REASON_CHARACTERS);
    throw new SpacedriveError(code, `${what} is not valid JSON: ${reason}`);
  }
}

/**
 * JSON text of a value that an operation answered.
 *
 * @throws SpacedriveError `OPERATION_FAILED` where the value has no JSON (a cycle, a bigint, undefined, NaN, a throwing getter).
 * Inside of a value what has none becomes null or is left out, as everywhere in JavaScript: an output's schema refuses it.
 */
export function toJson(value: unknown, what: string): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new SpacedriveError("OPERATION_FAILED", `${what} is ${value}, which has no JSON form.`);
  }
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new SpacedriveError("OPERATION_FAILED", `${what} cannot be written as JSON.`, { cause });
  }
  if (text === undefined) throw new SpacedriveError("OPERATION_FAILED", `${what} has no JSON form.`);
  return text;
}

/** What is not ours: internals never reach a guest. */
const HOST_FAILED: ErrorEnvelope = {
  error: "The host failed. Its log has the cause.",
  code: "INTERNAL",
  retryable: ERROR_CODES.INTERNAL.retryable,
};

/**
 * The envelope of an error. What is not ours becomes `INTERNAL` with a fixed text.
 */
export function toEnvelope(thrown: unknown): ErrorEnvelope {
  if (!isSpacedriveError(thrown)) return HOST_FAILED;
  // `error` stands first, and no detail can take its place.
  const own = { error: thrown.message, code: thrown.code, retryable: thrown.retryable };
  return { ...own, ...thrown.details, ...own };
}

/** JSON text of an error's envelope. Never throws: what cannot be written of an error is left out. */
export function envelopeJson(thrown: unknown): string {
  try {
    const envelope = toEnvelope(thrown);
    // Somebody else's copy of our error may hold anything.
    if (isEnvelope(envelope)) return JSON.stringify(envelope);
  } catch {
    // A detail that has no JSON, or cannot be read.
  }
  try {
    if (isSpacedriveError(thrown)) {
      const { code, message } = thrown;
      return JSON.stringify(toEnvelope(new SpacedriveError(code, message)));
    }
  } catch {
    // Not even these can be read.
  }
  return JSON.stringify(HOST_FAILED);
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
