// What an extension needs of JSON: to take an object apart, and to write text. Nothing here traps, whatever it is given.

/** The fields of an object by their names, each value as it was written. Of two fields of one name the last counts. */
export type Fields = Map<string, string>;

/** What is nested deeper is refused, so that no text can overflow the stack. */
const MAX_DEPTH: i32 = 100;

const QUOTE: i32 = 0x22;
const BACKSLASH: i32 = 0x5c;

/** The fields of the object that a text holds; null where it is not JSON, or no object. */
export function readFields(text: string): Fields | null {
  const reader = new Reader(text);
  const fields = new Map<string, string>();
  reader.skipSpace();
  if (!reader.object(0, fields)) return null;
  reader.skipSpace();
  return reader.at == text.length ? fields : null;
}

/** The text that a value is; null where the field is not there, or no text. */
export function textOf(fields: Fields | null, name: string): string | null {
  if (fields === null || !fields.has(name)) return null;
  const value = fields.get(name);
  return value.charCodeAt(0) == QUOTE ? unquote(value) : null;
}

/** The whole number from 0 to 4,294,967,295 that a value is; −1 where the field is not there, or is something else. */
export function countOf(fields: Fields | null, name: string): i64 {
  if (fields === null || !fields.has(name)) return -1;
  const value = fields.get(name);
  const first = value.charCodeAt(0);
  if (first != 0x2d && !isDigit(first)) return -1;
  // 1e2 and 100.0 are whole numbers, too.
  const number = F64.parseFloat(value);
  return number >= 0 && number <= <f64>u32.MAX_VALUE && Math.floor(number) == number ? <i64>number : -1;
}

/** A text as JSON. */
export function quote(text: string): string {
  const written = new StaticArray<u16>(text.length * 6 + 2);
  let length = 0;
  unchecked((written[length++] = <u16>QUOTE));
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code == QUOTE || code == BACKSLASH) {
      unchecked((written[length++] = <u16>BACKSLASH));
      unchecked((written[length++] = <u16>code));
    } else if (code < 0x20 || isLoneSurrogate(text, i)) {
      // Half a pair has no UTF-8: it can only be told as an escape.
      const escape = "\\u" + code.toString(16).padStart(4, "0");
      for (let j = 0; j < 6; j++) unchecked((written[length++] = <u16>escape.charCodeAt(j)));
    } else unchecked((written[length++] = <u16>code));
  }
  unchecked((written[length++] = <u16>QUOTE));
  return String.UTF16.decodeUnsafe(changetype<usize>(written), length << 1);
}

/** The text of a JSON string that has been read. */
function unquote(value: string): string {
  const end = value.length - 1;
  if (value.indexOf("\\") < 0) return value.substring(1, end);
  const text = new StaticArray<u16>(end);
  let length = 0;
  for (let i = 1; i < end; i++) {
    let code = value.charCodeAt(i);
    if (code == BACKSLASH) {
      code = value.charCodeAt(++i);
      if (code == 0x75 /* u */) {
        code = <i32>parseInt(value.substr(i + 1, 4), 16);
        i += 4;
      } else code = unescaped(code);
    }
    unchecked((text[length++] = <u16>code));
  }
  return String.UTF16.decodeUnsafe(changetype<usize>(text), length << 1);
}

function unescaped(letter: i32): i32 {
  switch (letter) {
    case 0x62 /* b */:
      return 0x08;
    case 0x66 /* f */:
      return 0x0c;
    case 0x6e /* n */:
      return 0x0a;
    case 0x72 /* r */:
      return 0x0d;
    case 0x74 /* t */:
      return 0x09;
    default:
      return letter;
  }
}

function isLoneSurrogate(text: string, at: i32): bool {
  const code = text.charCodeAt(at);
  if (code < 0xd800 || code > 0xdfff) return false;
  if (code < 0xdc00) return at + 1 == text.length || (text.charCodeAt(at + 1) & 0xfc00) != 0xdc00;
  return at == 0 || (text.charCodeAt(at - 1) & 0xfc00) != 0xd800;
}

function isDigit(code: i32): bool {
  return code >= 0x30 && code <= 0x39;
}

function isHex(code: i32): bool {
  return isDigit(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
}

/** Walks over a text; each method says whether there was what it looked for. */
class Reader {
  at: i32 = 0;

  constructor(public text: string) {}

  skipSpace(): void {
    while (true) {
      const code = this.peek();
      if (code != 0x20 && code != 0x0a && code != 0x0d && code != 0x09) return;
      this.at++;
    }
  }

  object(depth: i32, fields: Fields | null): bool {
    if (depth == MAX_DEPTH || !this.take(0x7b /* { */)) return false;
    this.skipSpace();
    if (this.take(0x7d /* } */)) return true;
    while (true) {
      this.skipSpace();
      const name = this.at;
      if (!this.string()) return false;
      const nameEnd = this.at;
      this.skipSpace();
      if (!this.take(0x3a /* : */)) return false;
      this.skipSpace();
      const value = this.at;
      if (!this.value(depth + 1)) return false;
      if (fields) fields.set(unquote(this.text.substring(name, nameEnd)), this.text.substring(value, this.at));
      this.skipSpace();
      if (this.take(0x7d)) return true;
      if (!this.take(0x2c /* , */)) return false;
    }
  }

  private value(depth: i32): bool {
    switch (this.peek()) {
      case 0x7b:
        return this.object(depth, null);
      case 0x5b:
        return this.list(depth);
      case QUOTE:
        return this.string();
      case 0x74:
        return this.word("true");
      case 0x66:
        return this.word("false");
      case 0x6e:
        return this.word("null");
      default:
        return this.number();
    }
  }

  private list(depth: i32): bool {
    if (depth == MAX_DEPTH || !this.take(0x5b /* [ */)) return false;
    this.skipSpace();
    if (this.take(0x5d /* ] */)) return true;
    while (true) {
      this.skipSpace();
      if (!this.value(depth + 1)) return false;
      this.skipSpace();
      if (this.take(0x5d)) return true;
      if (!this.take(0x2c)) return false;
    }
  }

  private string(): bool {
    if (!this.take(QUOTE)) return false;
    while (true) {
      const code = this.peek();
      if (code < 0x20) return false;
      this.at++;
      if (code == QUOTE) return true;
      if (code == BACKSLASH && !this.escape()) return false;
    }
  }

  private escape(): bool {
    const code = this.peek();
    this.at++;
    if (code != 0x75 /* u */) return code > 0 && "\"\\/bfnrt".includes(String.fromCharCode(code));
    for (let i = 0; i < 4; i++, this.at++) if (!isHex(this.peek())) return false;
    return true;
  }

  private number(): bool {
    this.take(0x2d /* - */);
    if (!this.take(0x30) && !this.digits()) return false;
    if (this.take(0x2e /* . */) && !this.digits()) return false;
    if ((this.peek() | 0x20) != 0x65 /* e */) return true;
    this.at++;
    if (!this.take(0x2b)) this.take(0x2d);
    return this.digits();
  }

  private digits(): bool {
    const from = this.at;
    while (isDigit(this.peek())) this.at++;
    return this.at > from;
  }

  private word(word: string): bool {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  private take(code: i32): bool {
    if (this.peek() != code) return false;
    this.at++;
    return true;
  }

  /** The next code unit; −1 at the end. */
  private peek(): i32 {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }
}
