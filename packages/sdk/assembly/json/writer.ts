import { encodeAt, encodedLength } from "../base64";
import { printDigits, printDouble } from "../decimal/print-double";
import { MAX_DEPTH, TOO_DEEP } from "./reader";

/** Beyond these JavaScript cannot hold an integer exactly, so it travels as a string. */
const SAFE: u64 = 9007199254740991;
const FIRST_BYTES: usize = 256;

/**
 * Writes JSON as UTF-8 into memory of its own. As in the reader the first fault is kept, and looked at once at the end;
 * and it is unmanaged for the same reason. Whoever opens one closes it.
 */
@unmanaged
@final
export class JsonWriter {
  pointer: usize;
  length: usize;
  private capacity: usize;
  private depth: i32;
  private comma: bool;
  private fault: usize;
  private detail: usize;

  static open(): JsonWriter {
    const writer = changetype<JsonWriter>(heap.alloc(offsetof<JsonWriter>()));
    writer.pointer = heap.alloc(FIRST_BYTES);
    writer.capacity = FIRST_BYTES;
    writer.reset();
    return writer;
  }

  close(): void {
    heap.free(this.pointer);
    heap.free(changetype<usize>(this));
  }

  /** Starts again in the same memory. */
  reset(): void {
    this.length = 0;
    this.depth = 0;
    this.comma = false;
    this.fault = 0;
    this.detail = 0;
  }

  // @ts-ignore: decorator
  @inline
  get failed(): bool {
    return this.fault != 0;
  }

  message(): string {
    const fault = changetype<string>(this.fault);
    return this.detail == 0 ? fault : fault + changetype<string>(this.detail);
  }

  /** The text must be a literal. */
  fail(fault: string): void {
    if (this.fault == 0) this.fault = changetype<usize>(fault);
  }

  /** The text as a managed copy. */
  bytes(): ArrayBuffer {
    const copy = new ArrayBuffer(<i32>this.length);
    memory.copy(changetype<usize>(copy), this.pointer, this.length);
    return copy;
  }

  text(): string {
    return String.UTF8.decodeUnsafe(this.pointer, this.length);
  }

  /** Makes room for `bytes` more; returns where they go. */
  private room(bytes: usize): usize {
    const needed = this.length + bytes;
    if (needed > this.capacity) {
      this.capacity = max<usize>(needed, this.capacity * 2);
      this.pointer = heap.realloc(this.pointer, this.capacity);
    }
    return this.pointer + this.length;
  }

  private byte(value: u32): void {
    store<u8>(this.room(1), <u8>value);
    this.length++;
  }

  // ---- objects and arrays

  beginObject(): bool {
    return this.begin(0x7b);
  }

  endObject(): void {
    this.end(0x7d);
  }

  beginArray(): bool {
    return this.begin(0x5b);
  }

  endArray(): void {
    this.end(0x5d);
  }

  private begin(open: u32): bool {
    if (this.depth == MAX_DEPTH) this.fail(TOO_DEEP);
    if (this.fault != 0) return false;
    this.depth++;
    this.byte(open);
    this.comma = false;
    return true;
  }

  private end(close: u32): void {
    this.depth--;
    this.byte(close);
    this.comma = true;
  }

  private separate(): void {
    if (this.comma) this.byte(0x2c);
  }

  /** A key that is ASCII and has been escaped and quoted, with its colon: what the transform writes. */
  plainKey(key: string): void {
    this.separate();
    const length = <usize>key.length;
    const out = this.room(length);
    for (let i: usize = 0; i < length; i++) store<u8>(out + i, load<u16>(changetype<usize>(key) + (i << 1)));
    this.length += length;
    this.comma = true;
  }

  key(key: string): void {
    this.separate();
    this.writeString(key);
    this.byte(0x3a);
    this.comma = true;
  }

  /** Before each item of an array. */
  item(): void {
    this.separate();
    this.comma = true;
  }

  /** False, and a fault, for a `name!: T` field that was never set. */
  isSet(field: usize, name: string): bool {
    if (load<usize>(field) != 0) return true;
    if (this.fault == 0) this.detail = changetype<usize>(name);
    this.fail("never set: the required field ");
    return false;
  }

  // ---- values

  writeNull(): void {
    store<u32>(this.room(4), 0x6c6c756e);
    this.length += 4;
  }

