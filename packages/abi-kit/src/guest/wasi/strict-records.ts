import { parseJson } from "@spacedrive/wire";
import { wasiProblem } from "./wasi-problem.js";

const BEGIN = 0x1e;
const END = 0x0a;

export type Fields = Readonly<Record<string, unknown>>;

/** What comes on a guest's standard output, which must hold nothing but whole records and text. */
export class StrictRecords {
  readonly #onRecord: (message: Fields) => void;
  readonly #held: number[] = [];
  #inRecord = false;

  constructor(onRecord: (message: Fields) => void) {
    this.#onRecord = onRecord;
  }

  /** @throws GuestProblem */
  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (!this.#inRecord) this.#inRecord = byte === BEGIN;
      else if (byte === END) {
        this.#inRecord = false;
        this.#onRecord(readMessage(Uint8Array.from(this.#held.splice(0))));
      } else if (byte === BEGIN) throw wasiProblem("2", "A record begins before the one before it has ended.");
      else this.#held.push(byte);
    }
  }
}

/** The bytes of a record. */
export function writeMessage(message: Fields): Uint8Array {
  return new TextEncoder().encode(`\u001e${JSON.stringify(message)}\n`);
}

function readMessage(bytes: Uint8Array): Fields {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw wasiProblem("2", "It wrote a record that is not UTF-8.");
  }
  let value: unknown;
  try {
    value = parseJson(text, "the record");
  } catch {
    throw wasiProblem("2", `It wrote a record that is not JSON: ${cut(text)}`);
  }
  if (Array.isArray(value)) throw wasiProblem("2", "It wrote a batch: batches are not used.");
  if (typeof value !== "object" || value === null) throw wasiProblem("2", `Its record is no JSON object: ${cut(text)}`);
  const message: Fields = { ...value };
  if (message["jsonrpc"] !== "2.0") throw wasiProblem("2", `Its record does not say "jsonrpc": "2.0": ${cut(text)}`);
  needId(message["id"], text);
  return message;
}

function needId(id: unknown, text: string): void {
  if (id === undefined) return;
  if (typeof id === "number" && Number.isInteger(id)) return;
  if (typeof id === "string" && /^[ !#-[\]-~]{0,64}$/.test(id)) return;
  throw wasiProblem(
    "2",
    `An id is a whole number, or a string of at most 64 printable ASCII bytes without escapes: ${cut(text)}`,
  );
}

function cut(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 120)}… (${text.length} characters)`;
}
