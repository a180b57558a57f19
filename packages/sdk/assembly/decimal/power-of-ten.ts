/**
 * 128-bit significands of the powers of ten that doubles need, computed instead of stored: a table of them would be
 * 11 KB of every extension. 256-bit arithmetic leaves 128 bits of margin; a test compares every exponent with exact
 * integers.
 */

/** Exponents for which `loadPower` is exact to 128 bits. */
export const MIN_POWER: i32 = -348;
export const MAX_POWER: i32 = 347;

/** Of the last `loadPower(e)`: 10^e = (high·2^64 + low)·2^k, rounded down, with the top bit of `high` set. */
export let powerHigh: u64 = 0;
export let powerLow: u64 = 0;

const LIMBS: i32 = 8;
const CACHED: i32 = 64;

@lazy const cachedExponents = new StaticArray<i32>(CACHED);
@lazy const cachedBits = new StaticArray<u64>(CACHED * 2);
@lazy const base = new StaticArray<u32>(LIMBS);
@lazy const power = new StaticArray<u32>(LIMBS);
@lazy const product = new StaticArray<u32>(LIMBS * 2);

export function loadPower(exponent: i32): void {
  const slot = exponent & (CACHED - 1);
  // Slot 0 is asked for exponent 0 only where that is right: 10^0 is filled in like any other.
  if (cachedExponents[slot] != exponent || cachedBits[slot * 2] == 0) {
    compute(exponent);
    cachedExponents[slot] = exponent;
    cachedBits[slot * 2] = ((<u64>power[7]) << 32) | power[6];
    cachedBits[slot * 2 + 1] = ((<u64>power[5]) << 32) | power[4];
  }
  powerHigh = cachedBits[slot * 2];
  powerLow = cachedBits[slot * 2 + 1];
}

/** 5^|e| or 5^-|e| by squaring; the factor 2^e only moves the binary point. */
function compute(exponent: i32): void {
  // 5 and 1/5 with the top bit set: 101 in binary, and 0.1100 1100 … in binary.
  const fill: u32 = exponent < 0 ? 0xcccccccc : 0;
  for (let i = 0; i < LIMBS; i++) {
    base[i] = fill;
    power[i] = 0;
  }
  if (exponent >= 0) base[7] = 0xa0000000;
  power[7] = 0x80000000;
  for (let left = <u32>abs(exponent); left != 0; left >>= 1) {
    if (left & 1) multiply(power, base);
    if (left > 1) multiply(base, base);
  }
}

/** a = a·b, normalised, rounded down to 256 bits. */
function multiply(a: StaticArray<u32>, b: StaticArray<u32>): void {
  for (let i = 0; i < LIMBS * 2; i++) product[i] = 0;
  for (let i = 0; i < LIMBS; i++) {
    let carry: u64 = 0;
    const factor: u64 = a[i];
    for (let j = 0; j < LIMBS; j++) {
      const sum = factor * b[j] + product[i + j] + carry;
      product[i + j] = <u32>sum;
      carry = sum >> 32;
    }
    product[i + LIMBS] = <u32>carry;
  }
  const shift: u32 = clz(product[15]);
  for (let i = LIMBS - 1; i >= 0; i--) {
    const high = product[i + LIMBS];
    a[i] = shift == 0 ? high : (high << 1) | (product[i + LIMBS - 1] >> 31);
  }
}

/** The high half of the last `multiply128`. */
export let multipliedHigh: u64 = 0;

/** The 128-bit product of two 64-bit integers; returns the low half. */
export function multiply128(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const low = aLow * bLow;
  const cross = aHigh * bLow + (low >> 32);
  const middle = (cross & 0xffffffff) + aLow * bHigh;
  multipliedHigh = aHigh * bHigh + (cross >> 32) + (middle >> 32);
  return (middle << 32) | (low & 0xffffffff);
}
