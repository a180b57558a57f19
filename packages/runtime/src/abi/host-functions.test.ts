import assert from "node:assert/strict";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { compileWat } from "../../test/compile-wat.js";
import { GuestFault } from "./guest-fault.js";
import { GuestMemory } from "./guest-memory.js";
import type { GuestState } from "./guest-state.js";
import { createHostFunctions } from "./host-functions.js";
import { HOST_FUNCTION_SIGNATURES, HOST_MODULE } from "./host-function-signatures.js";
import type { HostLink } from "./host-link.js";

const RUNS = 3_000;
const MEMORY_BYTES = 2 * 65_536;
/** Bytes of every reply of this link. */
const REPLY_BYTES = 100;

/** A link that fails the test where it is given a range outside the memory. */
class SuspiciousLink implements HostLink {
  readonly reply = Buffer.alloc(REPLY_BYTES, 0x61);
  taken = 0;
  ended = 0;

  beat(): void {}

  call(
    memory: Buffer,
    method: number,
    methodLength: number,
    library: number,
    payload: number,
    payloadLength: number,
  ): number {
    if (library >= 0) this.#take(memory, library, 16);
    return this.#take(memory, method, methodLength) + this.#take(memory, payload, payloadLength);
  }

  log(level: number, memory: Buffer, message: number, length: number): void {
    assert.equal(level, level >>> 0);
    this.#take(memory, message, length);
  }

  progress(_fraction: number, memory: Buffer, message: number, length: number): void {
    this.#take(memory, message, length);
  }

  checkpoint(memory: Buffer, state: number, length: number): boolean {
    return this.#take(memory, state, length) >= 0;
  }

  interrupt(): number {
    return this.#take(Buffer.alloc(0), 0, 0);
  }

  warning(memory: Buffer, message: number, length: number): void {
    this.#take(memory, message, length);
  }

  addBytes(count: bigint): void {
    assert.equal(typeof count, "bigint");
    this.taken++;
  }

  addItems(count: bigint): void {
    this.addBytes(count);
  }

  registerJob(memory: Buffer, name: number, nameLength: number, exportName: number, exportLength: number): boolean {
    return this.#take(memory, name, nameLength) + this.#take(memory, exportName, exportLength) >= 0;
  }

  registerOperation(
    _kind: 0 | 1,
    memory: Buffer,
    name: number,
    nameLength: number,
    exportName: number,
    exportLength: number,
  ): boolean {
    return this.registerJob(memory, name, nameLength, exportName, exportLength);
  }

  fail(memory: Buffer, message: number, length: number): void {
    this.#take(memory, message, length);
  }

  complete(memory: Buffer, result: number, length: number): void {
    this.#take(memory, result, length);
  }

  end(fault: GuestFault): never {
    this.ended++;
    throw fault;
  }

  #take(memory: Buffer, start: number, length: number): number {
    assert.ok(Number.isInteger(start) && start >= 0 && Number.isInteger(length) && length >= 0);
    assert.ok(length === 0 || start + length <= memory.length);
    this.taken++;
    return 0;
  }
}

/** Exports each host function under its own name, called by wasm with whatever the test passes. */
async function compileProber(): Promise<WebAssembly.Module> {
  const functions = [...HOST_FUNCTION_SIGNATURES].map(([name, signature]) => {
    const [parameters = "", result = ""] = signature.split(" -> ").map((part) => part.replaceAll(/[(),]/g, ""));
    const type = `(param ${parameters})${result === "" ? "" : ` (result ${result})`}`;
    const operands = parameters.split(" ").map((_, i) => `(local.get ${i})`);
    return [
      `(import "${HOST_MODULE}" "${name}" (func $${name} ${type}))`,
      `(func (export "${name}") ${type} (call $${name} ${operands.join(" ")}))`,
    ] as const;
  });
  return WebAssembly.compile(
    await compileWat(`(module ${functions.map(([imported]) => imported).join("\n")} (memory (export "memory") 2 2)
      (data (i32.const 16) "\\01\\00\\00\\00\\02\\00\\00\\00\\03\\00\\00\\00\\04\\00\\00\\00")
      ${functions.map(([, exported]) => exported).join("\n")})`),
  );
}

/** Around the ends of memory, of i32 and of u32, and anywhere. */
const word = fc.oneof(
  { arbitrary: fc.nat({ max: 4096 }), weight: 8 },
  fc.integer({ min: -20, max: 40 }),
  fc.integer({ min: MEMORY_BYTES - 20, max: MEMORY_BYTES + 20 }),
  fc.constantFrom(0x7fffffff, -0x80000000, -1, 0x40000000),
  fc.integer(),
);

