/*
 * The binary format, by hand: what a hostile module needs no tool would write. Each function answers the bytes of one thing.
 */

const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

export const I32 = 0x7f;
export const I64 = 0x7e;
export const FUNCREF = 0x70;
export const EXTERNREF = 0x6f;

type Bytes = Uint8Array | readonly number[];

export function join(...parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  return joinAll(parts);
}

/** Of any number of parts. */
export function joinAll(parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Unsigned LEB128. */
export function number(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

export function repeat(count: number, unit: Bytes): Uint8Array<ArrayBuffer> {
  const repeated = new Uint8Array(count * unit.length);
  for (let i = 0; i < count; i++) repeated.set(unit, i * unit.length);
  return repeated;
}

export function sized(...parts: readonly Bytes[]): Uint8Array {
  const content = join(...parts);
  return join(number(content.length), content);
}

export function text(value: string): Uint8Array {
  return sized(Buffer.from(value));
}

export function section(id: number, ...parts: readonly Bytes[]): Uint8Array {
  return join([id], sized(...parts));
}

/** A function type of so many parameters and results of one kind. */
export function functionType(parameters: number, results: number, kind = I32): Uint8Array {
  return join([0x60], number(parameters), repeat(parameters, [kind]), number(results), repeat(results, [kind]));
}

/** A function's body: groups of locals, each a count and a type, and code without its end. */
export function body(locals: readonly (readonly [number, number])[], ...code: readonly Bytes[]): Uint8Array {
  const groups = locals.flatMap(([count, type]) => [...number(count), type]);
  return sized(number(locals.length), groups, ...code, [0x0b]);
}

export interface ModuleParts {
  /** Default: one type, `() -> ()`. */
  readonly types?: readonly Uint8Array[];
  /** Content of a section 2. */
  readonly imports?: Bytes;
  /** The first is exported as `f`. Each is of type 0, but where `typeOf` says otherwise. */
  readonly bodies?: readonly Uint8Array[];
  readonly typeOf?: readonly number[];
  /** Contents of sections 4, 5, 13, 6, 9 and 11. Memory: one of a page, by default. */
  readonly tables?: Bytes;
  readonly memory?: Bytes;
  readonly tags?: Bytes;
  readonly globals?: Bytes;
  readonly elements?: Bytes;
  readonly data?: Bytes;
  /** Entries beside `memory` and `f`. */
  readonly exports?: readonly Uint8Array[];
  /** Whole sections at the end. */
  readonly more?: Bytes;
}

export function module(parts: ModuleParts): Uint8Array<ArrayBuffer> {
  const types = parts.types ?? [functionType(0, 0)];
  const bodies = parts.bodies ?? [body([])];
  const exports = [join(text("memory"), [2, 0]), join(text("f"), [0, 0]), ...(parts.exports ?? [])];
  const optional = (id: number, content: Bytes | undefined): Bytes =>
    content === undefined ? [] : section(id, content);
  return join(
    HEADER,
    section(1, number(types.length), joinAll(types)),
    optional(2, parts.imports),
    section(3, number(bodies.length), joinAll(bodies.map((_, i) => number(parts.typeOf?.[i] ?? 0)))),
    optional(4, parts.tables),
    section(5, parts.memory ?? [1, 0, 1]),
    optional(13, parts.tags),
    optional(6, parts.globals),
    section(7, number(exports.length), joinAll(exports)),
    optional(9, parts.elements),
    section(10, number(bodies.length), joinAll(bodies)),
    optional(11, parts.data),
    parts.more ?? [],
  );
}

/** Bytes that begin as a module does. */
export function afterHeader(...parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  return join(HEADER, ...parts);
}
