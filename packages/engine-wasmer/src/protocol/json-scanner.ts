import { hasControl } from "./has-control.js";
import { ProtocolViolation } from "./record-reader.js";

/** A larger buffer is given up when a small record comes. */
const KEEP_BYTES = 1024 * 1024;
/** Of a record's own fields and of those in its params. */
const MAX_FIELDS = 64;
/** A longer key is none of ours. */
const MAX_KEY_BYTES = 64;
/** Of a string's plain bytes: more are looked through and copied as a whole, which has its price where they are few. */
const NEAR_BYTES = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const NO_CONTROL = "an escape in place of a control character";
const LITERALS: ReadonlyMap<number, Buffer> = new Map(
  ["true", "false", "null"].map((word) => [word.charCodeAt(0), Buffer.from(word)]),
);
/** What stands for what after a backslash; 0 for what does not stand there alone. */
const SIMPLE_ESCAPES = new Uint8Array(256);
for (const [name, value] of Object.entries({ b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" })) {
  SIMPLE_ESCAPES[name.charCodeAt(0)] = value.charCodeAt(0);
}
for (const itself of ['"', "\\", "/"]) SIMPLE_ESCAPES[itself.charCodeAt(0)] = itself.charCodeAt(0);

/** A value of a record: a string's decoded bytes, or any other value as it was written. */
export class JsonValue {
  readonly buffer: Buffer;
  readonly start: number;
  readonly length: number;
  readonly isString: boolean;

  constructor(buffer: Buffer, start: number, length: number, isString: boolean) {
    this.buffer = buffer;
    this.start = start;
    this.length = length;
    this.isString = isString;
  }

  /** Null where it is no string. */
  text(): string | null {
    return this.isString ? this.#bytes() : null;
  }

  /** NaN where it is no number. */
  number(): number {
    const written = this.isString || this.length > 32 ? "" : this.#bytes();
    return /^-?[0-9]/.test(written) ? Number(written) : Number.NaN;
  }

  /** As JSON: a string without escapes has its quotes again. */
  written(): string {
    return this.isString ? `"${this.#bytes()}"` : this.#bytes();
  }

  #bytes(): string {
    return this.buffer.toString("utf8", this.start, this.start + this.length);
  }
}

/**
 * Walks over the JSON text of a record without building it as objects: what a guest sends costs its own bytes once more,
 * and nothing else, however it is nested. All of it must be JSON; whether a text is UTF-8 is checked by whoever it is for.
 */
export class JsonScanner {
  #source: Buffer = Buffer.alloc(0);
  /** The source to the record's end: a guest's whole memory may lie behind it. */
  #record: Buffer = this.#source;
  #at = 0;
  #end = 0;
  /** Where the next of each stands from some place on, which may have been passed. */
  #quoteAt = -1;
  #backslashAt = -1;
  #decoded = Buffer.alloc(4096);
  #decodedBytes = 0;
  /** For each level of a value that is passed over a bit: 1 for an object. */
  #levels = Buffer.alloc(64);

  /** Begins a record. What was read of the one before is not valid any more. */
  open(source: Buffer, start: number, length: number): void {
    this.#source = source;
    this.#at = start;
    this.#end = start + length;
    this.#record = source.subarray(0, this.#end);
    this.#quoteAt = -1;
    this.#backslashAt = -1;
    this.#decodedBytes = 0;
    const fits = length <= this.#decoded.length;
    if (!fits || (this.#decoded.length > KEEP_BYTES && length < 4096))
      this.#decoded = Buffer.alloc(Math.max(4096, length));
  }

  /** Nothing may follow. */
  close(): void {
    this.#space();
    if (this.#at !== this.#end) throw new ProtocolViolation("its record has something after its JSON object");
  }

  /** Walks over an object; `field` must take the value of each key, by `value`, `fields` or `skip`. */
  object(field: (key: string) => void): void {
    this.#expect(OPEN_BRACE, "an object");
    let fields = 0;
    if (this.#peek() === CLOSE_BRACE) {
      this.#at++;
      return;
    }
    for (;;) {
      if (++fields > MAX_FIELDS)
        throw new ProtocolViolation(`its record has an object of more than ${MAX_FIELDS} fields`);
      if (this.#peek() !== QUOTE) throw malformed("a key");
      const key = this.value();
      this.#expect(COLON, "a colon");
      field(key.length > MAX_KEY_BYTES ? "" : (key.text() ?? ""));
      const next = this.#peek();
      this.#at++;
      if (next === CLOSE_BRACE) return;
      if (next !== COMMA) throw malformed("a comma or the end of an object");
    }
  }

  /** The fields of an object, by name; the first of a name counts. */
  fields(): ReadonlyMap<string, JsonValue> {
    const found = new Map<string, JsonValue>();
    this.object((key) => {
      const value = this.value();
      if (!found.has(key)) found.set(key, value);
    });
    return found;
  }

  value(): JsonValue {
    if (this.#peek() === QUOTE) return this.#string();
    const from = this.#at;
    this.skip();
    const start = this.#decodedBytes;
    this.#source.copy(this.#decoded, start, from, this.#at);
    this.#decodedBytes += this.#at - from;
    return new JsonValue(this.#decoded, start, this.#at - from, false);
  }

  /** Passes over a value of any kind and depth, which must be JSON: a bit for each level is all that it keeps. */
  skip(): void {
    let depth = 0;
    for (;;) {
      const byte = this.#peek();
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.#at++;
        this.#enter(depth++, byte === OPEN_BRACE);
        if (this.#peek() !== (byte === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET)) {
          if (byte === OPEN_BRACE) this.#skipKey();
          continue;
        }
        depth--;
        this.#at++;
      } else if (byte === QUOTE) this.#skipString();
      else this.#skipWord(byte);
      // A value has ended, and what it was in may have, too.
      for (;;) {
        if (depth === 0) return;
        const inObject = this.#isObject(depth - 1);
        const next = this.#peek();
        this.#at++;
        if (next === COMMA) {
          if (inObject) this.#skipKey();
          break;
        }
        if (next !== (inObject ? CLOSE_BRACE : CLOSE_BRACKET)) throw malformed("a comma or an end");
        depth--;
      }
    }
  }

  #enter(level: number, isObject: boolean): void {
    const byte = level >> 3;
    if (byte >= this.#levels.length) this.#levels = Buffer.concat([this.#levels, Buffer.alloc(this.#levels.length)]);
    const bit = 1 << (level & 7);
    const bits = this.#levels[byte] ?? 0;
    this.#levels[byte] = isObject ? bits | bit : bits & ~bit;
  }

  #isObject(level: number): boolean {
    return ((this.#levels[level >> 3] ?? 0) & (1 << (level & 7))) !== 0;
  }

  #skipKey(): void {
    if (this.#peek() !== QUOTE) throw malformed("a key");
    this.#skipString();
    this.#expect(COLON, "a colon");
  }

  #skipWord(first: number): void {
    const literal = LITERALS.get(first);
    if (literal === undefined) this.#skipNumber();
    else {
      const end = this.#at + literal.length;
      if (end > this.#end || literal.compare(this.#source, this.#at, end) !== 0) throw malformed("a value");
      this.#at = end;
    }
  }

  #skipNumber(): void {
    this.#skipOne("-");
    if (!this.#skipOne("0")) this.#skipDigits();
    if (this.#skipOne(".")) this.#skipDigits();
    if (this.#skipOne("e") || this.#skipOne("E")) {
      if (!this.#skipOne("+")) this.#skipOne("-");
      this.#skipDigits();
    }
  }

  #skipOne(character: string): boolean {
    const there = this.#at < this.#end && this.#source[this.#at] === character.charCodeAt(0);
    if (there) this.#at++;
    return there;
  }

  #skipDigits(): void {
    const from = this.#at;
    while (this.#at < this.#end && isDigit(this.#source[this.#at] ?? 0)) this.#at++;
    if (this.#at === from) throw malformed("a value");
  }

  #skipString(): void {
    this.#at++;
    while (this.#passPlain() !== QUOTE) {
      const name = this.#next();
      if (name === 0x75) this.#hex();
      else if (SIMPLE_ESCAPES[name] === 0) throw malformed("an escape");
    }
  }

  #string(): JsonValue {
    const target = this.#decoded;
    const start = this.#decodedBytes;
    let to = start;
    this.#at++;
    for (;;) {
      const from = this.#at;
      const stop = this.#passPlain();
      to = this.#copy(from, this.#at - 1, to);
      if (stop === QUOTE) break;
      to = this.#escape(target, to);
    }
    this.#decodedBytes = to;
    return new JsonValue(target, start, to - start, true);
  }

  /** Passes over a string's plain bytes and what ends them, a quote or a backslash, which it answers. */
  #passPlain(): number {
    const source = this.#source;
    const near = Math.min(this.#end, this.#at + NEAR_BYTES);
    for (let at = this.#at; at < near; at++) {
      const byte = source[at] ?? 0;
      if (byte === QUOTE || byte === BACKSLASH) {
        this.#at = at + 1;
        return byte;
      }
      if (byte < 0x20) throw malformed(NO_CONTROL);
    }
    // Each is looked for once, however many of the other come before it.
    if (this.#quoteAt < near) this.#quoteAt = this.#find(QUOTE, near);
    if (this.#backslashAt < near) this.#backslashAt = this.#find(BACKSLASH, near);
    const stop = Math.min(this.#quoteAt, this.#backslashAt);
    if (hasControl(source, near, stop)) throw malformed(NO_CONTROL);
    this.#at = stop;
    return this.#next();
  }

  /** The record's end where there is none. */
  #find(byte: number, from: number): number {
    const found = this.#record.indexOf(byte, from);
    return found < 0 ? this.#end : found;
  }

  #copy(from: number, end: number, to: number): number {
    const source = this.#source;
    const target = this.#decoded;
    if (end - from > NEAR_BYTES) return to + source.copy(target, to, from, end);
    for (let at = from; at < end; at++) target[to++] = source[at] ?? 0;
    return to;
  }

  /** Decoded, an escape is shorter than it was written. */
  #escape(target: Buffer, to: number): number {
    const name = this.#next();
    const simple = SIMPLE_ESCAPES[name] ?? 0;
    if (simple !== 0) {
      target[to] = simple;
      return to + 1;
    }
    if (name !== 0x75) throw malformed("an escape");
    let code = this.#hex();
    if (
      code >= 0xd800 &&
      code < 0xdc00 &&
      this.#source[this.#at] === BACKSLASH &&
      this.#source[this.#at + 1] === 0x75
    ) {
      const before = this.#at;
      this.#at += 2;
      const low = this.#hex();
      if (low >= 0xdc00 && low < 0xe000) code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      else this.#at = before;
    }
    // Half of a pair is no character.
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
    return to + target.write(String.fromCodePoint(code), to);
  }

  #hex(): number {
    const digits = this.#at + 4 <= this.#end ? this.#source.toString("latin1", this.#at, this.#at + 4) : "";
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw malformed("four hexadecimal digits");
    this.#at += 4;
    return Number.parseInt(digits, 16);
  }

  #expect(byte: number, what: string): void {
    if (this.#peek() !== byte) throw malformed(what);
    this.#at++;
  }

  /** The next byte that is no space; 0 at the end, where no value begins. */
  #peek(): number {
    this.#space();
    return this.#at < this.#end ? (this.#source[this.#at] ?? 0) : 0;
  }

  #next(): number {
    if (this.#at >= this.#end) throw malformed("the end of a string");
    return this.#source[this.#at++] ?? 0;
  }

  #space(): void {
    while (this.#at < this.#end) {
      const byte = this.#source[this.#at];
      if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return;
      this.#at++;
    }
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function malformed(expected: string): ProtocolViolation {
  return new ProtocolViolation(`its record is not JSON: ${expected} was expected`);
}
