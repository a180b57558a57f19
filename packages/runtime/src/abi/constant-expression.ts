import { type ByteReader, MalformedBytes } from "./byte-reader.js";
import { skipInstruction } from "./instruction-shape.js";
import { MODULE_COUNTS } from "./module-counts.js";

const I32_CONST = 0x41;
const END = 0x0b;

/**
 * Goes past a constant expression. Answers the unsigned number that it is, where it is nothing but one `i32.const`, else null.
 *
 * @throws MalformedBytes where it has no end, or more instructions than are allowed: a compiler keeps a tree of them.
 */
export function readConstant(section: ByteReader): number | null {
  const start = section.offset;
  let value: number | null = null;
  for (let i = 0; i <= MODULE_COUNTS.constantInstructions; i++) {
    const opcode = section.byte();
    if (opcode === END) return value;
    if (opcode === I32_CONST) {
      const number = section.s32() >>> 0;
      value = i === 0 ? number : null;
    } else {
      skipInstruction(section, opcode);
      value = null;
    }
  }
  throw new MalformedBytes(
    `the constant expression at byte ${start} has more than ${MODULE_COUNTS.constantInstructions} instructions`,
  );
}
