import { allocate, memoryOf, openBlock } from "./blocks.js";
import { GuestFault } from "./guest-fault.js";
import { GuestMemory } from "./guest-memory.js";
import type { GuestState } from "./guest-state.js";
import { type HostLane, LANE_FUNCTIONS } from "./host-lane.js";
import { createHostFunctions } from "./host-functions.js";
import { HOST_MODULE, KNOWN_ABI_VERSIONS } from "./host-function-signatures.js";
import type { HostLink } from "./host-link.js";
import { LanedState } from "./laned-state.js";
import { toFault } from "./to-fault.js";

type GuestFunction = (...args: readonly number[]) => unknown;

/** Bytes that are to be handed to a guest: a range of a buffer. */
export interface HostRange {
  readonly buffer: Buffer<ArrayBufferLike>;
  readonly start: number;
  readonly length: number;
}

/**
 * One instance of a checked module, and the calls into it. Every method throws a `GuestFault` where the guest fails;
 * the instance must not be used after one.
 */
export class GuestInstance {
  readonly #state: GuestState;
  readonly #lane: HostLane | null;
  readonly #link: HostLink;
  readonly #maxPages: number;
  readonly #instance: WebAssembly.Instance;
  readonly #firstPages: number;

  /**
   * Instantiates, and runs the start function where there is one.
   *
   * @param maxPages the memory's maximum, by which a trap for lack of memory is told from others.
   */
  constructor(module: WebAssembly.Module, link: HostLink, maxPages: number) {
    this.#link = link;
    this.#maxPages = maxPages;
    this.#lane = hasJobs(module) ? (link.lane?.() ?? null) : null;
    this.#state = new LanedState(this.#lane);
    try {
      const functions = createHostFunctions(this.#state, link);
      this.#instance = new WebAssembly.Instance(module, { [HOST_MODULE]: this.#lane?.wrap(functions) ?? functions });
    } catch (thrown) {
      throw this.#fault(thrown);
    }
    // Proof: checkModule saw the export "memory", and that it is one.
    this.#state.memory = new GuestMemory(this.#instance.exports["memory"] as WebAssembly.Memory);
    this.#firstPages = this.pages;
    const allocator = this.#find("wasm_alloc");
    if (allocator !== null) this.#state.allocate = (size) => Number(allocator(size));
  }

  get pages(): number {
    return this.#state.memory?.pages ?? 0;
  }

  /** ABI version, `_initialize`, `plugin_init`. */
  start(): void {
    this.#guard(() => {
      const version = Number(this.#find("spacedrive_abi_version")?.() ?? 1);
      if (!KNOWN_ABI_VERSIONS.includes(version)) {
        throw new GuestFault(
          "abi-unsupported",
          `it speaks ABI version ${version}; this host knows ${KNOWN_ABI_VERSIONS.join(", ")}`,
        );
      }
      this.#find("_initialize")?.();
      const code = Number(this.#find("plugin_init")?.() ?? 0);
      if (code !== 0) throw new GuestFault("init-failed", `plugin_init returned ${code}`);
      this.#state.starting = false;
    });
  }

  /** Calls an export without parameters; answers what it returned, 0 for nothing. */
  call(exportName: string): number {
    return this.#guard(() => Number(this.#function(exportName)() ?? 0));
  }

  /** Calls an operation's export. `take` gets the answer's bytes, which are the guest's and valid only meanwhile. */
  handle(
    exportName: string,
    context: HostRange,
    input: HostRange,
    take: (memory: Buffer, start: number, length: number) => void,
  ): void {
    this.#guard(() =>
      this.#withData(context, input, (contextPointer, inputPointer) => {
        const answer = this.#function(exportName)(contextPointer, context.length, inputPointer, input.length);
        const pointer = Number(answer) >>> 0;
        const block = openBlock(this.#state, this.#link, exportName, pointer);
        take(memoryOf(this.#state).bytes, block.pointer, block.length);
        this.#free(pointer, 4 + block.length);
      }),
    );
  }

  /** Runs a job's export; answers its code. `job` is the id that its host functions must name. */
  runJob(
    exportName: string,
    job: readonly [number, number, number, number],
    context: HostRange,
    state: HostRange,
  ): number {
    return this.#guard(() => {
      this.#lane?.bind(this.#instance.exports["memory"]);
      this.#state.job = job;
      let code = 0;
      this.#withData(context, state, (contextPointer, statePointer) => {
        code = Number(this.#function(exportName)(contextPointer, context.length, statePointer, state.length));
      });
      this.#state.job = null;
      return code;
    });
  }

  /** Hands both to the guest, and frees them after the call. */
  #withData(first: HostRange, second: HostRange, call: (first: number, second: number) => void): void {
    const firstPointer = this.#hand(first);
    const secondPointer = this.#hand(second);
    const [low, high] = firstPointer < secondPointer ? [firstPointer, secondPointer] : [secondPointer, firstPointer];
    if (high < low + sizeOf(low === firstPointer ? first : second)) {
      throw this.#violation(
        `wasm_alloc answered ${secondPointer} while the ${sizeOf(first)} bytes at ${firstPointer} were in use`,
      );
    }
    call(firstPointer, secondPointer);
    this.#free(secondPointer, sizeOf(second));
    this.#free(firstPointer, sizeOf(first));
  }

  #hand({ buffer, start, length }: HostRange): number {
    const size = sizeOf({ length });
    const pointer = allocate(this.#state, this.#link, size);
    if (pointer === 0)
      throw new GuestFault("memory-limit", `wasm_alloc(${size}) answered 0: it has no memory left for its input`);
    buffer.copy(memoryOf(this.#state).bytes, pointer, start, start + length);
    return pointer;
  }

  #free(pointer: number, size: number): void {
    const free = this.#function("wasm_free");
    this.#state.allocating = true;
    free(pointer, size);
    this.#state.allocating = false;
  }

  #guard<Result>(run: () => Result): Result {
    try {
      const result = run();
      if (this.#state.dead) throw this.#violation("it went on after a fault that it had swallowed");
      return result;
    } catch (thrown) {
      throw this.#fault(thrown);
    }
  }

  #fault(thrown: unknown): GuestFault {
    const { first } = this.#state;
    this.#state.dead = true;
    if (first !== null && first.thrown !== thrown) return first.fault;
    // A memory that began at its maximum says nothing about a trap.
    return toFault(thrown, this.pages >= this.#maxPages && this.pages > this.#firstPages);
  }

  #violation(problem: string): GuestFault {
    this.#state.dead = true;
    return new GuestFault("violation", problem);
  }

  #find(exportName: string): GuestFunction | null {
    const found = this.#instance.exports[exportName];
    // Proof: it is a function, and checkModule or the caller compared its signature.
    return typeof found === "function" ? (found as GuestFunction) : null;
  }

  #function(exportName: string): GuestFunction {
    const found = this.#find(exportName);
    if (found === null) throw this.#violation(`it has no export "${exportName}"`);
    return found;
  }
}

/** True where it can report a job's progress and the like, and so runs loops that do. */
function hasJobs(module: WebAssembly.Module): boolean {
  return WebAssembly.Module.imports(module).some(({ name }) => LANE_FUNCTIONS.includes(name));
}

/** What is allocated for data: `wasm_alloc(0)` is undefined in some SDKs and a null slice in Rust, so empty data gets a byte. */
function sizeOf({ length }: { readonly length: number }): number {
  return Math.max(1, length);
}
