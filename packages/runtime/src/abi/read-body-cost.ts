import { type ByteReader, MalformedBytes } from "./byte-reader.js";
import {
  MEMORY_GROW,
  SIMPLE_EFFECTS,
  SIMPLE_IMMEDIATE,
  SIMPLE_IMMEDIATES,
  skipInstruction,
} from "./instruction-shape.js";
import type { FunctionType } from "./signature.js";

/** What compiling a body costs beyond its bytes. */
export interface BodyCost {
  /**
   * Values kept at branches: for each place that control can come to or leave from, the locals and operands there are,
   * which a compiler keeps in memory. For each call, which it only goes through them for, an eighth of that.
   */
  readonly branchValues: number;
  /** Loops, whose order a compiler finds out in quadratic time. */
  readonly loops: number;
  /** It makes a tail call. */
  readonly tailCalls: boolean;
}

/** What a body can name. */
export interface BodyContext {
  readonly types: readonly FunctionType[];
  /** Type of each function, imported ones first. */
  readonly functions: readonly FunctionType[];
  /** Type of each exception's tag. */
  readonly tags: readonly FunctionType[];
}

const NOP = 0x01;
const CALL_WEIGHT = 1 / 8;

/** A block that is open: what the stack held below it, and what it takes and leaves. */
interface OpenBlock {
  readonly base: number;
  readonly parameters: number;
  readonly results: number;
}

/**
 * Reads the instructions of a body, from behind its locals to its end. Code that cannot be reached counts as if it could.
 *
 * @throws MalformedBytes where the bytes are not what the format says.
 */
export function readBodyCost(body: ByteReader, locals: number, context: BodyContext): BodyCost {
  return new BodyReader(body, locals, context).read();
}

class BodyReader {
  readonly #body: ByteReader;
  readonly #locals: number;
  readonly #context: BodyContext;
  readonly #open: OpenBlock[] = [];
  #height = 0;
  /** Of the innermost open block. */
  #base = 0;
  #branchValues = 0;
  #loops = 0;
  #tailCalls = false;
  /** A call that can be caught is a branch. */
  #catches = false;

  constructor(body: ByteReader, locals: number, context: BodyContext) {
    this.#body = body;
    this.#locals = locals;
    this.#context = context;
  }

  read(): BodyCost {
    while (!this.#body.atEnd) this.#instruction(this.#skipSimple());
    return { branchValues: Math.ceil(this.#branchValues), loops: this.#loops, tailCalls: this.#tailCalls };
  }

  /**
   * Goes past what most code consists of, and answers the opcode after it. Every byte of every module comes through here
   * before its first start, so there are no calls in this loop.
   */
  #skipSimple(): number {
    const body = this.#body;
    const { bytes, end } = body;
    const base = this.#base;
    let { offset } = body;
    let height = this.#height;
    while (offset < end) {
      const opcode = bytes[offset] ?? 0;
      const immediate = SIMPLE_IMMEDIATES[opcode];
      if (immediate === SIMPLE_IMMEDIATE.unknown) break;
      offset++;
      if (immediate === SIMPLE_IMMEDIATE.number) while (offset < end && (bytes[offset++] ?? 0) >= 0x80);
      height += SIMPLE_EFFECTS[opcode] ?? 0;
      if (height < base) height = base;
    }
    this.#height = height;
    body.offset = offset;
    return offset < end ? body.byte() : NOP;
  }

  #instruction(opcode: number): void {
    const body = this.#body;
    switch (opcode) {
      case 0x00: // unreachable
      case 0x0f: // return
      case 0x0a: // throw_ref
        return this.#leave();
      case 0x03: // loop
        this.#loops++;
        return this.#enter(0);
      case 0x02: // block
        return this.#enter(0);
      case 0x04: // if
        return this.#enter(1);
      case 0x06: // try
        this.#catches = true;
        return this.#enter(0);
      case 0x1f: // try_table
        this.#catches = true;
        this.#enter(0);
        return this.#catchClauses();
      case 0x05: // else
        return this.#again(0);
      case 0x07: // catch
        return this.#again(this.#find(this.#context.tags, "tag").parameters.length);
      case 0x19: // catch_all
        return this.#again(0);
      case 0x18: // delegate
        body.skipNumber();
        return this.#end();
      case 0x0b: // end
        return this.#end();
      case 0x08: // throw
      case 0x09: // rethrow
        body.skipNumber();
        return this.#leave();
      case 0x0c: // br
        body.skipNumber();
        this.#branch(1);
        return this.#leave();
      case 0x0d: // br_if
      case 0xd6: // br_on_non_null
        body.skipNumber();
        this.#change(-1);
        return this.#branch(1);
      case 0xd5: // br_on_null
        body.skipNumber();
        return this.#branch(1);
      case 0x0e: // br_table
        return this.#branchTable();
      case 0x12: // return_call
      case 0x13: // return_call_indirect
      case 0x15: // return_call_ref
        this.#tailCalls = true;
        body.skipNumber();
        if (opcode === 0x13) body.skipNumber();
        return this.#leave();
      case 0x10: // call
        return this.#call(this.#find(this.#context.functions, "function"), 0);
      case 0x11: {
        // call_indirect
        const type = this.#find(this.#context.types, "type");
        body.skipNumber();
        return this.#call(type, 1);
      }
      case 0x14: // call_ref
        return this.#call(this.#find(this.#context.types, "type"), 1);
      case 0x1c: // select with types
        for (let count = body.u32(); count > 0; count--) this.#skipValueType();
        return this.#change(-2);
      case MEMORY_GROW:
      case 0xfc: // memory.fill and the like
        this.#branch(CALL_WEIGHT);
        return this.#change(skipInstruction(body, opcode));
      default:
        return this.#change(skipInstruction(body, opcode));
    }
  }

  /** `places`: where control comes to or leaves from, each with all that is held now. */
  #branch(places: number): void {
    this.#branchValues += places * (this.#locals + this.#height);
  }

