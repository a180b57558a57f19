import { hostFunctionType, type Operand } from "./abi-reference.js";

/** Numbers that come again for the same seed. */
export class SeededNumbers {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed | 0;
  }

  /** 32 bits, unsigned. */
  word(): number {
    // Mulberry32: small, and every state is another one.
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** Below `end`. */
  below(end: number): number {
    return this.word() % end;
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0];
  }
}

const I32_BORDERS = [0, 1, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffff0, 0xffffffff] as const;

/** A pointer or a length: mostly one that is good, often one at a border, sometimes anything. */
export function someWord(random: SeededNumbers, memoryBytes: number, jobAt: number): number {
  switch (random.below(8)) {
    case 0:
      return random.pick(I32_BORDERS);
    case 1:
      return (memoryBytes - 24 + random.below(48)) >>> 0;
    case 2:
      return random.word();
    case 3:
      return random.below(memoryBytes);
    case 4:
    case 5:
      return jobAt;
    default:
      return random.below(1100);
  }
}

/** Operands for a host function of this name. */
export function someOperands(random: SeededNumbers, name: string, memoryBytes: number, jobAt: number): Operand[] {
  return hostFunctionType(name).parameters.map((type) => {
    // As the platform hands them over: i32 signed, f32 rounded, i64 signed.
    if (type === "i64") return BigInt.asIntN(64, (BigInt(random.word()) << 32n) | BigInt(random.word()));
    if (type === "f32") return Math.fround(random.pick([0, -0, 0.5, 1, 2, -1, Infinity, Number.NaN, 1e-40]));
    return someWord(random, memoryBytes, jobAt) | 0;
  });
}
