import { GuestProblem } from "./guest-problem.js";

/** A range of the guest's memory that is the host's for now. */
export interface HeldRange {
  readonly what: string;
  readonly pointer: number;
  readonly size: number;
}

const POISON = 0xdd;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** A guest's memory and allocator, with everything checked that a host must rely on. */
export class StrictMemory {
  /** True while wasm_alloc or wasm_free runs. */
  allocating = false;
  readonly #memory: WebAssembly.Memory;
  readonly #alloc: ((size: number) => number) | null;
  readonly #free: ((pointer: number, size: number) => void) | null;
  readonly #held = new Set<HeldRange>();

  constructor(exports: WebAssembly.Exports) {
    // Proof: the module was admitted, so these have the kinds and signatures of the page.
    this.#memory = exports["memory"] as WebAssembly.Memory;
    this.#alloc = (exports["wasm_alloc"] as ((size: number) => number) | undefined) ?? null;
    this.#free = (exports["wasm_free"] as ((pointer: number, size: number) => void) | undefined) ?? null;
  }

  get byteLength(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Asks for room, and holds it until `free`. */
  allocate(what: string, size: number): HeldRange {
    if (this.#alloc === null) throw new GuestProblem("2", "It must be handed data, and exports no wasm_alloc.");
    this.allocating = true;
    const pointer = this.#alloc(size) >>> 0;
    this.allocating = false;
    if (pointer === 0) throw new GuestProblem("4", `wasm_alloc(${size}) answered 0, with memory left to grow.`);
    if (pointer + size > this.byteLength) {
      throw new GuestProblem(
        "10",
        `wasm_alloc(${size}) answered ${pointer}, and its memory has ${this.byteLength} bytes.`,
      );
    }
    const range = { what, pointer, size };
    for (const other of this.#held) {
      if (pointer < other.pointer + other.size && other.pointer < pointer + size) {
        throw new GuestProblem(
          "4",
          `wasm_alloc(${size}) answered ${pointer}, where the ${other.size} bytes of ${other.what} at ${other.pointer} are in use.` +
            " Was a block freed twice, or freed though the host had lent it?",
        );
      }
    }
    this.#held.add(range);
    return range;
  }

  /** Gives a range back. What it held is overwritten first: a guest that still reads it sees that it must not. */
  free(range: HeldRange): void {
    if (this.#free === null) throw new GuestProblem("2", "It was handed data, and exports no wasm_free.");
    new Uint8Array(this.#memory.buffer, range.pointer, range.size).fill(POISON);
    this.release(range);
    this.allocating = true;
    this.#free(range.pointer, range.size);
    this.allocating = false;
  }

  /** From now on the range is the guest's. */
  release(range: HeldRange): void {
    this.#held.delete(range);
  }

  /** Takes a range over that the guest has allocated. */
  hold(range: HeldRange): void {
    for (const other of this.#held) {
      if (range.pointer < other.pointer + other.size && other.pointer < range.pointer + range.size) {
        throw new GuestProblem(
          "4",
          `${range.what} at ${range.pointer} lies in ${other.what}, which the host had lent and will free: it needs memory of its own.`,
        );
      }
    }
    this.#held.add(range);
  }

  write({ pointer }: HeldRange, bytes: Uint8Array, offset = 0): void {
    new Uint8Array(this.#memory.buffer).set(bytes, pointer + offset);
  }

  writeLength({ pointer }: HeldRange, length: number): void {
    new DataView(this.#memory.buffer).setUint32(pointer, length, true);
  }

  /** The bytes of a range that the guest names; a copy. */
  read(who: string, what: string, pointer: number, length: number): Uint8Array {
    if (length === 0) return new Uint8Array();
    if (pointer + length > this.byteLength) {
      throw new GuestProblem(
        "10",
        `${who} was given a ${what} of ${length} bytes at ${pointer}, and the memory has ${this.byteLength}.`,
      );
    }
    return new Uint8Array(this.#memory.buffer).slice(pointer, pointer + length);
  }

  readText(who: string, what: string, pointer: number, length: number): string {
    try {
      return decoder.decode(this.read(who, what, pointer, length));
    } catch (thrown) {
      if (thrown instanceof GuestProblem) throw thrown;
      throw new GuestProblem("1", `${who} was given a ${what} that is not UTF-8.`);
    }
  }

  readLength(pointer: number): number {
    return new DataView(this.#memory.buffer).getUint32(pointer, true);
  }
}
