import { BigInteger } from "./big-integer";
import { loadPower, MAX_POWER, MIN_POWER, multipliedHigh, multiply128, powerHigh, powerLow } from "./power-of-ten";

/** More digits than any middle between two doubles has; the rest can only tip the scale, and is kept as one digit. */
const MOST_DIGITS: i32 = 769;

/**
 * The double nearest to digits·10^exponent, ties to even; infinity where it is too large. `text` and `end` are the
 * number's own bytes (digits, point, exponent; the sign is ignored), read again in the rare case that needs every digit.
 *
 * @param exact false where `digits` left out digits that are not zero.
 */
export function parseDouble(digits: u64, exponent: i32, exact: bool, text: usize, end: usize): f64 {
  if (digits == 0) return 0;
  if (exact && digits < 0x20000000000000) {
    // Both numbers are doubles, so one rounding is the right one.
    if (exponent >= 0 && exponent <= 22) return <f64>digits * smallPower(exponent);
    if (exponent < 0 && exponent >= -22) return <f64>digits / smallPower(-exponent);
  }
  if (exponent < MIN_POWER) return 0;
  if (exponent > MAX_POWER) return Infinity;
  const near = nearby(digits, exponent);
  // With digits left out the truth lies between `digits` and `digits + 1`.
  if (certain && (exact || (nearby(digits + 1, exponent) == near && certain))) return near;
  return settle(near, text, end);
}

function smallPower(exponent: i32): f64 {
  let power: f64 = 1;
  for (let i = 0; i < exponent; i++) power *= 10;
  return power;
}

/** Whether the last `nearby` was surely the nearest double. */
let certain: bool = false;

/** Eisel and Lemire's method: https://arxiv.org/abs/2101.11408 */
function nearby(digits: u64, exponent: i32): f64 {
  certain = true;
  const shift = clz(digits);
  const factor = digits << shift;
  loadPower(exponent);
  const lowPower = powerLow;
  let low = multiply128(factor, powerHigh);
  let high = multipliedHigh;
  if ((high & 0x1ff) == 0x1ff && low + factor < low) {
    const lowest = multiply128(factor, lowPower);
    const sum = low + multipliedHigh;
    if (sum < low) high++;
    low = sum;
    if ((high & 0x1ff) == 0x1ff && low + 1 == 0 && lowest + factor < lowest) certain = false;
  }
  const top = high >> 63;
  let mantissa = high >> (top + 9);
  // floor(log2(10^exponent)) + 64, less what normalising shifted away.
  let binary = ((217706 * exponent) >> 16) + 64 + 1023 - <i32>shift + <i32>top - 1;
  if (low == 0 && (high & 0x1ff) == 0 && (mantissa & 3) == 1) certain = false;
  mantissa = (mantissa + (mantissa & 1)) >> 1;
  if (mantissa >> 53 != 0) {
    mantissa >>= 1;
    binary++;
  }
  if (binary <= 0) {
    // Below the normal range the rounding is at another bit: let the exact comparison place it.
    certain = false;
    return binary < -53 ? 0 : <f64>mantissa * reinterpret<f64>(1) * pow2(binary - 1);
  }
  if (binary >= 0x7ff) {
    certain = binary > 0x7ff;
    return Infinity;
  }
  return reinterpret<f64>(((<u64>binary) << 52) | (mantissa & 0xfffffffffffff));
}

/** 2^exponent for -54 ≤ exponent ≤ 0. */
function pow2(exponent: i32): f64 {
  return reinterpret<f64>((<u64>(1023 + exponent)) << 52);
}

/** Moves `near` by single steps until the decimal lies within half a step of it, comparing exact integers. */
function settle(near: f64, text: usize, end: usize): f64 {
  let bits = min<u64>(reinterpret<u64>(near), 0x7fefffffffffffff);
  while (true) {
    const above = compareWithMiddle(bits, text, end);
    if (above > 0 || (above == 0 && (bits & 1) != 0)) {
      bits++;
      if (bits == 0x7ff0000000000000) return Infinity;
      if (above == 0) break;
      continue;
    }
    if (bits == 0) break;
    const below = compareWithMiddle(bits - 1, text, end);
    if (below > 0 || (below == 0 && (bits & 1) == 0)) break;
    bits--;
  }
  return reinterpret<f64>(bits);
}

/** Compares the decimal with the middle between the double `bits` and the next one up. */
function compareWithMiddle(bits: u64, text: usize, end: usize): i32 {
  const exponentBits = <i32>(bits >> 52);
  const fraction = bits & 0xfffffffffffff;
  const significand = exponentBits == 0 ? fraction : fraction | 0x10000000000000;
  const middle = BigInteger.of(2 * significand + 1);
  const binary = max(exponentBits, 1) - 1076;
  const decimal = new BigInteger();
  const exponent = readDigits(decimal, text, end);
  // decimal·10^exponent against middle·2^binary, with both exponents made positive.
  if (exponent >= 0) decimal.multiplyByPowerOfFive(exponent);
  else middle.multiplyByPowerOfFive(-exponent);
  const shift = exponent - binary;
  if (shift >= 0) decimal.shiftLeft(shift);
  else middle.shiftLeft(-shift);
  return decimal.compare(middle);
}

/** Reads every digit that matters into `into`; returns the power of ten that goes with them. */
function readDigits(into: BigInteger, text: usize, end: usize): i32 {
  let count = 0;
  let exponent = 0;
  let afterPoint = false;
  let dropped = false;
  let at = text;
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == 0x2e) {
      afterPoint = true;
      continue;
    }
    if ((byte | 0x20) == 0x65) break;
    if (byte == 0x2d) continue;
    if (count >= MOST_DIGITS) {
      if (byte != 0x30) dropped = true;
      if (!afterPoint) exponent++;
      continue;
    }
    into.multiplyAdd(10, byte - 0x30);
    if (count > 0 || byte != 0x30) count++;
    if (afterPoint) exponent--;
  }
  if (dropped) {
    into.multiplyAdd(10, 1);
    exponent--;
  }
  if (at < end) {
    at++;
    const negative = load<u8>(at) == 0x2d;
    let written = 0;
    for (; at < end; at++) {
      const byte = load<u8>(at);
      if (byte >= 0x30 && written < 100000) written = written * 10 + byte - 0x30;
    }
    exponent += negative ? -written : written;
  }
  return exponent;
}
