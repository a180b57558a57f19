import { randomFillSync } from "node:crypto";
import { GuestFault } from "@spacedrive/runtime/engine";
import { ERRNO, Refusal } from "./errno.js";
import { GuestMemory, MOST_VECTORS } from "./guest-memory.js";
import { EVENT_BYTES, pollEvents, pollsInput, SUBSCRIPTION_BYTES, writeEvents } from "./poll-oneoff.js";
import { PREVIEW1_SIGNATURES } from "./preview1-signatures.js";
import { type WorkspaceFunction, WorkspaceFunctions } from "./workspace-functions.js";

const { SUCCESS, BADF, FAULT, INVAL, NOSYS, NOTSUP, SPIPE } = ERRNO;

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const CHARACTER_DEVICE = 2;
const RIGHT_READ = 1n << 1n;
const RIGHT_WRITE = 1n << 6n;
const FDSTAT_BYTES = 24;
const FILESTAT_BYTES = 64;
const REALTIME = 0;
const MONOTONIC = 1;
const NANOSECONDS = 1_000_000n;
/** As other hosts have it: a guest must loop. */
const MOST_BYTES_AT_ONCE = 65_536;
/** A guest that wants more asks again. */
const MOST_RANDOM_BYTES = 65_536;

/** Where a command's standard streams lead. None of these may come back where the guest must not go on. */
export interface StandardStreams {
  /** Some bytes for standard input, at most so many; waits for them. None: it has ended. */
  read(maxBytes: number): Buffer;
  /** Waits until a read of standard input would not: for bytes, or its end. */
  awaitInput(): void;
  writeOutput(buffer: Buffer, start: number, length: number): void;
  writeError(buffer: Buffer, start: number, length: number): void;
  exit(code: number): never;
  /** The command broke a rule that only a thrown fault would tell, which a guest's `catch_all` could swallow. */
  fault(thrown: unknown): never;
}

type Implementation = (...operands: readonly number[]) => number;
type Wide = (...operands: readonly (number | bigint)[]) => number;

/**
 * WASI preview1 for a command that has its standard streams, files of its own in memory, the time of day, randomness, and
 * nothing else: no arguments, no environment, no network. What is not here answers ENOSYS, ENOTSUP, or EBADF.
 */
export class Preview1Shim {
  readonly #streams: StandardStreams;
  readonly #memory = new GuestMemory();
  readonly #files: WorkspaceFunctions;

  constructor(streams: StandardStreams, mostFileBytes: number) {
    this.#streams = streams;
    this.#files = new WorkspaceFunctions(this.#memory, mostFileBytes);
  }

  get pages(): number {
    return this.#memory.pages;
  }

  setMemory(memory: WebAssembly.Memory): void {
    this.#memory.setMemory(memory);
  }

