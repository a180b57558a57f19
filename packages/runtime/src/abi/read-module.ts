import { ByteReader, MalformedBytes } from "./byte-reader.js";
import type {
  DeclaredLimits,
  ExportShape,
  ExternalKind,
  ImportShape,
  MemoryShape,
  ModuleShape,
  SectionSpan,
  TableShape,
} from "./module-shape.js";
import type { FunctionType } from "./signature.js";

const MAX_TYPES = 100_000;
const MAX_FUNCTIONS = 1_000_000;
const MAX_IMPORTS = 1_000;
const MAX_EXPORTS = 10_000;
const MAX_TABLES = 100;
const MAX_MEMORIES = 100;
const MAX_SEGMENTS = 100_000;
const MAX_PARAMETERS = 128;
const MAX_RESULTS = 16;

const VALUE_TYPES: ReadonlyMap<number, string> = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
  [0x70, "funcref"],
  [0x6f, "externref"],
]);

const KINDS: readonly ExternalKind[] = ["function", "table", "memory", "global", "tag"];

/**
 * Reads what a module's sections say. Bounded by the file's size, whatever the bytes claim; what it does not need it
 * skips, and leaves to the compiler.
 *
 * @throws MalformedBytes where a section that it reads is not what the format says.
 */
export function readModule(bytes: Uint8Array): ModuleShape {
  return new SectionReader(bytes).read();
}

class SectionReader {
  readonly #reader: ByteReader;
  readonly #types: FunctionType[] = [];
  readonly #imports: ImportShape[] = [];
  readonly #exports: ExportShape[] = [];
  readonly #memories: MemoryShape[] = [];
  readonly #tables: TableShape[] = [];
  /** Type of each function, imported ones first. */
  readonly #functions: FunctionType[] = [];
  #importedFunctions = 0;
  #memorySection: SectionSpan | null = null;
  #tableSection: SectionSpan | null = null;
  #bodyStarts = new Uint32Array(0);
  #largestBody: { index: number; bytes: number } | null = null;
  #heaviestBody: { index: number; bytes: number; locals: number } | null = null;
  #hasStart = false;
  #dataEnd = 0;
  #hasNames = false;
  #sourceMapUrl: string | null = null;

  constructor(bytes: Uint8Array) {
    this.#reader = new ByteReader(bytes);
  }

  read(): ModuleShape {
    const reader = this.#reader;
    reader.skip(8);
    while (!reader.atEnd) {
      const start = reader.offset;
      const id = reader.byte();
      const section = reader.part(reader.u32());
      this.#section(id, section, { start, end: reader.offset });
    }
    return {
      bytes: reader.bytes.length,
      imports: this.#imports,
      exports: this.#exports,
      memories: this.#memories,
      tables: this.#tables,
      memorySection: this.#memorySection,
      tableSection: this.#tableSection,
      functionCount: this.#functions.length - this.#importedFunctions,
      bodyStarts: this.#bodyStarts,
      largestBody: this.#largestBody,
      heaviestBody: this.#heaviestBody,
      mostResults: this.#types.reduce((most, type) => Math.max(most, type.results.length), 0),
      hasStart: this.#hasStart,
      dataEnd: this.#dataEnd,
      hasNames: this.#hasNames,
      sourceMapUrl: this.#sourceMapUrl,
    };
  }

