const WORD_BYTES = 4;
const SPACES = 0x20202020;
const HIGH_BITS = 0x80808080;

/** Whether a range has a byte below a space, which JSON's strings must not: four bytes are looked at at once. */
export function hasControl(buffer: Buffer, start: number, end: number): boolean {
  // A view of words begins where a word does.
  const first = start + (-(buffer.byteOffset + start) & (WORD_BYTES - 1));
  const count = Math.max(0, Math.floor((end - first) / WORD_BYTES));
  if (count === 0) return hasControlByte(buffer, start, end);
  const words = new Int32Array(buffer.buffer, buffer.byteOffset + first, count);
  // A byte below a space has its highest bit set once a space is taken from it; one that had it before does not count.
  let below = 0;
  for (let i = 0; i < count; i++) {
    const word = words[i] ?? 0;
    below |= (word - SPACES) & ~word;
  }
  if ((below & HIGH_BITS) !== 0) return true;
  return hasControlByte(buffer, start, first) || hasControlByte(buffer, first + WORD_BYTES * count, end);
}

function hasControlByte(buffer: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((buffer[at] ?? 0) < 0x20) return true;
  return false;
}
