import type { JsonScanner, JsonValue } from "./json-scanner.js";
import { ProtocolViolation } from "./record-reader.js";

/** Of a record: what it asks or answers. Texts are ranges of the scanner's own buffer, valid until the next record. */
export interface GuestMessage {
  readonly kind: "request" | "answer" | "failure";
  /** As it was written, to be written again; null: it wants no reply. */
  readonly id: string | null;
  /** Of a request. */
  readonly method: string;
  readonly params: ReadonlyMap<string, JsonValue>;
  /** Of an answer. */
  readonly result: JsonValue | null;
  /** Of a failure. */
  readonly errorCode: number;
  readonly errorMessage: JsonValue | null;
}

const MAX_ID_BYTES = 64;
const ID = /^(?:-?[0-9]+|"[ !#-[\]-~]*")$/;

/**
 * Reads the JSON text of one record as a JSON-RPC 2.0 message. Fields that it does not know are passed over.
 *
 * @throws ProtocolViolation
 */
export function readMessage(scanner: JsonScanner, buffer: Buffer, start: number, length: number): GuestMessage {
  scanner.open(buffer, start, length);
  let version = false;
  let id: string | null = null;
  let method: string | null = null;
  let params: ReadonlyMap<string, JsonValue> = new Map();
  let result: JsonValue | null = null;
  let error: ReadonlyMap<string, JsonValue> | null = null;
  scanner.object((key) => {
    switch (key) {
      case "jsonrpc":
        version = scanner.value().text() === "2.0";
        return;
      case "id":
        id = readId(scanner.value());
        return;
      case "method":
        method = scanner.value().text();
        return;
      case "params":
        params = scanner.fields();
        return;
      case "result":
        result = scanner.value();
        return;
      case "error":
        error = scanner.fields();
        return;
      default:
        scanner.skip();
    }
  });
  scanner.close();
  if (!version) throw new ProtocolViolation('its record has no "jsonrpc": "2.0"');
  return messageOf(id, method, params, result, error);
}

function messageOf(
  id: string | null,
  method: string | null,
  params: ReadonlyMap<string, JsonValue>,
  result: JsonValue | null,
  error: ReadonlyMap<string, JsonValue> | null,
): GuestMessage {
  const none = { method: "", params, result: null, errorCode: 0, errorMessage: null };
  if (method !== null) {
    if (result !== null || error !== null) throw new ProtocolViolation("its record is a request and an answer at once");
    return { ...none, kind: "request", id, method };
  }
  if (id === null) throw new ProtocolViolation("its record has neither a method nor the id of what it answers");
  if (error !== null) {
    if (result !== null) throw new ProtocolViolation("its answer has a result and an error");
    const code = error.get("code")?.number() ?? Number.NaN;
    if (!Number.isSafeInteger(code)) throw new ProtocolViolation("the error in its answer has no whole number as code");
    return { ...none, kind: "failure", id, errorCode: code, errorMessage: error.get("message") ?? null };
  }
  if (result === null) throw new ProtocolViolation("its answer has neither a result nor an error");
  return { ...none, kind: "answer", id, result };
}

function readId(value: JsonValue): string | null {
  const written = value.length > MAX_ID_BYTES ? "" : value.written();
  if (written === "null") return null;
  if (!ID.test(written)) {
    throw new ProtocolViolation(
      `its id is not a whole number or a plain ASCII string of at most ${MAX_ID_BYTES} bytes`,
    );
  }
  return written;
}
