/** Of the last number: its digits, the power of ten that goes with them, and whether other digits were left out. */
export let digits: u64 = 0;
export let exponent: i32 = 0;
export let exact: bool = true;
export let negative: bool = false;

/** Reads the number that starts at `start`, by the grammar of JSON. Returns its end, 0 where it is malformed. */
export function scanNumber(start: usize, end: usize): usize {
  let at = start;
  negative = load<u8>(at) == 0x2d;
  if (negative) at++;
  digits = 0;
  let power: i64 = 0;
  exact = true;
  let full = false;
  const integerAt = at;
  let point: usize = 0;
  for (; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte == 0x2e && point == 0) {
      point = at;
      continue;
    }
    const digit: u64 = byte - 0x30;
    if (digit > 9) break;
    // 2^64 − 1 ends in 5.
    if (!full) full = digits > 1844674407370955161 || (digits == 1844674407370955161 && digit > 5);
    if (!full) {
      digits = digits * 10 + digit;
      if (point != 0) power--;
    } else {
      if (digit != 0) exact = false;
      if (point == 0) power++;
    }
  }
  const integerEnd = point == 0 ? at : point;
  let valid = integerEnd > integerAt && (load<u8>(integerAt) != 0x30 || integerEnd == integerAt + 1) && (point == 0 || at > point + 1);
  if (valid && at < end && (load<u8>(at) | 0x20) == 0x65) {
    at++;
    const sign = at < end ? load<u8>(at) : 0;
    if (sign == 0x2b || sign == 0x2d) at++;
    const from = at;
    let written: i64 = 0;
    for (; at < end; at++) {
      const digit: u32 = load<u8>(at) - 0x30;
      if (digit > 9) break;
      if (written < 1000000) written = written * 10 + digit;
    }
    valid = at > from;
    power += sign == 0x2d ? -written : written;
  }
  if (!valid) return 0;
  exponent = <i32>max<i64>(min<i64>(power, 1000000), -1000000);
  return at;
}

/** What the last number is as an integer. */
export enum Whole {
  Fits,
  HasFraction,
  OutOfRange,
}

/** The last number as an integer of that many bits, in two's complement. */
export let integer: u64 = 0;

export function toInteger(signed: bool, bits: u32): Whole {
  let value = digits;
  for (let e = exponent; e < 0 && value != 0; e++) {
    if (value % 10 != 0) return Whole.HasFraction;
    value /= 10;
  }
  if (!exact && exponent < 0) return Whole.HasFraction;
  let fits = exact;
  for (let e = exponent; e > 0 && value != 0 && fits; e--) {
    fits = value <= u64.MAX_VALUE / 10;
    value *= 10;
  }
  let limit: u64 = 0;
  if (signed) limit = (1 << (<u64>bits - 1)) - u64(!negative);
  else if (!negative) limit = u64.MAX_VALUE >> (64 - <u64>bits);
  if (!fits || value > limit) return Whole.OutOfRange;
  integer = negative ? 0 - value : value;
  return Whole.Fits;
}
