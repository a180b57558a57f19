import { RECORD_BEGIN, RECORD_END } from "./record-reader.js";

/** Bytes of UTF-8 text: a range of a buffer. */
export interface TextRange {
  readonly buffer: Buffer;
  readonly start: number;
  readonly length: number;
}

const SHORT: ReadonlyMap<number, string> = new Map([
  [0x08, "\\b"],
  [0x09, "\\t"],
  [0x0a, "\\n"],
  [0x0c, "\\f"],
  [0x0d, "\\r"],
  [0x22, '\\"'],
  [0x5c, "\\\\"],
]);

/** A record of pieces in their order: JSON as it is (ASCII), or text that becomes a JSON string. */
export function writeRecord(pieces: readonly (string | TextRange)[]): Buffer {
  let bytes = 2;
  for (const piece of pieces) bytes += typeof piece === "string" ? piece.length : escapedBytes(piece) + 2;
  const record = Buffer.allocUnsafe(bytes);
  let at = 0;
  record[at++] = RECORD_BEGIN;
  for (const piece of pieces)
    at = typeof piece === "string" ? at + record.write(piece, at, "latin1") : escape(piece, record, at);
  record[at] = RECORD_END;
  return record;
}

function escapedBytes({ buffer, start, length }: TextRange): number {
  let bytes = length;
  for (let at = start; at < start + length; at++) {
    const byte = buffer[at] ?? 0;
    if (byte === 0x22 || byte === 0x5c) bytes++;
    else if (byte < 0x20) bytes += SHORT.has(byte) ? 1 : 5;
  }
  return bytes;
}

function escape({ buffer, start, length }: TextRange, record: Buffer, from: number): number {
  const end = start + length;
  let at = from;
  let plain = start;
  record[at++] = 0x22;
  for (let i = start; i < end; i++) {
    const byte = buffer[i] ?? 0;
    if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) continue;
    at += buffer.copy(record, at, plain, i);
    at += record.write(SHORT.get(byte) ?? `\\u${byte.toString(16).padStart(4, "0")}`, at, "latin1");
    plain = i + 1;
  }
  at += buffer.copy(record, at, plain, end);
  record[at++] = 0x22;
  return at;
}
