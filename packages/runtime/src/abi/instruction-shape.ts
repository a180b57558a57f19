import { type ByteReader, MalformedBytes } from "./byte-reader.js";

/** What follows an opcode: nothing, one number, two, bytes of a fixed count, or where memory is accessed. */
type Immediate = "none" | "index" | "two" | "byte" | "four" | "eight" | "sixteen" | "access" | "access-lane" | "heap";

/** Instructions of the same immediates and the same effect on the height of the operand stack. */
interface InstructionClass {
  readonly immediate: Immediate;
  readonly effect: number;
}

/** `[first, last, effect, immediate]`; of those that do not branch, call or throw, which `readBodyCost` looks at itself. */
type Row = readonly [first: number, last: number, effect: number, immediate?: Immediate];

const PLAIN: readonly Row[] = [
  [0x01, 0x01, 0],
  [0x1a, 0x1a, -1],
  [0x1b, 0x1b, -2],
  [0x20, 0x20, 1, "index"],
  [0x21, 0x21, -1, "index"],
  [0x22, 0x22, 0, "index"],
  [0x23, 0x23, 1, "index"],
  [0x24, 0x24, -1, "index"],
  [0x25, 0x25, 0, "index"],
  [0x26, 0x26, -2, "index"],
  [0x28, 0x35, 0, "access"],
  [0x36, 0x3e, -2, "access"],
  [0x3f, 0x3f, 1, "index"],
  [0x40, 0x40, 0, "index"],
  [0x41, 0x42, 1, "index"],
  [0x43, 0x43, 1, "four"],
  [0x44, 0x44, 1, "eight"],
  [0x45, 0x45, 0],
  [0x46, 0x4f, -1],
  [0x50, 0x50, 0],
  [0x51, 0x66, -1],
  [0x67, 0x69, 0],
  [0x6a, 0x78, -1],
  [0x79, 0x7b, 0],
  [0x7c, 0x8a, -1],
  [0x8b, 0x91, 0],
  [0x92, 0x98, -1],
  [0x99, 0x9f, 0],
  [0xa0, 0xa6, -1],
  [0xa7, 0xc4, 0],
  [0xd0, 0xd0, 1, "heap"],
  [0xd1, 0xd1, 0],
  [0xd2, 0xd2, 1, "index"],
  [0xd3, 0xd3, -1],
  [0xd4, 0xd4, 0],
];

/** After 0xfc: conversions that saturate, bulk memory, tables. */
const BULK: readonly Row[] = [
  [0, 7, 0],
  [8, 8, -3, "two"],
  [9, 9, 0, "index"],
  [10, 10, -3, "two"],
  [11, 11, -3, "index"],
  [12, 12, -3, "two"],
  [13, 13, 0, "index"],
  [14, 14, -3, "two"],
  [15, 15, -1, "index"],
  [16, 16, 1, "index"],
  [17, 17, -3, "index"],
];

/** After 0xfd: SIMD. Later rows win. */
const SIMD: readonly Row[] = [
  [0, 10, 0, "access"],
  [11, 11, -2, "access"],
  [12, 12, 1, "sixteen"],
  [13, 13, -1, "sixteen"],
  [14, 14, -1],
  [15, 20, 0],
  [21, 34, 0, "byte"],
  [23, 23, -1, "byte"],
  [26, 26, -1, "byte"],
  [28, 28, -1, "byte"],
  [30, 30, -1, "byte"],
  [32, 32, -1, "byte"],
  [34, 34, -1, "byte"],
  [35, 275, -1],
  [77, 77, 0],
  [82, 82, -2],
  [83, 83, 0],
  [84, 87, -1, "access-lane"],
  [88, 91, -2, "access-lane"],
  [92, 93, 0, "access"],
  [94, 100, 0],
  [103, 106, 0],
  [116, 117, 0],
  [122, 122, 0],
  [124, 129, 0],
  [131, 132, 0],
  [135, 138, 0],
  [148, 148, 0],
  [160, 164, 0],
  [167, 170, 0],
  [192, 196, 0],
  [199, 202, 0],
  [224, 227, 0],
  [236, 239, 0],
  [248, 255, 0],
  [257, 260, 0],
  [261, 268, -2],
  [275, 275, -2],
];