  #change(by: number): void {
    // What is taken below a block's base is taken in code that cannot be reached.
    this.#height = Math.max(this.#base, this.#height + by);
  }

  /** What follows cannot be reached, so its stack begins empty. */
  #leave(): void {
    this.#height = this.#base;
  }

  #enter(operands: number): void {
    const { parameters, results } = this.#blockType();
    this.#change(-operands);
    const base = Math.max(this.#base, this.#height - parameters);
    this.#open.push({ base, parameters, results });
    this.#base = base;
    this.#height = base + parameters;
    this.#branch(1);
  }

  #again(operands: number): void {
    const block = this.#open.at(-1);
    if (block === undefined) return;
    this.#height = block.base + block.parameters + operands;
    this.#branch(1);
  }

  #end(): void {
    const block = this.#open.pop();
    if (block === undefined) return;
    this.#height = block.base + block.results;
    this.#base = this.#open.at(-1)?.base ?? 0;
  }

  #branchTable(): void {
    const body = this.#body;
    const count = body.count("targets of a br_table", body.end);
    for (let i = 0; i <= count; i++) body.skipNumber();
    this.#change(-1);
    this.#branch(count + 1);
    this.#leave();
  }

  #catchClauses(): void {
    const body = this.#body;
    const count = body.count("catch clauses", body.end);
    for (let i = 0; i < count; i++) {
      // With a tag, or without one; then the label.
      if (body.byte() < 2) body.skipNumber();
      body.skipNumber();
    }
    this.#branch(count);
  }

  #call({ parameters, results }: FunctionType, operands: number): void {
    this.#change(-operands - parameters.length);
    this.#branch(this.#catches ? 1 : CALL_WEIGHT);
    this.#height += results.length;
  }

  #find(things: readonly FunctionType[], what: string): FunctionType {
    const index = this.#body.u32();
    const found = things[index];
    if (found === undefined)
      throw new MalformedBytes(`it names ${what} ${index} before byte ${this.#body.offset}, which it does not have`);
    return found;
  }

  /** How many values a block takes and leaves. */
  #blockType(): { readonly parameters: number; readonly results: number } {
    const body = this.#body;
    const first = body.byte();
    if (first === 0x40) return { parameters: 0, results: 0 };
    if (first === 0x63 || first === 0x64) {
      body.skipS33();
      return { parameters: 0, results: 1 };
    }
    // One byte with its sign bit set is a value type; anything else the index of a type.
    if (first < 0x80 && (first & 0x40) !== 0) return { parameters: 0, results: 1 };
    body.offset--;
    const type = this.#find(this.#context.types, "type");
    return { parameters: type.parameters.length, results: type.results.length };
  }

  #skipValueType(): void {
    const type = this.#body.byte();
    if (type === 0x63 || type === 0x64) this.#body.skipS33();
  }
}