  #section(id: number, section: ByteReader, span: SectionSpan): void {
    switch (id) {
      case 0:
        return this.#custom(section);
      case 1:
        return this.#typeSection(section);
      case 2:
        return this.#importSection(section);
      case 3:
        return this.#functionSection(section);
      case 4:
        this.#tableSection = span;
        return this.#readTables(section);
      case 5:
        this.#memorySection = span;
        return this.#readMemories(section);
      case 7:
        return this.#exportSection(section);
      case 8:
        this.#hasStart = true;
        return;
      case 10:
        return this.#codeSection(section);
      case 11:
        return this.#dataSection(section);
      default:
        // Globals, elements, data count, tags and what the compiler refuses: nothing in them is needed here.
        return;
    }
  }

  #custom(section: ByteReader): void {
    const name = section.name();
    if (name === "name") this.#hasNames = true;
    if (name === "sourceMappingURL") this.#sourceMapUrl = section.name();
  }

  #valueType(section: ByteReader): string {
    const byte = section.byte();
    const name = VALUE_TYPES.get(byte);
    if (name === undefined) {
      throw new MalformedBytes(
        `it uses a garbage-collected or unknown value type (0x${byte.toString(16)} at byte ${section.offset - 1}): build it for linear memory, without wasm GC`,
      );
    }
    return name;
  }

  #typeSection(section: ByteReader): void {
    const count = section.count("types", MAX_TYPES);
    for (let i = 0; i < count; i++) {
      const form = section.byte();
      if (form !== 0x60) {
        throw new MalformedBytes(
          `type ${i} is a garbage-collected or unknown type (0x${form.toString(16)}): build it for linear memory, without wasm GC`,
        );
      }
      this.#types.push({
        parameters: this.#valueTypes(section, "parameters of a type", MAX_PARAMETERS),
        results: this.#valueTypes(section, "results of a type", MAX_RESULTS),
      });
    }
  }

  #valueTypes(section: ByteReader, what: string, most: number): readonly string[] {
    const count = section.count(what, most);
    return Array.from({ length: count }, () => this.#valueType(section));
  }

  #typeAt(index: number): FunctionType {
    const type = this.#types[index];
    if (type === undefined) throw new MalformedBytes(`it names type ${index} and has ${this.#types.length} types`);
    return type;
  }

  #importSection(section: ByteReader): void {
    const count = section.count("imports", MAX_IMPORTS);
    for (let i = 0; i < count; i++) {
      const module = section.name();
      const name = section.name();
      const kind = this.#kind(section);
      let type: FunctionType | null = null;
      if (kind === "function") {
        type = this.#typeAt(section.u32());
        this.#functions.push(type);
        this.#importedFunctions++;
      } else if (kind === "table") {
        this.#elementType(section);
        this.#limits(section);
      } else if (kind === "memory") {
        this.#memory(section);
      } else if (kind === "global") {
        this.#valueType(section);
        section.byte();
      } else {
        section.byte();
        section.u32();
      }
      this.#imports.push({ module, name, kind, type });
    }
  }

  #kind(section: ByteReader): ExternalKind {
    const byte = section.byte();
    const kind = KINDS[byte];
    if (kind === undefined) throw new MalformedBytes(`byte ${section.offset - 1} names no kind of import or export`);
    return kind;
  }

  #functionSection(section: ByteReader): void {
    const count = section.count("functions", MAX_FUNCTIONS);
    for (let i = 0; i < count; i++) this.#functions.push(this.#typeAt(section.u32()));
  }

  #elementType(section: ByteReader): number {
    const at = section.offset;
    const byte = section.byte();
    if (byte !== 0x70 && byte !== 0x6f) {
      throw new MalformedBytes(
        `the table at byte ${at} holds something else than funcref or externref, which is not supported`,
      );
    }
    return byte;
  }

  #limits(section: ByteReader): DeclaredLimits {
    const flags = section.byte();
    if (flags > 1)
      throw new MalformedBytes(`the limits at byte ${section.offset - 1} are of a kind that is not supported`);
    const min = section.u32();
    return { min, max: flags === 1 ? section.u32() : null };
  }

  #readTables(section: ByteReader): void {
    const count = section.count("tables", MAX_TABLES);
    for (let i = 0; i < count; i++) {
      const elementType = this.#elementType(section);
      this.#tables.push({ elementType, ...this.#limits(section) });
    }
  }

  #memory(section: ByteReader): MemoryShape {
    const flags = section.byte();
    if ((flags & 0x04) !== 0) {
      // 64-bit limits: not read further, since it is refused.
      section.offset = section.end;
      return { min: 0, max: null, oddity: "64-bit" };
    }
    const min = section.u32();
    const max = (flags & 1) !== 0 ? section.u32() : null;
    return { min, max, oddity: (flags & 0x02) !== 0 ? "shared" : flags > 1 ? "of a custom page size" : null };
  }

  #readMemories(section: ByteReader): void {
    const count = section.count("memories", MAX_MEMORIES);
    for (let i = 0; i < count && !section.atEnd; i++) this.#memories.push(this.#memory(section));
  }

  #exportSection(section: ByteReader): void {
    const count = section.count("exports", MAX_EXPORTS);
    for (let i = 0; i < count; i++) {
      const name = section.name();
      const kind = this.#kind(section);
      const index = section.u32();
      this.#exports.push({ name, kind, index, type: kind === "function" ? this.#functionAt(index) : null });
    }
  }

  #functionAt(index: number): FunctionType {
    const type = this.#functions[index];
    if (type === undefined)
      throw new MalformedBytes(`it names function ${index} and has ${this.#functions.length} functions`);
    return type;
  }

  #codeSection(section: ByteReader): void {
    const count = section.count("function bodies", MAX_FUNCTIONS);
    this.#bodyStarts = new Uint32Array(this.#importedFunctions + count);
    for (let i = 0; i < count; i++) {
      const bytes = section.u32();
      const index = this.#importedFunctions + i;
      this.#bodyStarts[index] = section.offset;
      const locals = this.#locals(section.part(bytes)) + (this.#functions[index]?.parameters.length ?? 0);
      if (bytes > (this.#largestBody?.bytes ?? 0)) this.#largestBody = { index, bytes };
      const heaviest = this.#heaviestBody;
      if (heaviest === null || bytes * locals > heaviest.bytes * heaviest.locals)
        this.#heaviestBody = { index, bytes, locals };
    }
  }

  /** How many locals a body declares; their types are the compiler's to check. */
  #locals(body: ByteReader): number {
    const groups = body.u32();
    let locals = 0;
    for (let i = 0; i < groups; i++) {
      locals += body.u32();
      // A type of one byte, or a reference with its heap type, which may be an index.
      const type = body.byte();
      if (type === 0x63 || type === 0x64) body.skipS33();
    }
    return locals;
  }

  #dataSection(section: ByteReader): void {
    const count = section.count("data segments", MAX_SEGMENTS);
    for (let i = 0; i < count; i++) {
      const mode = section.u32();
      let offset: number | null = 0;
      if (mode === 2) section.u32();
      if (mode !== 1) offset = this.#constantOffset(section);
      // An offset that is computed: the instance checks it at its start, and nothing after it can be found here.
      if (offset === null) return;
      const length = section.u32();
      section.skip(length);
      if (mode !== 1) this.#dataEnd = Math.max(this.#dataEnd, offset + length);
    }
  }

  #constantOffset(section: ByteReader): number | null {
    if (section.byte() !== 0x41) return null;
    const offset = section.s32() >>> 0;
    return section.byte() === 0x0b ? offset : null;
  }
}
