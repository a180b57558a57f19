import { decodeAt } from "../base64";
import { parseDouble } from "../decimal/parse-double";
import { digits, exact, exponent, integer, negative, scanNumber, toInteger, Whole } from "./number";
import { isPlain, scanString, stringFault, unescape } from "./strings";

/** Objects and arrays inside one another, at most. */
export const MAX_DEPTH: i32 = 128;
export const TOO_DEEP: string = "nested deeper than 128 levels";

/**
 * Reads UTF-8 JSON text in place. Nothing in here traps: the first fault is kept with its place, and every later read
 * gives an empty value, so that callers look at `failed` once, at the end.
 *
 * Unmanaged, because the collector's bookkeeping at every call would be a tenth of an extension. So it holds no managed
 * object: its texts are literals of the program, which are never collected. Whoever opens one closes it.
 *
 * Layout: the fields, then for each open object or array two words, namely where its current key's bytes are and how many
 * there are; for an array 0, and the index.
 */
@unmanaged
@final
export class JsonReader {
  private at: usize;
  private end: usize;
  private depth: i32;
  private fault: usize;
  private detail: usize;
  private found: usize;
  private keyAt: usize;
  private keyLength: i32;
  private keyIsPlain: bool;
  private afterValue: bool;

  /** Of the last string: where its bytes are, and whether they have no escapes. */
  private textIsPlain: bool;
  private textAt: usize;
  private textLength: i32;

  static open(start: usize, length: i32): JsonReader {
    const pointer = heap.alloc(offsetof<JsonReader>() + <usize>MAX_DEPTH * 8);
    memory.fill(pointer, 0, offsetof<JsonReader>());
    const reader = changetype<JsonReader>(pointer);
    reader.at = start;
    reader.end = start + <usize>length;
    return reader;
  }

  close(): void {
    heap.free(changetype<usize>(this));
  }

  // @ts-ignore: decorator
  @inline
  private step(depth: i32): usize {
    return changetype<usize>(this) + offsetof<JsonReader>() + (<usize>depth << 3);
  }

  // @ts-ignore: decorator
  @inline
  get failed(): bool {
    return this.fault != 0;
  }

  /** What is wrong and where: `state.items[3].size: expected a number, found a string`. */
  message(): string {
    let path = "";
    for (let i = 0; i < this.depth; i++) {
      const key = load<usize>(this.step(i));
      const number = load<u32>(this.step(i), 4);
      if (key == 0) path += "[" + number.toString() + "]";
      else if (number > 0) path += (path.length == 0 ? "" : ".") + String.UTF8.decodeUnsafe(key, min<u32>(number, 64), false);
    }
    if (path.length > 0) path += ": ";
    path += changetype<string>(this.fault);
    if (this.detail != 0) path += changetype<string>(this.detail);
    return this.found == 0 ? path : path + ", found " + changetype<string>(this.found);
  }

  /** Notes the first fault, at the place where the reader is. The text must be a literal. */
  fail(fault: string): void {
    if (this.fault == 0) this.fault = changetype<usize>(fault);
  }

  /** For a field of the object that was just read. `name` must be a literal. */
  missing(name: string): void {
    if (this.fault == 0) this.detail = changetype<usize>(name);
    this.fail("there is no field ");
  }

  /** True if only whitespace is left; else that is the fault. */
  finish(): bool {
    if (this.fault == 0 && this.peek() != 0) this.fail("more text after the value");
    return this.fault == 0;
  }

  /** The next byte that is not whitespace, without taking it; 0 at the end. */
  peek(): u32 {
    while (this.at < this.end) {
      const byte = <u32>load<u8>(this.at);
      // A NUL would look like the end of the text.
      if (byte > 0x20) return byte;
      if (byte != 0x20 && byte != 0x0a && byte != 0x0d && byte != 0x09) return 1;
      this.at++;
    }
    return 0;
  }

  /** Where the next value starts. */
  position(): usize {
    this.peek();
    return this.at;
  }

  /** Where the last value ended. */
  consumed(): usize {
    return this.at;
  }

