import { text } from "@spacedrive/sdk";
import { WordTable } from "./word-table";

/** For each ASCII byte: 0 no part of a word, 1 part of one, 2 a capital. */
const KINDS = new StaticArray<u8>(128);
for (let byte = 0; byte < 128; byte++) {
  KINDS[byte] = byte - 0x41 >= 0 && byte - 0x41 < 26 ? 2 : text.isWordPoint(byte) ? 1 : 0;
}

/** Lines and words of the last `scan`. */
export let lines: u64 = 0;
export let words: u64 = 0;

/**
 * Counts lines and words of UTF-8 text in one pass over its bytes, and each word into `table`. False where the bytes are
 * no text: a NUL, or not UTF-8.
 */
export function scan(bytes: Uint8Array, table: WordTable): bool {
  lines = 0;
  words = 0;
  const start = bytes.dataStart;
  const end = start + <usize>bytes.length;
  let at = start;
  let word: usize = 0;
  let plain = true;
  let ascii = true;
  while (at < end) {
    const byte = <u32>load<u8>(at);
    let length: usize = 1;
    let inWord: bool = false;
    if (byte < 0x80) {
      const kind = unchecked(KINDS[byte]);
      inWord = kind != 0;
      if (kind == 2) plain = false;
      else if (byte == 0x0a) lines++;
      else if (byte == 0) return false;
      else if (byte == 0x27 && word != 0) inWord = startsWord(at + 1, end);
    } else {
      length = text.sequenceLength(at, end);
      if (length == 0) return false;
      const point = pointAt(at, length);
      inWord = text.isWordPoint(point) || (word != 0 && text.isApostrophe(point) && startsWord(at + length, end));
      if (inWord) ascii = false;
    }
    if (inWord) {
      if (word == 0) {
        word = at;
        plain = byte < 0x80 && unchecked(KINDS[byte]) == 1;
        ascii = byte < 0x80;
      }
    } else if (word != 0) {
      words++;
      table.add(word, <u32>(at - word), plain && ascii, ascii);
      word = 0;
    }
    at += length;
  }
  if (word != 0) {
    words++;
    table.add(word, <u32>(at - word), plain && ascii, ascii);
  }
  if (end > start && load<u8>(end - 1) != 0x0a) lines++;
  return true;
}

function startsWord(at: usize, end: usize): bool {
  if (at >= end) return false;
  const byte = <u32>load<u8>(at);
  if (byte < 0x80) return unchecked(KINDS[byte]) != 0;
  const length = text.sequenceLength(at, end);
  return length != 0 && text.isWordPoint(pointAt(at, length));
}

/** The code point of a sequence that is known to be one. */
function pointAt(at: usize, length: usize): i32 {
  let point = <i32>load<u8>(at) & (0x7f >> <i32>length);
  for (let i: usize = 1; i < length; i++) point = (point << 6) | (<i32>load<u8>(at + i) & 0x3f);
  return point;
}
