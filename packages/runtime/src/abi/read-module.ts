import { ByteReader, MalformedBytes } from "./byte-reader.js";
import { readConstant } from "./constant-expression.js";
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
import { MODULE_COUNTS } from "./module-counts.js";
import { readBodyCost } from "./read-body-cost.js";
import type { FunctionType } from "./signature.js";
import { readValueType, readValueTypes } from "./value-type.js";

const KINDS: readonly ExternalKind[] = ["function", "table", "memory", "global", "tag"];

/** Bytes from one step to the next: less than a millisecond, whatever they are. */
const STEP_BYTES = 32 * 1024;

/**
 * Reads what a module's sections say, in steps, between which others can have their turn. Bounded by the file's size, whatever the
 * bytes claim; what it does not need it skips, and leaves to the compiler.
 *
 * @param maxBodyBytes a larger function body is one step however large it is, and is not read: it will be refused for its size.
 * @throws MalformedBytes where a section that it reads is not what the format says.
 */
export function readModule(bytes: Uint8Array, maxBodyBytes: number): Generator<void, ModuleShape> {
  return new SectionReader(bytes, maxBodyBytes).read();
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
  readonly #tags: FunctionType[] = [];
  #allLocals = 0;
  #allBranchValues = 0;
  #mostBranchValues: { index: number; count: number } | null = null;
  #mostLoops: { index: number; count: number } | null = null;
  #tailCall: number | null = null;
  #hasStart = false;
  #dataEnd = 0;
  #hasNames = false;
  #isDynamicLibrary = false;
  #sourceMapUrl: string | null = null;

  readonly #maxBodyBytes: number;
  #stepEnd = STEP_BYTES;

  constructor(bytes: Uint8Array, maxBodyBytes: number) {
    this.#reader = new ByteReader(bytes);
    this.#maxBodyBytes = maxBodyBytes;
  }

  *read(): Generator<void, ModuleShape> {
    const reader = this.#reader;
    reader.skip(8);
    for (let sections = 1; !reader.atEnd; sections++) {
      if (sections > MODULE_COUNTS.sections)
        throw new MalformedBytes(`it has more than ${MODULE_COUNTS.sections} sections`);
      const start = reader.offset;
      const id = reader.byte();
      const section = reader.part(reader.u32());
      const steps = this.#section(id, section, { start, end: reader.offset });
      if (steps !== null) yield* steps;
    }
    return {
      bytes: reader.bytes.length,
      types: this.#types,
      imports: this.#imports,
      exports: this.#exports,
      memories: this.#memories,
      tables: this.#tables,
      memorySection: this.#memorySection,
      tableSection: this.#tableSection,
      functionCount: this.#functions.length - this.#importedFunctions,
      bodyStarts: this.#bodyStarts,
      largestBody: this.#largestBody,
      locals: this.#allLocals,
      branchValues: this.#allBranchValues,
      mostBranchValues: this.#mostBranchValues,
      mostLoops: this.#mostLoops,
      tailCall: this.#tailCall,
      hasStart: this.#hasStart,
      dataEnd: this.#dataEnd,
      hasNames: this.#hasNames,
      isDynamicLibrary: this.#isDynamicLibrary,
      sourceMapUrl: this.#sourceMapUrl,
    };
  }

  #section(id: number, section: ByteReader, span: SectionSpan): Generator<void> | null {
    switch (id) {
      case 0:
        this.#custom(section);
        return null;
      case 1:
        return this.#typeSection(section);
      case 2:
        return this.#importSection(section);
      case 3:
        return this.#functionSection(section);
      case 4:
        this.#tableSection = span;
        this.#readTables(section);
        return null;
      case 5:
        this.#memorySection = span;
        this.#readMemories(section);
        return null;
      case 6:
        return this.#globalSection(section);
      case 7:
        return this.#exportSection(section);
      case 8:
        this.#hasStart = true;
        return null;
      case 9:
        return this.#elementSection(section);
      case 10:
        return this.#codeSection(section);
      case 11:
        return this.#dataSection(section);
      case 13:
        this.#tagSection(section);
        return null;
      default:
        // Data count and what the compiler refuses: nothing in them is needed here.
        return null;
    }
  }

  /** Whether what has been read is a step. */
  #isStep(section: ByteReader): boolean {
    if (section.offset < this.#stepEnd) return false;
    this.#stepEnd = section.offset + STEP_BYTES;
    return true;
  }

  #custom(section: ByteReader): void {
    const name = section.name();
    if (name === "name") this.#hasNames = true;
    if (name === "dylink.0") this.#isDynamicLibrary = true;
    if (name === "sourceMappingURL") this.#sourceMapUrl = section.name();
  }

  *#typeSection(section: ByteReader): Generator<void> {
    const count = section.count("types", MODULE_COUNTS.types);
    let values = 0;
    for (let i = 0; i < count; i++) {
      if (this.#isStep(section)) yield;
      const form = section.byte();
      if (form !== 0x60) {
        throw new MalformedBytes(
          `type ${i} is a garbage-collected or unknown type (0x${form.toString(16)}): build it for linear memory, without wasm GC`,
        );
      }
      const parameters = readValueTypes(section, "parameters of a type", MODULE_COUNTS.parameters);
      const results = readValueTypes(section, "results of a type", MODULE_COUNTS.results);
      this.#types.push({ parameters, results });
      values += parameters.length + results.length;
      if (values > MODULE_COUNTS.typeValues) {
        throw new MalformedBytes(
          `its types have more than the ${MODULE_COUNTS.typeValues} parameters and results that are allowed together`,
        );
      }
    }
  }

  #typeAt(index: number): FunctionType {
    const type = this.#types[index];
    if (type === undefined) throw new MalformedBytes(`it names type ${index} and has ${this.#types.length} types`);
    return type;
  }

  *#importSection(section: ByteReader): Generator<void> {
    const count = section.count("imports", MODULE_COUNTS.imports);
    for (let i = 0; i < count; i++) {
      if (this.#isStep(section)) yield;
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
        readValueType(section);
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

  *#functionSection(section: ByteReader): Generator<void> {
    const count = section.count("functions", MODULE_COUNTS.functions);
    for (let i = 0; i < count; i++) {
      if (this.#isStep(section)) yield;
      this.#functions.push(this.#typeAt(section.u32()));
    }
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
    const count = section.count("tables", MODULE_COUNTS.tables);
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
    const count = section.count("memories", MODULE_COUNTS.memories);
    for (let i = 0; i < count && !section.atEnd; i++) this.#memories.push(this.#memory(section));
  }

  *#exportSection(section: ByteReader): Generator<void> {
    const count = section.count("exports", MODULE_COUNTS.exports);
    for (let i = 0; i < count; i++) {
      if (this.#isStep(section)) yield;
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

  *#codeSection(section: ByteReader): Generator<void> {
    const count = section.count("function bodies", MODULE_COUNTS.functions);
    this.#bodyStarts = new Uint32Array(this.#importedFunctions + count);
    for (let i = 0; i < count; i++) {
      if (this.#isStep(section)) yield;
      const bytes = section.u32();
      const index = this.#importedFunctions + i;
      this.#bodyStarts[index] = section.offset;
      const body = section.part(bytes);
      if (bytes > (this.#largestBody?.bytes ?? 0)) this.#largestBody = { index, bytes };
      if (bytes > this.#maxBodyBytes) continue;
      const locals = this.#locals(body) + (this.#functions[index]?.parameters.length ?? 0);
      this.#allLocals += locals;
      this.#readCost(index, body, locals);
    }
  }

  #readCost(index: number, body: ByteReader, locals: number): void {
    const context = { types: this.#types, functions: this.#functions, tags: this.#tags };
    const { branchValues, loops, tailCalls } = readBodyCost(body, locals, context);
    this.#allBranchValues += branchValues;
    if (tailCalls) this.#tailCall ??= index;
    if (branchValues > (this.#mostBranchValues?.count ?? 0)) this.#mostBranchValues = { index, count: branchValues };
    if (loops > (this.#mostLoops?.count ?? 0)) this.#mostLoops = { index, count: loops };
  }

  #tagSection(section: ByteReader): void {
    const count = section.count("tags", MODULE_COUNTS.tags);
    for (let i = 0; i < count; i++) {
      section.byte();
      this.#tags.push(this.#typeAt(section.u32()));
    }
  }

  /** How many locals a body declares; their types are the compiler's to check. */
  #locals(body: ByteReader): number {
    const groups = body.u32();
    let locals = 0;
    for (let i = 0; i < groups; i++) {
      locals += body.u32();
      // A type of one byte, or a reference with its heap type, which may be an index.
      this.#skipReferenceType(body);
    }
    return locals;
  }

  *#globalSection(section: ByteReader): Generator<void> {
    const count = section.count("globals", MODULE_COUNTS.globals);
    for (let i = 0; i < count; i++) {
      if (this.#isStep(section)) yield;
      this.#skipReferenceType(section);
      section.byte();
      readConstant(section);
    }
  }

  *#elementSection(section: ByteReader): Generator<void> {
    const count = section.count("element segments", MODULE_COUNTS.elementSegments);
    let elements = 0;
    for (let i = 0; i < count; i++) {
      if (this.#isStep(section)) yield;
      // Bit 0: not active; bit 1: names its table, or is declarative; bit 2: expressions and a type, else functions.
      const flags = section.u32();
      if (flags > 7) throw new MalformedBytes(`element segment ${i} is of a kind that is not supported`);
      const active = (flags & 1) === 0;
      if (active && (flags & 2) !== 0) section.u32();
      if (active) readConstant(section);
      if ((flags & 3) !== 0) this.#skipReferenceType(section);
      const length = section.u32();
      elements += length;
      if (elements > MODULE_COUNTS.elements)
        throw new MalformedBytes(
          `its element segments have ${elements} entries or more and at most ${MODULE_COUNTS.elements} are allowed`,
        );
      for (let j = 0; j < length; j++) {
        if (this.#isStep(section)) yield;
        if ((flags & 4) === 0) section.u32();
        else readConstant(section);
      }
    }
  }

  /** Past a value's type; the compiler checks which one it is. */
  #skipReferenceType(section: ByteReader): void {
    const type = section.byte();
    if (type === 0x63 || type === 0x64) section.skipS33();
  }

  *#dataSection(section: ByteReader): Generator<void> {
    const count = section.count("data segments", MODULE_COUNTS.dataSegments);
    for (let i = 0; i < count; i++) {
      if (this.#isStep(section)) yield;
      const mode = section.u32();
      if (mode === 2) section.u32();
      // An offset that is computed is checked by the instance, at its start.
      const offset = mode === 1 ? null : readConstant(section);
      const length = section.u32();
      section.skip(length);
      if (offset !== null) this.#dataEnd = Math.max(this.#dataEnd, offset + length);
    }
  }
}
