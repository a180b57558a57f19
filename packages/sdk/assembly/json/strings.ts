/** Of the last string: whether it has no escapes; or, where it is none, why. */
export let isPlain: bool = true;
export let stringFault: string = "";

/** Checks a string from behind its opening quote. Returns where its closing quote is, 0 where it is no string. */
export function scanString(start: usize, end: usize): usize {
  isPlain = true;
  stringFault = "a string has no end";
  let at = start;
  while (at < end) {
    const byte = <u32>load<u8>(at);
    if (byte == 0x22) return at;
    let length: usize = 1;
    if (byte < 0x20) {
      stringFault = "a control character is not escaped";
      return 0;
    }
    if (byte == 0x5c) {
      isPlain = false;
      length = escapeLength(at, end);
      if (length == 0) stringFault = "an escape in a string is malformed";
    } else if (byte > 0x7f) {
      length = sequenceLength(at, end);
      if (length == 0) stringFault = "a string is not valid UTF-8";
    }
    if (length == 0) return 0;
    at += length;
  }
  return 0;
}

/** The length of the UTF-8 sequence at `at`, 0 where it is not one (RFC 3629: no surrogates, nothing overlong). */
export function sequenceLength(at: usize, end: usize): usize {
  const first = <u32>load<u8>(at);
  if (first < 0xc2 || first > 0xf4) return 0;
  const length: usize = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (end - at < length) return 0;
  const second = <u32>load<u8>(at, 1);
  if ((second & 0xc0) != 0x80) return 0;
  if (length > 2 && (load<u8>(at, 2) & 0xc0) != 0x80) return 0;
  if (length > 3 && (load<u8>(at, 3) & 0xc0) != 0x80) return 0;
  if (first == 0xe0 && second < 0xa0) return 0;
  if (first == 0xed && second > 0x9f) return 0;
  if (first == 0xf0 && second < 0x90) return 0;
  if (first == 0xf4 && second > 0x8f) return 0;
  return length;
}

/** The length of the escape at the backslash, 0 where it is not one. */
function escapeLength(at: usize, end: usize): usize {
  if (end - at < 2) return 0;
  switch (load<u8>(at, 1)) {
    case 0x22: case 0x5c: case 0x2f: case 0x62: case 0x66: case 0x6e: case 0x72: case 0x74:
      return 2;
    case 0x75:
      if (end - at < 6) return 0;
      for (let i: usize = 2; i < 6; i++) if (hexValue(load<u8>(at + i)) > 15) return 0;
      return 6;
  }
  return 0;
}

export function hexValue(byte: u32): u32 {
  if (byte - 0x30 < 10) return byte - 0x30;
  const letter = byte | 0x20;
  return letter - 0x61 < 6 ? letter - 87 : 16;
}

/** The text of a checked string with escapes. */
export function unescape(from: usize, length: i32): string {
  // Every escape and sequence has at least as many bytes as code units come out of it.
  const units = new StaticArray<u16>(length);
  let count = 0;
  let at = from;
  const end = from + <usize>length;
  while (at < end) {
    const byte = <u32>load<u8>(at);
    if (byte < 0x80 && byte != 0x5c) {
      units[count++] = <u16>byte;
      at++;
    } else if (byte == 0x5c) {
      const kind = load<u8>(at, 1);
      at += 2;
      switch (kind) {
        case 0x62: units[count++] = 0x08; break;
        case 0x66: units[count++] = 0x0c; break;
        case 0x6e: units[count++] = 0x0a; break;
        case 0x72: units[count++] = 0x0d; break;
        case 0x74: units[count++] = 0x09; break;
        case 0x75:
          units[count++] = <u16>((hexValue(load<u8>(at)) << 12) | (hexValue(load<u8>(at, 1)) << 8) | (hexValue(load<u8>(at, 2)) << 4) | hexValue(load<u8>(at, 3)));
          at += 4;
          break;
        default: units[count++] = kind;
      }
    } else {
      const size = sequenceLength(at, end);
      const bytes = String.UTF8.decodeUnsafe(at, size);
      for (let i = 0; i < bytes.length; i++) units[count++] = <u16>bytes.charCodeAt(i);
      at += size;
    }
  }
  return String.UTF16.decodeUnsafe(changetype<usize>(units), <usize>count << 1);
}
