import type { GuestWitness } from "./guest-watch.js";

/** WASI's error numbers, of preview1. */
const SUCCESS = 0;
const FAULT = 21;
const FBIG = 22;
const INVAL = 28;
const NOSPC = 51;
const NOTSUP = 58;

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const READ_EVENT = 1;
const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const MOST_VECTORS = 1_024;
/** By how much all that is held for a command, its files above all, may grow while it runs. */
export const MOST_FILE_BYTES = 64 * 1024 * 1024;

type Function = (...operands: readonly (number | bigint)[]) => unknown;

export interface WatchedPreview1Options {
  readonly witness: GuestWitness;
  /** Bytes that are held for the command beside its own memory. */
  readonly heldBytes: () => number;
}

/** Functions of preview1 as they are, beside what is to be seen of them and what is bounded. */
export class WatchedPreview1 {
  readonly #witness: GuestWitness;
  readonly #heldBytes: () => number;
  readonly #mostBytes: number;
  #memory: WebAssembly.Memory | null = null;

  constructor({ witness, heldBytes }: WatchedPreview1Options) {
    this.#witness = witness;
    this.#heldBytes = heldBytes;
    this.#mostBytes = heldBytes() + MOST_FILE_BYTES;
  }

  begin(memory: WebAssembly.Memory): void {
    this.#memory = memory;
    this.#witness.begins(this.#pages);
  }

  /** Its memory is looked at, whose growth nothing tells. */
  look(): void {
    this.#witness.hasPages(this.#pages);
  }

  watch(functions: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(functions).map(([name, there]) => [name, this.#watched(name, there)]));
  }

  #watched(name: string, there: unknown): unknown {
    if (!isFunction(there)) return there;
    switch (name) {
      case "fd_read":
        return (...operands: number[]) => this.#read(there, operands);
      case "fd_write":
        return (...operands: number[]) => this.#write(there, operands);
      case "poll_oneoff":
        return (...operands: number[]) => this.#poll(there, operands);
      // What reads and writes of the standard streams mean must stay what it is.
      case "fd_fdstat_set_flags":
      case "fd_close":
        return (fd: number, ...more: number[]) => (fd >>> 0 <= STDERR ? SUCCESS : there(fd, ...more));
      case "fd_renumber":
        return (from: number, to: number) => (Math.min(from >>> 0, to >>> 0) <= STDERR ? NOTSUP : there(from, to));
      case "fd_pwrite":
        return (...operands: (number | bigint)[]) => this.#refusalOfWrite(operands) ?? this.#resize(there, operands);
      case "fd_allocate":
      case "fd_filestat_set_size":
      case "fd_seek":
        return (...operands: (number | bigint)[]) => this.#resize(there, operands);
      case "path_open":
      case "path_create_directory":
      case "path_link":
      case "path_symlink":
        return (...operands: (number | bigint)[]) => (this.#isFull() ? NOSPC : there(...operands));
      default:
        return there;
    }
  }

  #read(there: Function, operands: readonly number[]): unknown {
    const [fd = 0, vectors = 0, count = 0, read = 0] = operands;
    if (fd !== STDIN) return there(...operands);
    // What fails at once is no wait, and so is a read of nothing.
    if (!this.#areRanges(vectors >>> 0, count >>> 0) || !this.#has(read >>> 0, 4)) return FAULT;
    const waits = this.#lengthOf(vectors >>> 0, count >>> 0) > 0;
    const answer = waits ? this.#wait(there, operands) : there(...operands);
    if (answer === SUCCESS) this.#witness.read(this.#u32(read >>> 0));
    return answer;
  }

  #write(there: Function, operands: readonly number[]): unknown {
    const [fd = 0, , , written = 0] = operands;
    const refusal = fd >>> 0 > STDERR ? this.#refusalOfWrite(operands) : null;
    if (refusal !== null) return refusal;
    const answer = there(...operands);
    if (answer === SUCCESS && (fd === STDOUT || fd === STDERR)) this.#witness.wrote(fd, this.#u32(written >>> 0));
    return answer;
  }

  /** Waits for standard input alone are waits as a read's are. */
  #poll(there: Function, operands: readonly number[]): unknown {
    const [subscriptions = 0, events = 0, count = 0, ready = 0] = operands;
    if (!this.#pollsInput(subscriptions >>> 0, count >>> 0)) return there(...operands);
    if (!this.#has(events >>> 0, EVENT_BYTES * count) || !this.#has(ready >>> 0, 4)) return FAULT;
    return this.#wait(there, operands);
  }

  /** An offset or a size far away makes a file of that length. */
  #resize(there: Function, operands: readonly (number | bigint)[]): unknown {
    for (const operand of operands) if (typeof operand === "bigint" && operand > BigInt(MOST_FILE_BYTES)) return FBIG;
    return this.#isFull() ? NOSPC : there(...operands);
  }

  /** Null where there is room for what a write brings, which may be as much as the guest's memory holds. */
  #refusalOfWrite([, vectors = 0, count = 0]: readonly (number | bigint)[]): number | null {
    const vectorCount = Number(count) >>> 0;
    if (vectorCount > MOST_VECTORS) return INVAL;
    const length = this.#lengthOf(Number(vectors) >>> 0, vectorCount);
    return this.#heldBytes() + length > this.#mostBytes ? NOSPC : null;
  }

  #isFull(): boolean {
    return this.#heldBytes() > this.#mostBytes;
  }

  #wait(there: Function, operands: readonly number[]): unknown {
    this.look();
    this.#witness.waits();
    const answer = there(...operands);
    this.#witness.goesOn();
    return answer;
  }

  get #pages(): number {
    return (this.#memory?.buffer.byteLength ?? 0) / 65_536;
  }

  #has(at: number, length: number): boolean {
    return at + length <= (this.#memory?.buffer.byteLength ?? 0);
  }

  #areRanges(vectors: number, count: number): boolean {
    if (count > MOST_VECTORS || !this.#has(vectors, 8 * count)) return false;
    for (let at = vectors; at < vectors + 8 * count; at += 8)
      if (!this.#has(this.#u32(at), this.#u32(at + 4))) return false;
    return true;
  }

  #lengthOf(vectors: number, count: number): number {
    let length = 0;
    for (let i = 0; i < Math.min(count, MOST_VECTORS); i++) length += this.#u32(vectors + 8 * i + 4);
    return length;
  }

  #pollsInput(subscriptions: number, count: number): boolean {
    if (count === 0 || count > MOST_VECTORS) return false;
    for (let at = subscriptions; at < subscriptions + SUBSCRIPTION_BYTES * count; at += SUBSCRIPTION_BYTES) {
      if ((this.#u32(at + 8) & 0xff) !== READ_EVENT || this.#u32(at + 16) !== STDIN) return false;
    }
    return true;
  }

  /** 0 beyond the memory's end, of which the function itself speaks. */
  #u32(at: number): number {
    const buffer = this.#memory?.buffer;
    if (buffer === undefined || at + 4 > buffer.byteLength) return 0;
    return new DataView(buffer, at, 4).getUint32(0, true);
  }
}

function isFunction(value: unknown): value is Function {
  return typeof value === "function";
}