  private expected(what: string): void {
    const byte = this.peek();
    let found = "other text";
    if (byte == 0) found = "the end";
    else if (byte == 0x7b) found = "an object";
    else if (byte == 0x5b) found = "an array";
    else if (byte == 0x22) found = "a string";
    else if (byte == 0x2d || byte - 0x30 < 10) found = "a number";
    else if (byte == 0x74 || byte == 0x66) found = "a boolean";
    else if (byte == 0x6e) found = "null";
    if (this.fault != 0) return;
    this.fail("expected ");
    this.detail = changetype<usize>(what);
    this.found = changetype<usize>(found);
  }

  // ---- objects and arrays

  beginObject(): bool {
    return this.begin(0x7b, "an object");
  }

  beginArray(): bool {
    return this.begin(0x5b, "an array");
  }

  private begin(open: u32, what: string): bool {
    if (this.fault != 0) return false;
    if (this.peek() != open) {
      this.expected(what);
      return false;
    }
    if (this.depth == MAX_DEPTH) {
      this.fail(TOO_DEEP);
      return false;
    }
    this.at++;
    store<usize>(this.step(this.depth), open == 0x7b ? this.at : 0);
    store<u32>(this.step(this.depth), open == 0x7b ? 0 : <u32>-1, 4);
    this.depth++;
    this.afterValue = false;
    return true;
  }

  private leave(): bool {
    this.at++;
    this.depth--;
    this.afterValue = true;
    return false;
  }

  /** Moves to the next key of the object; false at its end or after a fault. */
  nextKey(): bool {
    if (this.fault != 0) return false;
    let byte = this.peek();
    if (byte == 0x7d) return this.leave();
    if (this.afterValue) {
      if (byte != 0x2c) {
        this.expected("`,` or `}`");
        return false;
      }
      this.at++;
      byte = this.peek();
    }
    if (byte != 0x22) {
      this.expected("a key");
      return false;
    }
    if (!this.scanString()) return false;
    this.keyAt = this.textAt;
    this.keyLength = this.textLength;
    this.keyIsPlain = this.textIsPlain;
    store<usize>(this.step(this.depth - 1), this.keyAt);
    store<u32>(this.step(this.depth - 1), <u32>this.keyLength, 4);
    if (this.peek() != 0x3a) {
      this.expected("`:`");
      return false;
    }
    this.at++;
    this.afterValue = true;
    return true;
  }

  /** Whether the key that `nextKey` moved to is `name`. */
  keyIs(name: string): bool {
    if (!this.keyIsPlain) return this.key() == name;
    const length = name.length;
    if (this.keyLength < length) return false;
    const at = this.keyAt;
    for (let i = 0; i < length; i++) {
      const unit = load<u16>(changetype<usize>(name) + (<usize>i << 1));
      if (unit > 0x7f) return this.key() == name;
      if (unit != load<u8>(at + i)) return false;
    }
    return this.keyLength == length;
  }

  /** The key that `nextKey` moved to. */
  key(): string {
    return this.keyIsPlain ? String.UTF8.decodeUnsafe(this.keyAt, this.keyLength) : unescape(this.keyAt, this.keyLength);
  }

  /** Moves to the next item of the array; false at its end or after a fault. */
  nextItem(): bool {
    if (this.fault != 0) return false;
    const byte = this.peek();
    if (byte == 0x5d) {
      return this.leave();
    }
    if (this.afterValue) {
      if (byte != 0x2c) {
        this.expected("`,` or `]`");
        return false;
      }
      this.at++;
      if (this.peek() == 0x5d) {
        this.expected("a value");
        return false;
      }
    }
    const step = this.step(this.depth - 1);
    store<u32>(step, load<u32>(step, 4) + 1, 4);
    this.afterValue = true;
    return true;
  }

  // ---- values

  /** Takes `null` if it is next. */
  takeNull(): bool {
    if (this.fault != 0 || this.peek() != 0x6e) return false;
    return this.takeWord(0x6c6c756e, 4);
  }

  /** `word`: the first four bytes, little-endian. */
  private takeWord(word: u32, length: usize): bool {
    const at = this.at;
    if (this.end - at < length || load<u32>(at) != word || (length == 5 && load<u8>(at, 4) != 0x65)) {
      this.expected("a value");
      return false;
    }
    this.at = at + length;
    this.afterValue = true;
    return true;
  }

