import { Refusal } from "./errno.js";

/** Of vectors and subscriptions in one call. */
export const MOST_VECTORS = 1_024;

/** A guest's memory as it is at each call: every place that a guest names is checked before it is used. */
export class GuestMemory {
  #memory: WebAssembly.Memory | null = null;
  #bytes: Buffer = Buffer.alloc(0);

  setMemory(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  get pages(): number {
    return (this.#memory?.buffer.byteLength ?? 0) / 65_536;
  }

  /** Null before `_start`. */
  get bytes(): Buffer | null {
    if (this.#memory === null) return null;
    const { buffer } = this.#memory;
    if (this.#bytes.buffer !== buffer) this.#bytes = Buffer.from(buffer);
    return this.#bytes;
  }

  /** @throws Refusal `FAULT`. */
  range(at: number, length: number): Buffer {
    const bytes = this.bytes;
    if (bytes === null || at < 0 || at + length > bytes.length) throw new Refusal("FAULT");
    return bytes.subarray(at, at + length);
  }

  text(at: number, length: number): string {
    const bytes = this.range(at, length);
    const text = bytes.toString("utf8");
    if (text.includes("\uFFFD") && !Buffer.from(text).equals(bytes)) throw new Refusal("ILSEQ");
    return text;
  }

  /** The ranges of an array of vectors. */
  vectors(at: number, count: number): Buffer[] {
    if (count > MOST_VECTORS) throw new Refusal("FAULT");
    const table = this.range(at, 8 * count);
    return Array.from({ length: count }, (_, i) =>
      this.range(table.readUInt32LE(8 * i), table.readUInt32LE(8 * i + 4)),
    );
  }

  put32(at: number, value: number): void {
    this.range(at, 4).writeUInt32LE(value);
  }

  put64(at: number, value: bigint): void {
    this.range(at, 8).writeBigUInt64LE(value);
  }
}
