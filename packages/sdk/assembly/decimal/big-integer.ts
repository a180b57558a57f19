/**
 * Just enough of an unsigned big integer to compare a decimal with the middle between two doubles. 5,440 bits hold 770
 * digits times the largest power that meets them.
 */
const LIMBS: i32 = 170;

@final
export class BigInteger {
  private limbs: StaticArray<u32> = new StaticArray<u32>(LIMBS);
  private count: i32 = 0;

  static of(value: u64): BigInteger {
    const big = new BigInteger();
    big.limbs[0] = <u32>value;
    big.limbs[1] = <u32>(value >> 32);
    big.count = value == 0 ? 0 : value >> 32 == 0 ? 1 : 2;
    return big;
  }

  /** this = this·factor + term */
  multiplyAdd(factor: u32, term: u32): void {
    let carry: u64 = term;
    for (let i = 0; i < this.count; i++) {
      carry += <u64>this.limbs[i] * factor;
      this.limbs[i] = <u32>carry;
      carry >>= 32;
    }
    if (carry != 0) this.limbs[this.count++] = <u32>carry;
  }

  multiplyByPowerOfFive(exponent: i32): void {
    let left = exponent;
    for (; left >= 13; left -= 13) this.multiplyAdd(1220703125, 0);
    for (; left > 0; left--) this.multiplyAdd(5, 0);
  }

  shiftLeft(bits: i32): void {
    if (this.count == 0) return;
    const whole = bits >> 5;
    const part = bits & 31;
    for (let i = this.count - 1; i >= 0; i--) this.limbs[i + whole] = this.limbs[i];
    for (let i = 0; i < whole; i++) this.limbs[i] = 0;
    this.count += whole;
    if (part != 0) this.multiplyAdd(1 << part, 0);
  }

  /** Below 0, 0 or above 0 as this is less than, equal to or greater than `other`. */
  compare(other: BigInteger): i32 {
    if (this.count != other.count) return this.count - other.count;
    for (let i = this.count - 1; i >= 0; i--) {
      if (this.limbs[i] != other.limbs[i]) return this.limbs[i] < other.limbs[i] ? -1 : 1;
    }
    return 0;
  }
}