  readBool(): bool {
    if (this.fault != 0) return false;
    const byte = this.peek();
    if (byte == 0x74) return this.takeWord(0x65757274, 4);
    if (byte == 0x66) this.takeWord(0x736c6166, 5);
    else this.expected("true or false");
    return false;
  }

  readF64(): f64 {
    const start = this.position();
    if (!this.scanNumber("a number")) return 0;
    const value = parseDouble(digits, exponent, exact, start, this.at);
    if (value == Infinity) {
      this.fail("the number is too large");
      return 0;
    }
    return negative ? -value : value;
  }

  /** An integer of at most `bits` bits. Those of 64 bits may also come as a string, which is how JavaScript can hold them. */
  readInteger(signed: bool, bits: u32): u64 {
    if (this.fault != 0) return 0;
    const start = this.at;
    if (bits == 64 && this.peek() == 0x22) {
      if (!this.scanString()) return 0;
      const after = this.at;
      const end = this.textAt + this.textLength;
      this.at = this.textAt;
      const plain = this.textLength > 0 && (load<u8>(this.at) == 0x2d || load<u8>(this.at) - 0x30 < 10);
      if (!plain || !this.scanNumber("an integer") || this.at != end) {
        this.at = start;
        this.fail("the string is no integer");
        return 0;
      }
      this.at = after;
    } else if (!this.scanNumber("an integer")) {
      return 0;
    }
    const whole = toInteger(signed, bits);
    if (whole == Whole.Fits) return integer;
    this.fail(whole == Whole.HasFraction ? "an integer has no fraction" : "the number is out of range");
    return 0;
  }

  /** What the number is, is then in the variables of number.ts. */
  private scanNumber(what: string): bool {
    if (this.fault != 0) return false;
    const first = this.peek();
    if (first != 0x2d && first - 0x30 >= 10) {
      this.expected(what);
      return false;
    }
    const end = scanNumber(this.at, this.end);
    if (end == 0) {
      this.fail("the number is malformed");
      return false;
    }
    this.at = end;
    this.afterValue = true;
    return true;
  }

  /** Checks the string that starts at the quote and moves behind it. */
  private scanString(): bool {
    const end = scanString(this.at + 1, this.end);
    if (end == 0) {
      this.fail(stringFault);
      return false;
    }
    this.textAt = this.at + 1;
    this.textLength = <i32>(end - this.at - 1);
    this.textIsPlain = isPlain;
    this.at = end + 1;
    return true;
  }

  private beginString(what: string): bool {
    if (this.fault != 0) return false;
    if (this.peek() != 0x22) {
      this.expected(what);
      return false;
    }
    this.afterValue = true;
    return this.scanString();
  }

  readString(): string {
    if (!this.beginString("a string")) return "";
    return this.textIsPlain ? String.UTF8.decodeUnsafe(this.textAt, this.textLength) : unescape(this.textAt, this.textLength);
  }

  /** Bytes, which travel as a base64 string. */
  readBytes(): Uint8Array {
    if (!this.beginString("a base64 string")) return new Uint8Array(0);
    let bytes: Uint8Array | null = null;
    if (this.textIsPlain) {
      bytes = decodeAt(this.textAt, this.textLength);
    } else {
      const text = String.UTF8.encode(unescape(this.textAt, this.textLength));
      bytes = decodeAt(changetype<usize>(text), text.byteLength);
    }
    if (bytes === null) {
      this.fail("the string is not base64");
      return new Uint8Array(0);
    }
    return bytes;
  }

  /** Checks and passes over one value. */
  skipValue(): void {
    if (this.fault != 0) return;
    const byte = this.peek();
    if (byte == 0x7b) {
      if (this.beginObject()) while (this.nextKey()) this.skipValue();
    } else if (byte == 0x5b) {
      if (this.beginArray()) while (this.nextItem()) this.skipValue();
    } else if (byte == 0x22) {
      this.beginString("");
    } else if (byte == 0x74 || byte == 0x66) {
      this.readBool();
    } else if (byte == 0x6e) {
      this.takeNull();
    } else if (byte == 0) {
      this.expected("a value");
    } else {
      this.scanNumber("a value");
    }
  }
}
