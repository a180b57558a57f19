import { loadPower, multipliedHigh, multiply128, powerHigh, powerLow } from "./power-of-ten";

/**
 * Writes the shortest text that reads back as `value`, in the form that JavaScript prints (but `-0` keeps its sign), as
 * ASCII bytes at `out`, and returns their count, at most 25. `value` must be finite.
 *
 * The method is Schubfach: https://drive.google.com/file/d/1IEeATSVnEE6TkrHlCYNY2GjaraBjOT4f
 */
export function printDouble(value: f64, out: usize): i32 {
  let at = out;
  const bits = reinterpret<u64>(value);
  if (bits >> 63 != 0) store<u8>(at++, 0x2d);
  const magnitude = abs(value);
  if (magnitude < 9007199254740992.0 && trunc(magnitude) == magnitude) {
    return <i32>(printDigits(<u64>magnitude, at) - out);
  }
  const exponentBits = <i32>((bits >> 52) & 0x7ff);
  const fraction = bits & 0xfffffffffffff;
  const significand = exponentBits == 0 ? fraction : fraction | 0x10000000000000;
  shortest(significand, max(exponentBits, 1) - 1075, fraction == 0 && exponentBits > 1);
  return <i32>(layOut(at) - out);
}

/** The result of `shortest`: digits·10^exponent. */
let digits: u64 = 0;
let exponent: i32 = 0;

function shortest(c: u64, q: i32, lowerIsCloser: bool): void {
  const odd: u64 = c & 1;
  const k = (q * 1262611 - (lowerIsCloser ? 524031 : 0)) >> 22;
  const h = <u64>(q + ((-k * 1741647) >> 19) + 1);
  loadPower(-k);
  // Schubfach wants the power rounded up; 10^0 to 10^55 are exact.
  let high = powerHigh;
  let low = powerLow;
  if (k > 0 || k < -55) {
    low++;
    if (low == 0) high++;
  }
  const lower = roundToOdd(high, low, (4 * c - 2 + u64(lowerIsCloser)) << h) + odd;
  const middle = roundToOdd(high, low, (4 * c) << h);
  const upper = roundToOdd(high, low, (4 * c + 2) << h) - odd;
  const s = middle >> 2;
  if (s >= 10) {
    const tens = s / 10;
    const below = lower <= 40 * tens;
    const above = 40 * tens + 40 <= upper;
    if (below != above) {
      digits = tens + u64(above);
      exponent = k + 1;
      return;
    }
  }
  const below = lower <= 4 * s;
  const above = 4 * s + 4 <= upper;
  exponent = k;
  if (below != above) {
    digits = s + u64(above);
    return;
  }
  const half = 4 * s + 2;
  digits = s + u64(middle > half || (middle == half && (s & 1) != 0));
}

function roundToOdd(high: u64, low: u64, factor: u64): u64 {
  multiply128(low, factor);
  const carried = multipliedHigh;
  const part = multiply128(high, factor);
  const sum = part + carried;
  return (multipliedHigh + u64(sum < part)) | u64(sum > 1);
}

/** Number::toString of ECMA-262 for the digits that `shortest` found. */
function layOut(out: usize): usize {
  let d = digits;
  let e = exponent;
  while (d % 10 == 0) {
    d /= 10;
    e++;
  }
  const count = countDigits(d);
  const point = count + e;
  if (point > 21 || point < -5) {
    // 1.5e+21: one digit, the point, the rest.
    printDigits(d, out + 1);
    store<u8>(out, load<u8>(out, 1));
    let at = out + 1;
    if (count > 1) {
      store<u8>(out, 0x2e, 1);
      at += count;
    }
    store<u8>(at, 0x65);
    store<u8>(at, point > 0 ? 0x2b : 0x2d, 1);
    return printDigits(<u64>abs(point - 1), at + 2);
  }
  if (point <= 0) {
    store<u8>(out, 0x30);
    store<u8>(out, 0x2e, 1);
    memory.fill(out + 2, 0x30, -point);
    return printDigits(d, out + 2 - point);
  }
  const end = printDigits(d, out);
  if (e >= 0) {
    memory.fill(end, 0x30, e);
    return end + e;
  }
  memory.copy(out + point + 1, out + point, count - point);
  store<u8>(out + point, 0x2e);
  return end + 1;
}

function countDigits(value: u64): i32 {
  let count = 1;
  for (let left = value; left >= 10; left /= 10) count++;
  return count;
}

/** Writes `value` in decimal at `out`; returns the end. */
export function printDigits(value: u64, out: usize): usize {
  const end = out + countDigits(value);
  let at = end;
  let left = value;
  do {
    store<u8>(--at, <u8>(0x30 + (left % 10)));
    left /= 10;
  } while (left != 0);
  return end;
}