/** The fault that a call ends in, null for none. Anything else that is thrown fails the test. */
function faultOf(run: () => unknown): GuestFault | null {
  try {
    run();
    return null;
  } catch (thrown) {
    if (thrown instanceof GuestFault) return thrown;
    throw thrown;
  }
}

describe("host functions", () => {
  let module: WebAssembly.Module;
  beforeAll(async () => {
    module = await compileProber();
  });

  function instantiate(allocated: (size: number) => number): {
    link: SuspiciousLink;
    exports: Readonly<Record<string, unknown>>;
    state: GuestState;
  } {
    const state: GuestState = {
      memory: null,
      allocate: allocated,
      starting: true,
      allocating: false,
      dead: false,
      first: null,
      job: [1, 2, 3, 4],
    };
    const link = new SuspiciousLink();
    const instance = new WebAssembly.Instance(module, { [HOST_MODULE]: createHostFunctions(state, link) });
    // Proof: compileProber exports it.
    state.memory = new GuestMemory(instance.exports["memory"] as WebAssembly.Memory);
    return { link, exports: instance.exports, state };
  }

  function call(exports: Readonly<Record<string, unknown>>, name: string, args: readonly (number | bigint)[]): unknown {
    // Proof: compileProber exports a function of this name.
    return (exports[name] as (...args: readonly (number | bigint)[]) => unknown)(...args);
  }

  test.each([...HOST_FUNCTION_SIGNATURES])(
    "%s takes any operands, and either serves them or ends the instance",
    (name, signature) => {
      const types = signature.slice(1, signature.indexOf(")")).split(", ");
      const operands = fc.tuple(
        ...types.map((type) =>
          type === "i64" ? fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) : type === "f32" ? fc.float() : word,
        ),
      );
      let served = 0;
      let ended = 0;
      fc.assert(
        fc.property(operands, word, (args, pointer) => {
          const { link, exports, state } = instantiate(() => pointer);
          const fault = faultOf(() => call(exports, name, args));
          if (fault === null) {
            served++;
            return;
          }
          ended++;
          // A dead instance is served no more.
          const { taken } = link;
          const later = faultOf(() => call(exports, "spacedrive_log", [1, 16, 1]));
          assert.deepEqual([fault.kind, state.dead, later?.kind, link.taken], ["violation", true, "violation", taken]);
        }),
        { numRuns: RUNS },
      );
      // Both happen often, or the cases prove nothing.
      expect(served).toBeGreaterThan(RUNS / 100);
      expect(ended).toBeGreaterThan(RUNS / 100);
    },
  );

  test("a block is written only where the guest's allocator pointed into its memory", () => {
    const block = (pointer: number) => (): unknown =>
      call(instantiate(() => pointer).exports, "spacedrive_call", [0, 0, 0, 0, 0]);
    expect(block(1024)()).toBe(1024);
    expect(block(MEMORY_BYTES - 4)()).toBe(MEMORY_BYTES - 4);
    expect(block(MEMORY_BYTES - 3)).toThrow(/wasm_alloc\(4\) answered/);
    expect(block(-4)).toThrow(/wasm_alloc\(4\) answered/);
    expect(block(0)()).toBe(0);
  });

  test("within the allocator only logs are served", () => {
    for (const [name, signature] of HOST_FUNCTION_SIGNATURES) {
      const { exports, state } = instantiate(() => 0);
      state.allocating = true;
      const zeros = (signature.split(" -> ")[0] ?? "").split(", ").map((type) => (type.includes("i64") ? 0n : 0));
      const fault = faultOf(() => call(exports, name, zeros));
      expect(fault?.message ?? "served").toMatch(
        name === "spacedrive_log" ? /^served$/ : /within wasm_alloc or wasm_free/,
      );
    }
  });

  test("an exception through the allocator leaves the instance dead", () => {
    const { exports, state } = instantiate(() => {
      throw new Error("thrown in wasm_alloc");
    });
    expect(() => call(exports, "spacedrive_call", [0, 0, 0, 0, 0])).toThrow("thrown in wasm_alloc");
    expect(state.dead).toBe(true);
    expect(() => call(exports, "job_check_interrupt", [16])).toThrow(GuestFault);
  });

  test("the job's id is compared, whole", () => {
    const { exports } = instantiate(() => 0);
    expect(call(exports, "job_check_interrupt", [16])).toBe(0);
    for (const pointer of [12, 15, 17, 20, 32]) expect(call(exports, "job_check_interrupt", [pointer])).toBe(2);
  });
});