  /** The functions to import. */
  functions(): Record<string, Wide> {
    const there: Readonly<Record<string, Wide>> = {
      args_get: () => SUCCESS,
      args_sizes_get: this.#served((count, size) => this.#zero(count, 4) || this.#zero(size, 4)),
      environ_get: () => SUCCESS,
      environ_sizes_get: this.#served((count, size) => this.#zero(count, 4) || this.#zero(size, 4)),
      clock_res_get: this.#served((clock, at) =>
        clock > MONOTONIC ? INVAL : this.#put64(at, clock === REALTIME ? NANOSECONDS : 1n),
      ),
      clock_time_get: (clock, _precision, at) => this.#guard(() => this.#clock(Number(clock), Number(at))),
      fd_close: this.#served((fd) => (fd <= STDERR ? SUCCESS : BADF)),
      fd_fdstat_get: this.#served((fd, at) => this.#fdstat(fd, at)),
      fd_fdstat_set_flags: this.#served((fd) => (fd <= STDERR ? SUCCESS : BADF)),
      fd_filestat_get: this.#served((fd, at) => this.#filestat(fd, at)),
      path_link: () => NOTSUP,
      path_symlink: () => NOTSUP,
      fd_read: this.#served((fd, vectors, count, read) => (fd === STDIN ? this.#read(vectors, count, read) : BADF)),
      fd_write: this.#served((fd, vectors, count, written) =>
        fd === STDOUT || fd === STDERR ? this.#write(fd, vectors, count, written) : BADF,
      ),
      fd_seek: (fd) => (Number(fd) <= STDERR ? SPIPE : BADF),
      fd_tell: (fd) => (Number(fd) <= STDERR ? SPIPE : BADF),
      poll_oneoff: this.#served((subscriptions, events, count, ready) =>
        this.#poll(subscriptions, events, count, ready),
      ),
      proc_exit: (code) => this.#streams.exit(Number(code) >>> 0),
      random_get: this.#served((at, length) => this.#random(at, length)),
      sched_yield: () => SUCCESS,
    };
    const files = this.#files.functions();
    return Object.fromEntries(
      [...PREVIEW1_SIGNATURES.keys()].map((name) => {
        const other = there[name] ?? (name.startsWith("sock_") || name === "proc_raise" ? () => NOSYS : () => BADF);
        const file = files[name];
        return [name, file === undefined ? other : this.#onFiles(file, other)];
      }),
    );
  }

  /** A standard stream is no file. */
  #onFiles(file: WorkspaceFunction, other: Wide): Wide {
    return (fd, ...more) => {
      if (Number(fd) >>> 0 <= STDERR) return other(fd, ...more);
      return this.#guard(() => {
        file(...[fd, ...more].map((operand) => (typeof operand === "bigint" ? Number(operand) : operand >>> 0)));
        return SUCCESS;
      });
    };
  }

  #served(implementation: Implementation): Wide {
    // Wasm hands i32 operands as signed numbers.
    return (...operands) => this.#guard(() => implementation(...operands.map((operand) => Number(operand) >>> 0)));
  }

  #guard(run: () => number): number {
    try {
      return run();
    } catch (thrown) {
      if (thrown instanceof Refusal) return thrown.errno;
      return this.#streams.fault(thrown);
    }
  }

  /** The guest's memory as it is now. */
  #view(): Buffer {
    const { bytes } = this.#memory;
    if (bytes === null) throw new GuestFault("protocol", "it calls WASI before _start");
    return bytes;
  }

  #has(at: number, length: number): boolean {
    return at + length <= this.#view().length;
  }

  #zero(at: number, length: number): number {
    if (!this.#has(at, length)) return FAULT;
    this.#view().fill(0, at, at + length);
    return SUCCESS;
  }

  #put64(at: number, value: bigint): number {
    if (!this.#has(at, 8)) return FAULT;
    this.#view().writeBigUInt64LE(value, at);
    return SUCCESS;
  }

  #clock(clock: number, at: number): number {
    if (clock === REALTIME) return this.#put64(at >>> 0, BigInt(Date.now()) * NANOSECONDS);
    if (clock === MONOTONIC) return this.#put64(at >>> 0, process.hrtime.bigint());
    return INVAL;
  }

  #fdstat(fd: number, at: number): number {
    if (fd > STDERR) return BADF;
    if (this.#zero(at, FDSTAT_BYTES) !== SUCCESS) return FAULT;
    const view = this.#view();
    view[at] = CHARACTER_DEVICE;
    view.writeBigUInt64LE(fd === STDIN ? RIGHT_READ : RIGHT_WRITE, at + 8);
    return SUCCESS;
  }

  #filestat(fd: number, at: number): number {
    if (fd > STDERR) return BADF;
    if (this.#zero(at, FILESTAT_BYTES) !== SUCCESS) return FAULT;
    this.#view()[at + 16] = CHARACTER_DEVICE;
    return SUCCESS;
  }

  #read(vectors: number, count: number, read: number): number {
    if (!this.#checkVectors(vectors, count) || !this.#has(read, 4)) return FAULT;
    const view = this.#view();
    for (let i = 0; i < count; i++) {
      const length = view.readUInt32LE(vectors + 8 * i + 4);
      if (length === 0) continue;
      const bytes = this.#streams.read(Math.min(length, MOST_BYTES_AT_ONCE));
      bytes.copy(view, view.readUInt32LE(vectors + 8 * i));
      view.writeUInt32LE(bytes.length, read);
      return SUCCESS;
    }
    view.writeUInt32LE(0, read);
    return SUCCESS;
  }

  #write(fd: number, vectors: number, count: number, written: number): number {
    if (!this.#checkVectors(vectors, count) || !this.#has(written, 4)) return FAULT;
    const view = this.#view();
    let room = MOST_BYTES_AT_ONCE;
    for (let i = 0; i < count && room > 0; i++) {
      const start = view.readUInt32LE(vectors + 8 * i);
      const length = Math.min(room, view.readUInt32LE(vectors + 8 * i + 4));
      if (fd === STDOUT) this.#streams.writeOutput(view, start, length);
      else this.#streams.writeError(view, start, length);
      room -= length;
    }
    view.writeUInt32LE(MOST_BYTES_AT_ONCE - room, written);
    return SUCCESS;
  }

  #checkVectors(vectors: number, count: number): boolean {
    if (count > MOST_VECTORS || !this.#has(vectors, 8 * count)) return false;
    const view = this.#view();
    for (let at = vectors; at < vectors + 8 * count; at += 8) {
      if (!this.#has(view.readUInt32LE(at), view.readUInt32LE(at + 4))) return false;
    }
    return true;
  }

  #random(at: number, length: number): number {
    if (!this.#has(at, length)) return FAULT;
    const view = this.#view();
    for (let done = 0; done < length; done += MOST_RANDOM_BYTES) {
      randomFillSync(view, at + done, Math.min(MOST_RANDOM_BYTES, length - done));
    }
    return SUCCESS;
  }

  #poll(subscriptions: number, events: number, count: number, ready: number): number {
    if (count === 0) return INVAL;
    if (count > MOST_VECTORS || !this.#has(subscriptions, SUBSCRIPTION_BYTES * count)) return FAULT;
    if (!this.#has(events, EVENT_BYTES * count) || !this.#has(ready, 4)) return FAULT;
    const view = this.#view();
    if (pollsInput(view, subscriptions, count)) this.#streams.awaitInput();
    const happened = pollEvents(view, subscriptions, count);
    writeEvents(view, events, happened);
    view.writeUInt32LE(happened.length, ready);
    return SUCCESS;
  }
}