/** After 0xfe: atomics, which a memory that is not shared may be accessed by, too. */
const ATOMIC: readonly Row[] = [
  [0x00, 0x00, -1, "access"],
  [0x01, 0x02, -2, "access"],
  [0x03, 0x03, 0, "byte"],
  [0x10, 0x16, 0, "access"],
  [0x17, 0x1d, -2, "access"],
  [0x1e, 0x47, -1, "access"],
  [0x48, 0x4e, -2, "access"],
];

function table(rows: readonly Row[]): readonly (InstructionClass | undefined)[] {
  const classes: (InstructionClass | undefined)[] = [];
  for (const [first, last, effect, immediate = "none"] of rows) {
    for (let opcode = first; opcode <= last; opcode++) classes[opcode] = { immediate, effect };
  }
  return classes;
}

/** Costs what a call does. */
export const MEMORY_GROW = 0x40;
const FIRST_PREFIX = 0xfc;
const PLAIN_CLASSES = table(PLAIN);
const PREFIXED_CLASSES: ReadonlyMap<number, readonly (InstructionClass | undefined)[]> = new Map([
  [0xfc, table(BULK)],
  [0xfd, table(SIMD)],
  [0xfe, table(ATOMIC)],
]);

/** What follows the opcodes that most code consists of: nothing, or one number. */
export const SIMPLE_IMMEDIATE = { unknown: 0, none: 1, number: 2 } as const;

/** By opcode: one of {@link SIMPLE_IMMEDIATE}, and the effect on the height of the operand stack. */
export const SIMPLE_IMMEDIATES = Uint8Array.from({ length: 256 }, (_, opcode) => {
  const immediate = PLAIN_CLASSES[opcode]?.immediate;
  if (immediate === "none") return SIMPLE_IMMEDIATE.none;
  return immediate === "index" && opcode !== MEMORY_GROW ? SIMPLE_IMMEDIATE.number : SIMPLE_IMMEDIATE.unknown;
});
export const SIMPLE_EFFECTS = Int8Array.from({ length: 256 }, (_, opcode) => PLAIN_CLASSES[opcode]?.effect ?? 0);

/**
 * Goes past the immediates of an instruction that neither branches nor calls, and answers by how much it changes the
 * height of the operand stack.
 *
 * @throws MalformedBytes for an instruction that this host does not know.
 */
export function skipInstruction(body: ByteReader, opcode: number): number {
  const prefixed = opcode < FIRST_PREFIX ? undefined : PREFIXED_CLASSES.get(opcode);
  const number = prefixed === undefined ? opcode : body.u32();
  const found = (prefixed ?? PLAIN_CLASSES)[number];
  if (found === undefined) {
    const text = prefixed === undefined ? hex(opcode) : `${hex(opcode)} ${hex(number)}`;
    throw new MalformedBytes(
      `the instruction ${text} before byte ${body.offset} is unknown or needs wasm GC: build it for linear memory, with released features only`,
    );
  }
  skipImmediate(body, found.immediate);
  return found.effect;
}

function skipImmediate(body: ByteReader, immediate: Immediate): void {
  switch (immediate) {
    case "none":
      return;
    case "index":
      return body.skipNumber();
    case "two":
      body.skipNumber();
      return body.skipNumber();
    case "byte":
      return body.skip(1);
    case "four":
      return body.skip(4);
    case "eight":
      return body.skip(8);
    case "sixteen":
      return body.skip(16);
    case "access":
      return skipAccess(body);
    case "access-lane":
      skipAccess(body);
      return body.skip(1);
    case "heap":
      return body.skipS33();
    default:
      return immediate satisfies never;
  }
}

/** Alignment, a memory where its bit 6 is set, and offset. */
function skipAccess(body: ByteReader): void {
  if ((body.u32() & 0x40) !== 0) body.skipNumber();
  body.skipNumber();
}

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}
