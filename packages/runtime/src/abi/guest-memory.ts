import { PAGE_BYTES } from "./page.js";

/**
 * A guest's memory with every range checked before use. The views are made again after the memory has grown: growth
 * detaches the old buffer, and then their length is 0.
 */
export class GuestMemory {
  readonly #memory: WebAssembly.Memory;
  #bytes: Buffer<ArrayBuffer>;
  #view: DataView;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#bytes = Buffer.from(memory.buffer);
    this.#view = new DataView(memory.buffer);
  }

  /** Valid until the guest runs again. */
  get bytes(): Buffer<ArrayBuffer> {
    if (this.#bytes.length === 0) this.#renew();
    return this.#bytes;
  }

  /** Valid until the guest runs again. */
  get view(): DataView {
    if (this.#bytes.length === 0) this.#renew();
    return this.#view;
  }

  get pages(): number {
    return this.bytes.length / PAGE_BYTES;
  }

  /** True where `length` bytes at `pointer` lie in the memory. Both are unsigned; no bytes lie anywhere. */
  has(pointer: number, length: number): boolean {
    return length === 0 || pointer + length <= this.bytes.length;
  }

  #renew(): void {
    this.#bytes = Buffer.from(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
  }
}
