import { sequenceLength as utf8Length } from "./json/strings";

/** Text without RegExp, which AssemblyScript compiles and then traps on. */
export namespace text {
  /** The lines of a text, without their `\n` or `\r\n`. A last line that is empty is left out. */
  export function lines(source: string): string[] {
    const found: string[] = [];
    let from = 0;
    while (from < source.length) {
      let to = source.indexOf("\n", from);
      if (to < 0) to = source.length;
      const end = to > from && source.charCodeAt(to - 1) == 0x0d ? to - 1 : to;
      found.push(source.substring(from, end));
      from = to + 1;
    }
    return found;
  }

  /** The words of a text: runs of letters, digits and `_`, and `'` or `’` inside them. */
  export function words(source: string): string[] {
    const found: string[] = [];
    const length = source.length;
    let from = -1;
    for (let i = 0; i < length; ) {
      const point = source.codePointAt(i);
      const width = point > 0xffff ? 2 : 1;
      if (isWordPoint(point) || (from >= 0 && isApostrophe(point) && i + 1 < length && isWordPoint(source.codePointAt(i + 1)))) {
        if (from < 0) from = i;
      } else if (from >= 0) {
        found.push(source.substring(from, i));
        from = -1;
      }
      i += width;
    }
    if (from >= 0) found.push(source.substring(from));
    return found;
  }

  /** Folds case for comparison: `fold(a) == fold(b)` where only upper and lower case differ. */
  export function fold(source: string): string {
    for (let i = 0; i < source.length; i++) {
      const unit = source.charCodeAt(i);
      if (unit > 0x7f || (unit >= 0x41 && unit <= 0x5a)) return source.toUpperCase().toLowerCase();
    }
    return source;
  }

  export function equalsIgnoringCase(a: string, b: string): bool {
    return fold(a) == fold(b);
  }

  export function trim(source: string): string {
    return source.trim();
  }

  /** True for an empty text and for one of nothing but whitespace. */
  export function isBlank(source: string): bool {
    return source.trim().length == 0;
  }

  export function join(parts: string[], separator: string): string {
    return parts.join(separator);
  }

  /** The parts between separators, trimmed; empty ones are left out. */
  export function split(source: string, separator: string): string[] {
    const found: string[] = [];
    const parts = source.split(separator);
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i].trim();
      if (part.length > 0) found.push(part);
    }
    return found;
  }

  /** What stands before the first `separator`; the whole text where there is none. */
  export function before(source: string, separator: string): string {
    const at = source.indexOf(separator);
    return at < 0 ? source : source.substring(0, at);
  }

  /** What stands after the first `separator`; nothing where there is none. */
  export function after(source: string, separator: string): string {
    const at = source.indexOf(separator);
    return at < 0 ? "" : source.substring(at + separator.length);
  }

  /** What stands between `open` and the next `close`; null where they are not both there. */
  export function between(source: string, open: string, close: string): string | null {
    const from = source.indexOf(open);
    if (from < 0) return null;
    const to = source.indexOf(close, from + open.length);
    return to < 0 ? null : source.substring(from + open.length, to);
  }

  /** A file name's extension in lower case, without its dot; nothing where there is none. */
  export function extensionOf(name: string): string {
    const dot = name.lastIndexOf(".");
    return dot <= 0 || dot < name.lastIndexOf("/") + 2 ? "" : fold(name.substring(dot + 1));
  }

  /** True for the code points that make up words: letters, digits, marks, `_`; of what is not ASCII, all but punctuation, spaces and symbols. */
  export function isWordPoint(point: i32): bool {
    if (point < 0x80) return <u32>((point | 0x20) - 0x61) < 26 || <u32>(point - 0x30) < 10 || point == 0x5f;
    if (point < 0xc0) return point == 0xaa || point == 0xb5 || point == 0xba;
    if (point == 0xd7 || point == 0xf7) return false;
    // Punctuation, arrows, mathematics, boxes and the like; then CJK and full-width punctuation; then private use and pictures.
    if (point >= 0x2000 && point <= 0x2bff) return false;
    if (point >= 0x2e00 && point <= 0x2e7f) return false;
    if (point >= 0x3000 && point <= 0x3004) return false;
    if (point >= 0x3008 && point <= 0x3020) return false;
    if (point == 0x3030 || point == 0xfeff || point == 0xfffd || point == 0xffff) return false;
    if (point >= 0xd800 && point <= 0xf8ff) return false;
    if (point >= 0xfe10 && point <= 0xfe6f) return false;
    if (point >= 0xff01 && point <= 0xff0f) return false;
    if (point >= 0xff1a && point <= 0xff20) return false;
    if (point >= 0xff3b && point <= 0xff40) return false;
    if (point >= 0xff5b && point <= 0xff65) return false;
    return point < 0x1f000 || point >= 0x20000;
  }

  /** The length of the UTF-8 sequence at an address, 0 where it is not one; for text that is read as bytes. */
  export function sequenceLength(at: usize, end: usize): usize {
    return utf8Length(at, end);
  }

  // @ts-ignore: decorator
  @inline
  export function isApostrophe(point: i32): bool {
    return point == 0x27 || point == 0x2019;
  }
}
