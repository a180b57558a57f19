import { type ByteReader, MalformedBytes } from "./byte-reader.js";

const VALUE_TYPES: ReadonlyMap<number, string> = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
  [0x70, "funcref"],
  [0x6f, "externref"],
]);

/**
 * The type of a parameter, a result or a global, as the text format writes it.
 *
 * @throws MalformedBytes where it is none that a guest may use.
 */
export function readValueType(section: ByteReader): string {
  const byte = section.byte();
  const name = VALUE_TYPES.get(byte);
  if (name === undefined) {
    throw new MalformedBytes(
      `it uses a garbage-collected or unknown value type (0x${byte.toString(16)} at byte ${section.offset - 1}): build it for linear memory, without wasm GC`,
    );
  }
  return name;
}

/** A vector of them. */
export function readValueTypes(section: ByteReader, what: string, most: number): readonly string[] {
  const count = section.count(what, most);
  return Array.from({ length: count }, () => readValueType(section));
}
