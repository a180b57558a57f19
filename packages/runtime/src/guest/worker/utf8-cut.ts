/** How many of the first `most` bytes hold whole UTF-8 characters. */
export function utf8Cut(bytes: Uint8Array, start: number, length: number, most: number): number {
  if (length <= most) return length;
  let end = most;
  // At most three continuation bytes; where there are more it is not UTF-8 and any cut will do.
  for (let back = 0; back < 3 && end > 0 && ((bytes[start + end] ?? 0) & 0xc0) === 0x80; back++) end--;
  return end;
}