  writeBool(value: bool): void {
    store<u32>(this.room(5), value ? 0x65757274 : 0x736c6166);
    if (!value) store<u8>(this.pointer + this.length, 0x65, 4);
    this.length += value ? 4 : 5;
  }

  writeF64(value: f64): void {
    if (!isFinite(value)) {
      this.fail("JSON has no NaN and no infinity");
      return;
    }
    this.length += printDouble(value, this.room(32));
  }

  writeI64(value: i64): void {
    if (value < 0) this.writeInteger(0 - <u64>value, true);
    else this.writeInteger(<u64>value, false);
  }

  writeU64(value: u64): void {
    this.writeInteger(value, false);
  }

  private writeInteger(magnitude: u64, negative: bool): void {
    const quoted = magnitude > SAFE;
    const start = this.room(24);
    let out = start;
    if (quoted) store<u8>(out++, 0x22);
    if (negative) store<u8>(out++, 0x2d);
    out = printDigits(magnitude, out);
    if (quoted) store<u8>(out++, 0x22);
    this.length += out - start;
  }

  writeBytes(bytes: Uint8Array): void {
    const length = encodedLength(bytes.length);
    const out = this.room(<usize>length + 2);
    store<u8>(out, 0x22);
    encodeAt(bytes.dataStart, bytes.length, out + 1);
    store<u8>(out + length, 0x22, 1);
    this.length += <usize>length + 2;
  }

  /** Text that is JSON already. */
  writeRaw(pointer: usize, length: usize): void {
    memory.copy(this.room(length), pointer, length);
    this.length += length;
  }

  writeString(text: string): void {
    this.byte(0x22);
    const length = text.length;
    // In pieces, because one code unit can take six bytes.
    for (let from = 0; from < length; from += 1024) {
      const to = min(from + 1024, length);
      const start = this.room(<usize>(to - from) * 6);
      this.length += writeUnits(text, from, to, start) - start;
    }
    this.byte(0x22);
  }
}

/** Writes the code units as escaped UTF-8 and returns the end. A surrogate pair that a piece cuts is written as escapes. */
function writeUnits(text: string, from: i32, to: i32, start: usize): usize {
  let out = start;
  const base = changetype<usize>(text);
  for (let i = from; i < to; i++) {
    const unit = <u32>load<u16>(base + (<usize>i << 1));
    if (unit < 0x80) {
      if (unit >= 0x20 && unit != 0x22 && unit != 0x5c) store<u8>(out++, unit);
      else out = writeEscape(unit, out);
    } else if (unit < 0x800) {
      store<u8>(out, 0xc0 | (unit >> 6));
      store<u8>(out, 0x80 | (unit & 0x3f), 1);
      out += 2;
    } else if ((unit & 0xf800) != 0xd800) {
      store<u8>(out, 0xe0 | (unit >> 12));
      store<u8>(out, 0x80 | ((unit >> 6) & 0x3f), 1);
      store<u8>(out, 0x80 | (unit & 0x3f), 2);
      out += 3;
    } else {
      const next = i + 1 < to ? <u32>load<u16>(base + (<usize>(i + 1) << 1)) : 0;
      if (unit < 0xdc00 && (next & 0xfc00) == 0xdc00) {
        const point = 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff);
        store<u8>(out, 0xf0 | (point >> 18));
        store<u8>(out, 0x80 | ((point >> 12) & 0x3f), 1);
        store<u8>(out, 0x80 | ((point >> 6) & 0x3f), 2);
        store<u8>(out, 0x80 | (point & 0x3f), 3);
        out += 4;
        i++;
      } else {
        out = writeEscape(unit, out);
      }
    }
  }
  return out;
}

function writeEscape(unit: u32, out: usize): usize {
  store<u8>(out, 0x5c);
  let short: u32 = 0;
  switch (unit) {
    case 0x22: case 0x5c: short = unit; break;
    case 0x08: short = 0x62; break;
    case 0x09: short = 0x74; break;
    case 0x0a: short = 0x6e; break;
    case 0x0c: short = 0x66; break;
    case 0x0d: short = 0x72; break;
  }
  if (short != 0) {
    store<u8>(out, short, 1);
    return out + 2;
  }
  store<u8>(out, 0x75, 1);
  for (let i: usize = 0; i < 4; i++) {
    const digit = (unit >> (12 - ((<u32>i) << 2))) & 15;
    store<u8>(out + i, digit < 10 ? 0x30 + digit : 87 + digit, 2);
  }
  return out + 6;
}
