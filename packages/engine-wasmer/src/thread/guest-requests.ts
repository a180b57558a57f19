import type { GuestLink } from "@spacedrive/runtime/engine";
import type { JsonValue } from "../protocol/json-scanner.js";
import type { GuestMessage } from "../protocol/read-message.js";
import { ProtocolViolation } from "../protocol/record-reader.js";
import type { TextRange } from "../protocol/write-record.js";

/** A result: JSON as it is, or text that becomes a JSON string. */
export type Result = string | TextRange;

/** Where the guest is in its life; what it may ask depends on it. */
export interface GuestMoment {
  readonly starting: boolean;
  readonly inJob: boolean;
}

const LEVELS = ["debug", "info", "warn", "error"];
const MAX_COUNT = 2n ** 64n - 1n;
const MAX_NAME_BYTES = 1_024;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const EMPTY = Buffer.alloc(0);
const OK = "0";
const REFUSED = "1";
const CANCEL = "2";

/**
 * Serves what a guest asks by way of the same link as a module's host functions. Answers null for a method that there is not.
 *
 * @throws ProtocolViolation where a parameter is missing or of another type.
 */
export function serveRequest(message: GuestMessage, link: GuestLink, moment: GuestMoment): Result | null {
  const { method } = message;
  switch (method) {
    case "call":
      return call(message, link);
    case "log": {
      const text = stringOf(message, "message");
      link.log(levelOf(message), text.buffer, text.start, text.length);
      return OK;
    }
    case "register":
      return moment.starting ? register(message, link) : REFUSED;
    case "checkpoint": {
      const state = textOf(message, "state");
      return moment.inJob && link.checkpoint(state.buffer, state.start, state.length) ? OK : REFUSED;
    }
    case "interrupt":
      return moment.inJob ? String(link.interrupt()) : CANCEL;
    case "progress":
    case "warning":
    case "add_bytes":
    case "add_items":
    case "fail":
    case "complete":
      if (moment.inJob) report(message, link);
      return OK;
    default:
      return null;
  }
}

function call(message: GuestMessage, link: GuestLink): TextRange {
  const method = stringOf(message, "method");
  const payload = message.params.get("payload");
  const library = libraryOf(message);
  // Its values share one buffer.
  const length = link.call(
    method.buffer,
    method.start,
    method.length,
    library,
    payload?.start ?? 0,
    payload?.length ?? 0,
  );
  return { buffer: link.reply, start: 0, length };
}

/** Where its 16 bytes stand, in place of its text; −1 for none. */
function libraryOf(message: GuestMessage): number {
  const library = message.params.get("library");
  if (library === undefined || (!library.isString && library.written() === "null")) return -1;
  const text = library.length === 36 ? (library.text() ?? "") : "";
  if (!UUID.test(text)) throw new ProtocolViolation('the "library" in its "call" is not a UUID');
  library.buffer.write(text.replaceAll("-", ""), library.start, "hex");
  return library.start;
}

function register(message: GuestMessage, link: GuestLink): Result {
  const name = stringOf(message, "name");
  const exported = stringOf(message, "export");
  const resumable = isResumable(message);
  if (name.length > MAX_NAME_BYTES || exported.length > MAX_NAME_BYTES) return REFUSED;
  const parts = [name.buffer, name.start, name.length, exported.start, exported.length] as const;
  const kind = message.params.get("kind")?.text();
  switch (kind) {
    case "job":
      return link.registerJob(...parts, resumable) ? OK : REFUSED;
    case "query":
      return link.registerOperation(0, ...parts) ? OK : REFUSED;
    case "action":
      return link.registerOperation(1, ...parts) ? OK : REFUSED;
    default:
      throw new ProtocolViolation('the "kind" in its "register" is none of "job", "query" and "action"');
  }
}

/** What only a running job says. */
function report(message: GuestMessage, link: GuestLink): void {
  switch (message.method) {
    case "progress": {
      const text = message.params.has("message") ? stringOf(message, "message") : null;
      return link.progress(fractionOf(message), text?.buffer ?? EMPTY, text?.start ?? 0, text?.length ?? 0);
    }
    case "add_bytes":
      return link.addBytes(countOf(message));
    case "add_items":
      return link.addItems(countOf(message));
    case "complete": {
      const result = textOf(message, "result");
      return link.complete(result.buffer, result.start, result.length);
    }
    default: {
      const text = stringOf(message, "message");
      if (message.method === "fail") return link.fail(text.buffer, text.start, text.length);
      return link.warning(text.buffer, text.start, text.length);
    }
  }
}

/** A text, or any other JSON value as it was written: a payload need not be put into a string. */
function textOf({ method, params }: GuestMessage, name: string): JsonValue {
  const value = params.get(name);
  if (value === undefined) throw new ProtocolViolation(`its "${method}" has no "${name}"`);
  return value;
}

/** What names or says something, which only a string can. */
function stringOf(message: GuestMessage, name: string): JsonValue {
  const value = textOf(message, name);
  if (!value.isString) throw new ProtocolViolation(`the "${name}" in its "${message.method}" is not a string`);
  return value;
}

function isResumable({ params }: GuestMessage): boolean {
  const value = params.get("resumable");
  if (value === undefined) return true;
  const written = value.isString || value.length > 5 ? "" : value.written();
  if (written !== "true" && written !== "false") {
    throw new ProtocolViolation('the "resumable" in its "register" is neither true nor false');
  }
  return written === "true";
}

function fractionOf(message: GuestMessage): number {
  const fraction = textOf(message, "fraction").number();
  if (Number.isNaN(fraction)) throw new ProtocolViolation('the "fraction" in its "progress" is not a number');
  return fraction;
}

function levelOf({ params }: GuestMessage): number {
  const level = params.get("level");
  const named = LEVELS.indexOf(level?.text() ?? "");
  if (named >= 0) return named;
  const number = level?.number() ?? 1;
  return number === 0 || number === 2 || number === 3 ? number : 1;
}

/** An unsigned whole number; beyond 2^53 − 1 as a string, too. */
function countOf({ method, params }: GuestMessage): bigint {
  const value = params.get("count");
  const digits = value === undefined || value.length > 20 ? "" : (value.text() ?? value.written());
  if (!/^[0-9]+$/.test(digits)) throw new ProtocolViolation(`the "count" in its "${method}" is not a whole number`);
  const count = BigInt(digits);
  return count > MAX_COUNT ? MAX_COUNT : count;
}
