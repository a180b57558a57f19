import { codes } from "./failure";
import { Result } from "./result";

/** Base64 of RFC 4648 §4, with padding: how bytes travel in JSON. */
export namespace base64 {
  export function encode(bytes: Uint8Array): string {
    const length = encodedLength(bytes.length);
    const text = new ArrayBuffer(length);
    encodeAt(bytes.dataStart, bytes.length, changetype<usize>(text));
    return String.UTF8.decode(text);
  }

  /** Fails with `INVALID_INPUT` where `text` is not base64. */
  export function decode(text: string): Result<Uint8Array> {
    const utf8 = String.UTF8.encode(text);
    const bytes = decodeAt(changetype<usize>(utf8), utf8.byteLength);
    if (bytes === null) return Result.fail<Uint8Array>(codes.INVALID_INPUT, "the text is not base64");
    return Result.ok<Uint8Array>(bytes);
  }
}

export function encodedLength(bytes: i32): i32 {
  return ((bytes + 2) / 3) * 4;
}

export function encodeAt(from: usize, length: i32, to: usize): void {
  const whole = from + <usize>(length - (length % 3));
  let at = from;
  let out = to;
  for (; at < whole; at += 3, out += 4) {
    const group = ((<u32>load<u8>(at)) << 16) | ((<u32>load<u8>(at, 1)) << 8) | load<u8>(at, 2);
    store<u32>(out, sixBits(group >> 18) | (sixBits((group >> 12) & 63) << 8) | (sixBits((group >> 6) & 63) << 16) | (sixBits(group & 63) << 24));
  }
  const rest = length % 3;
  if (rest == 0) return;
  const group = ((<u32>load<u8>(at)) << 16) | (rest == 2 ? (<u32>load<u8>(at, 1)) << 8 : 0);
  store<u8>(out, <u8>sixBits(group >> 18));
  store<u8>(out, <u8>sixBits((group >> 12) & 63), 1);
  store<u8>(out, rest == 2 ? <u8>sixBits((group >> 6) & 63) : 0x3d, 2);
  store<u8>(out, 0x3d, 3);
}

// @ts-ignore: decorator
@inline
function sixBits(value: u32): u32 {
  if (value < 26) return value + 0x41;
  if (value < 52) return value + 71;
  if (value < 62) return value - 4;
  return value == 62 ? 0x2b : 0x2f;
}

/** What a byte of the text stands for; 64 and above: nothing. */
// @ts-ignore: decorator
@inline
function valueOf(byte: u32): u32 {
  if (byte - 0x61 < 26) return byte - 71;
  if (byte - 0x41 < 26) return byte - 0x41;
  if (byte - 0x30 < 10) return byte + 4;
  if (byte == 0x2b) return 62;
  return byte == 0x2f ? 63 : 64;
}

/** Null where the bytes are not base64. Padding may be left out. */
export function decodeAt(from: usize, length: i32): Uint8Array | null {
  let end = length;
  if (end > 0 && (end & 3) == 0 && load<u8>(from + end - 1) == 0x3d) end -= load<u8>(from + end - 2) == 0x3d ? 2 : 1;
  const rest = end & 3;
  if (rest == 1) return null;
  const bytes = new Uint8Array((end >> 2) * 3 + (rest == 0 ? 0 : rest - 1));
  let out = bytes.dataStart;
  let at = from;
  const whole = from + <usize>(end - rest);
  for (; at < whole; at += 4, out += 3) {
    const a = valueOf(load<u8>(at));
    const b = valueOf(load<u8>(at, 1));
    const c = valueOf(load<u8>(at, 2));
    const d = valueOf(load<u8>(at, 3));
    if ((a | b | c | d) > 63) return null;
    store<u8>(out, <u8>((a << 2) | (b >> 4)));
    store<u8>(out, <u8>((b << 4) | (c >> 2)), 1);
    store<u8>(out, <u8>((c << 6) | d), 2);
  }
  if (rest != 0) {
    const a = valueOf(load<u8>(at));
    const b = valueOf(load<u8>(at, 1));
    const c = rest == 3 ? valueOf(load<u8>(at, 2)) : 0;
    if ((a | b | c) > 63) return null;
    store<u8>(out, <u8>((a << 2) | (b >> 4)));
    if (rest == 3) store<u8>(out, <u8>((b << 4) | (c >> 2)), 1);
  }
  return bytes;
}
