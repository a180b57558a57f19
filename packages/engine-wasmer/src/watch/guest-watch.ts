/*
 * What a command on @wasmer/sdk does, in shared words: it is written where the command runs, in a thread of the SDK's, and
 * read in ours. All bytes are counted modulo 2^32.
 */

/** Moves whenever there may be something to see. */
const BELL = 0;
/** Odd while it waits for standard input, and for nothing else: each wait has a number of its own. */
const WAITS = 1;
const READ_BYTES = 2;
const OUTPUT_BYTES = 3;
const ERROR_BYTES = 4;
/** Of its memory, when it was last looked at. */
const PAGES = 5;
const FIRST_PAGES = 6;
/** 1 once there is an instance that is watched. */
const SEEN = 7;
const WATCH_BYTES = 64;

export function createWatchWords(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(WATCH_BYTES));
}

/** The side on which the command runs. */
export class GuestWitness {
  readonly #words: Int32Array<SharedArrayBuffer>;

  constructor(words: Int32Array<SharedArrayBuffer>) {
    this.#words = words;
  }

  begins(pages: number): void {
    Atomics.store(this.#words, FIRST_PAGES, pages);
    Atomics.store(this.#words, SEEN, 1);
    this.hasPages(pages);
  }

  hasPages(pages: number): void {
    Atomics.store(this.#words, PAGES, pages);
  }

  waits(): void {
    Atomics.add(this.#words, WAITS, 1);
    ring(this.#words);
  }

  goesOn(): void {
    Atomics.add(this.#words, WAITS, 1);
  }

  read(bytes: number): void {
    Atomics.add(this.#words, READ_BYTES, bytes | 0);
  }

  wrote(fd: 1 | 2, bytes: number): void {
    Atomics.add(this.#words, fd === 1 ? OUTPUT_BYTES : ERROR_BYTES, bytes | 0);
  }
}

/** Our side: what was sent to the command and has come from it, beside what it has done. */
export class GuestWatch {
  readonly #words: Int32Array<SharedArrayBuffer>;
  #bell = 0;
  #sent = 0;
  #output = 0;
  #errors = 0;

  constructor(words: Int32Array<SharedArrayBuffer>) {
    this.#words = words;
  }

  /** True once its instance has been found. */
  get seen(): boolean {
    return Atomics.load(this.#words, SEEN) === 1;
  }

  get pages(): number {
    return Atomics.load(this.#words, PAGES);
  }

  /** A memory that began at its maximum says nothing about a trap. */
  grewTo(maxPages: number): boolean {
    return this.pages >= maxPages && this.pages > Atomics.load(this.#words, FIRST_PAGES);
  }

  /**
   * The number of its wait for input, where it has read all that was sent and what it wrote has come: as long as that wait lasts
   * and no more is sent it does nothing. Null where it does something.
   */
  get wait(): number | null {
    const words = this.#words;
    const wait = Atomics.load(words, WAITS);
    const isIdle =
      (wait & 1) === 1 &&
      Atomics.load(words, READ_BYTES) === this.#sent &&
      // What it writes by another way than a standard stream's own number is not counted, and has come all the same.
      ((this.#output - Atomics.load(words, OUTPUT_BYTES)) | 0) >= 0 &&
      ((this.#errors - Atomics.load(words, ERROR_BYTES)) | 0) >= 0;
    return isIdle ? wait : null;
  }

  sent(bytes: number): void {
    this.#sent = (this.#sent + bytes) | 0;
  }

  receivedOutput(bytes: number): void {
    this.#output = (this.#output + bytes) | 0;
    ring(this.#words);
  }

  receivedErrors(bytes: number): void {
    this.#errors = (this.#errors + bytes) | 0;
    ring(this.#words);
  }

  /** Resolves when there may be something to see since it last did. */
  async change(): Promise<void> {
    const { value, async: waits } = Atomics.waitAsync(this.#words, BELL, this.#bell);
    if (waits) await value;
    this.#bell = Atomics.load(this.#words, BELL);
  }
}

function ring(words: Int32Array<SharedArrayBuffer>): void {
  Atomics.add(words, BELL, 1);
  Atomics.notify(words, BELL);
}
