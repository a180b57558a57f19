import { randomInt } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { GuestFault } from "../src/abi/guest-fault.js";
import { GuestMemory } from "../src/abi/guest-memory.js";
import type { GuestState } from "../src/abi/guest-state.js";
import { createHostFunctions } from "../src/abi/host-functions.js";
import { HOST_FUNCTION_SIGNATURES, HOST_MODULE } from "../src/abi/host-function-signatures.js";
import type { HostLink } from "../src/abi/host-link.js";
import { SeededNumbers, someOperands, someWord } from "../src/guest/conformance/abi-operands.js";
import {
  type AbiEffect,
  type AbiMoment,
  abiReference,
  HOST_FUNCTION_NAMES,
  hostFunctionType,
  type Operand,
} from "../src/guest/conformance/abi-reference.js";
import { compileWat } from "./compile-wat.js";

const CASES = 100_000;
/** Any will do. A failure names it: write it here to see the same cases again. */
const SEED = randomInt(2 ** 31);
const PAGE = 65_536;
const JOB_AT = 16;
const JOB_WORDS = [0x04030201, 0x08070605, 0x0c0b0a09, 0x100f0e0d] as const;
const LONGEST_REPLY = 70_000;

/** Keeps what reaches the host. */
class KeepingLink implements HostLink {
  readonly reply = Buffer.alloc(LONGEST_REPLY, "reply");
  replyLength = 0;
  effects: AbiEffect[] = [];
  /** What checkpoints and registrations are answered. */
  agrees = true;

  beat(): void {}

  call(
    memory: Buffer,
    method: number,
    length: number,
    library: number,
    payload: number,
    payloadLength: number,
  ): number {
    const id = library < 0 ? [] : [this.#copy(memory, library, 16)];
    this.#keep([this.#copy(memory, method, length), this.#copy(memory, payload, payloadLength), ...id]);
    return this.replyLength;
  }

  log(level: number, memory: Buffer, message: number, length: number): void {
    this.#keep([this.#copy(memory, message, length)], level);
  }

  progress(fraction: number, memory: Buffer, message: number, length: number): void {
    this.#keep([this.#copy(memory, message, length)], fraction);
  }

  checkpoint(memory: Buffer, state: number, length: number): boolean {
    this.#keep([this.#copy(memory, state, length)]);
    return this.agrees;
  }

  interrupt(): number {
    this.#keep([]);
    return 0;
  }

  warning(memory: Buffer, message: number, length: number): void {
    this.#keep([this.#copy(memory, message, length)]);
  }

  addBytes(count: bigint): void {
    this.#keep([], BigInt.asUintN(64, count));
  }

  addItems(count: bigint): void {
    this.addBytes(count);
  }

  registerJob(
    memory: Buffer,
    name: number,
    length: number,
    exportName: number,
    exportLength: number,
    resumable: boolean,
  ): boolean {
    this.#keep([this.#copy(memory, name, length), this.#copy(memory, exportName, exportLength)], resumable);
    return this.agrees;
  }

  registerOperation(
    kind: 0 | 1,
    memory: Buffer,
    name: number,
    length: number,
    exportName: number,
    exportLength: number,
  ): boolean {
    this.#keep([this.#copy(memory, name, length), this.#copy(memory, exportName, exportLength)], kind);
    return this.agrees;
  }

  fail(memory: Buffer, message: number, length: number): void {
    this.#keep([this.#copy(memory, message, length)]);
  }

  complete(memory: Buffer, result: number, length: number): void {
    this.#keep([this.#copy(memory, result, length)]);
  }

  end(fault: GuestFault): never {
    throw fault;
  }

  #keep(bytes: Uint8Array[], ...values: (Operand | boolean)[]): void {
    this.effects.push({ bytes, values });
  }

  /** As an engine would copy it; a range that leaves the memory is a fault of the host functions. */
  #copy(memory: Buffer, start: number, length: number): Uint8Array {
    if (!(start >= 0 && length >= 0 && start + length <= memory.length)) {
      throw new RangeError(`${length} bytes at ${start} are not in a memory of ${memory.length}`);
    }
    return Uint8Array.prototype.slice.call(memory, start, start + length);
  }
}

/** Exports each host function under its own name, and an allocator that answers, grows and traps as it is told. */
async function compileProber(): Promise<WebAssembly.Module> {
  const functions = [...HOST_FUNCTION_SIGNATURES].map(([name, signature]) => {
    const [parameters = "", result = ""] = signature.split(" -> ").map((part) => part.replaceAll(/[(),]/g, ""));
    const type = `(param ${parameters})${result === "" ? "" : ` (result ${result})`}`;
    const operands = parameters.split(" ").map((_, index) => `(local.get ${index})`);
    return [
      `(import "${HOST_MODULE}" "${name}" (func $${name} ${type}))`,
      `(func (export "${name}") ${type} (call $${name} ${operands.join(" ")}))`,
    ] as const;
  });
  return WebAssembly.compile(
    await compileWat(`(module ${functions.map(([imported]) => imported).join("\n")}
      (memory (export "memory") 1 3)
      (global $answer (mut i32) (i32.const 0)) (global $pages (mut i32) (i32.const 0)) (global $asked (mut i32) (i32.const 0))
      (func (export "prepare") (param i32 i32)
        (global.set $answer (local.get 0)) (global.set $pages (local.get 1)) (global.set $asked (i32.const 0)))
      (func (export "asked") (result i32) (global.get $asked))
      (func (export "wasm_alloc") (param i32) (result i32)
        (global.set $asked (local.get 0))
        (if (i32.eq (global.get $pages) (i32.const -1)) (then unreachable))
        (if (global.get $pages) (then (drop (memory.grow (global.get $pages)))))
        (global.get $answer))
      ${functions.map(([, exported]) => exported).join("\n")})`),
  );
}

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await compileProber();
});

/** One instance for as many cases as leave its memory as large as it was. */
class Prober {
  readonly link = new KeepingLink();
  readonly state: GuestState;
  readonly #exports: Readonly<Record<string, unknown>>;
  /** What the memory must hold. */
  readonly expected: Buffer;

  constructor() {
    const call = this.call.bind(this);
    this.state = {
      memory: null,
      allocate: (size) => Number(call("wasm_alloc", [size])),
      starting: true,
      allocating: false,
      dead: false,
      first: null,
      job: null,
    };
    const instance = new WebAssembly.Instance(module, { [HOST_MODULE]: createHostFunctions(this.state, this.link) });
    this.#exports = instance.exports;
    // Proof: compileProber exports it.
    this.state.memory = new GuestMemory(instance.exports["memory"] as WebAssembly.Memory);
    const { bytes } = this.state.memory;
    for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 31) ^ (index >>> 7);
    for (let index = 0; index < 16; index++) bytes[JOB_AT + index] = index + 1;
    this.expected = Buffer.from(bytes);
  }

  get memory(): Buffer {
    return this.state.memory?.bytes ?? Buffer.alloc(0);
  }

  call(name: string, operands: readonly Operand[]): unknown {
    // Proof: compileProber exports functions of these names.
    return (this.#exports[name] as (...operands: readonly Operand[]) => unknown)(...operands);
  }

  /** The answer, or the fault that the instance ended with. Whatever else is thrown is the host's, and fails the test. */
  attempt(name: string, operands: readonly Operand[]): { readonly answer: unknown } | GuestFault {
    try {
      return { answer: this.call(name, operands) };
    } catch (thrown) {
      if (thrown instanceof GuestFault) return thrown;
      throw thrown;
    }
  }

  revive(): void {
    this.state.dead = false;
    this.state.first = null;
    this.state.allocating = false;
    this.link.effects = [];
  }
}

function sameEffect(actual: AbiEffect | undefined, expected: AbiEffect): boolean {
  return (
    actual !== undefined &&
    actual.values.length === expected.values.length &&
    actual.values.every((value, index) => Object.is(value, expected.values[index])) &&
    actual.bytes.length === expected.bytes.length &&
    actual.bytes.every((bytes, index) => Buffer.compare(bytes, expected.bytes[index] ?? Buffer.alloc(0)) === 0)
  );
}

/** Throws, and says how to see it again. Vitest's own `expect` would take most of the time of a million cases. */
function check(holds: boolean, promise: string, seen: object): void {
  if (holds) return;
  const details = JSON.stringify(seen, (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
  throw new Error(`${promise}: ${details} (seed ${SEED})`);
}

test("the reference knows the same functions as the host", () => {
  const known = HOST_FUNCTION_NAMES.map((name) => {
    const { parameters, answers } = hostFunctionType(name);
    return [name, `(${parameters.join(", ")}) -> ${answers ? "i32" : "()"}`];
  });
  expect(known).toEqual([...HOST_FUNCTION_SIGNATURES]);
});

test.each(HOST_FUNCTION_NAMES)("%s does what docs/abi.md says, whatever it is passed", { timeout: 120_000 }, (name) => {
  const random = new SeededNumbers(SEED);
  const counts = { violation: 0, refused: 0, served: 0 };
  let prober = new Prober();
  for (let nth = 0; nth < CASES; nth++) {
    const { link, state } = prober;
    const size = prober.memory.length;
    prober.revive();
    state.starting = random.below(4) !== 0;
    state.job = random.below(8) === 0 ? null : JOB_WORDS;
    state.allocating = random.below(64) === 0;
    link.agrees = random.below(4) !== 0;
    link.replyLength = random.pick([0, 1, 3, 4, 100, 1000, PAGE - 4, PAGE - 3, LONGEST_REPLY]);
    const answer = someWord(random, size, JOB_AT) | 0;
    const pages = random.below(64) === 0 ? 1 : 0;
    prober.call("prepare", [answer, pages]);
    const operands = someOperands(random, name, size, JOB_AT);
    const job = state.job === null ? null : prober.expected.subarray(JOB_AT, JOB_AT + 16);
    const { starting, allocating } = state;
    const moment: AbiMoment = { memory: prober.expected, job, starting, allocating };
    const must = abiReference(name, operands, moment);
    const seen = { nth, name, operands, starting, allocating, must: must.kind, answer, pages, reply: link.replyLength };

    const done = prober.attempt(name, operands);
    const before = link.effects.length;
    const fault = done instanceof GuestFault ? done : null;
    const isBlock = name === "spacedrive_call" && must.kind === "served";
    if (isBlock) check(prober.call("asked", []) === 4 + link.replyLength, "a block is asked for with its length", seen);

    // A block is written where the allocator pointed, or ends the instance.
    const grown = prober.memory.length;
    const pointer = answer >>> 0;
    const blockFits = pointer === 0 || pointer + 4 + link.replyLength <= grown;
    const isViolation = must.kind === "violation" || (isBlock && !blockFits);
    counts[isViolation ? "violation" : must.kind]++;
    check((fault !== null) === isViolation, isViolation ? "it ends" : `it lives, not ${fault?.message}`, seen);
    if (must.kind === "served") {
      check(before === 1 && sameEffect(link.effects[0], must.effect), "the host hears exactly this", seen);
    } else check(before === 0, "the host hears nothing", seen);

    if (fault !== null) {
      check(fault.kind === "violation" && state.dead, "it is dead, of a broken rule", seen);
      const later = prober.attempt("spacedrive_log", [1, JOB_AT, 4]);
      check(later === fault && link.effects.length === before, "the dead are served no more", seen);
    }
    if (!(done instanceof GuestFault)) {
      const agreed = link.agrees ? 0 : 1;
      const isAnswered = name === "job_checkpoint" || name.startsWith("register_");
      const result = must.kind === "refused" ? must.result : isBlock ? answer : isAnswered ? agreed : undefined;
      const expected = name === "job_check_interrupt" && must.kind === "served" ? 0 : result;
      check(done.answer === expected, `it answers ${expected}`, { ...seen, answered: done.answer });
    }

    // Nothing but the block was written.
    if (isBlock && !isViolation && pointer !== 0) {
      const block = prober.memory.subarray(pointer, pointer + 4 + link.replyLength);
      check(block.readUInt32LE() === link.replyLength, "a block begins with its length", seen);
      check(block.subarray(4).equals(link.reply.subarray(0, link.replyLength)), "a block holds the answer", seen);
      if (pointer < size) prober.expected.copy(prober.memory, pointer, pointer, Math.min(size, pointer + block.length));
    }
    if (isBlock || nth % 100 === 0) {
      check(prober.memory.subarray(0, size).equals(prober.expected), "nothing else was written", seen);
    }
    if (grown !== size) prober = new Prober();
  }
  // Each happens often, or the cases prove nothing.
  expect(counts.violation).toBeGreaterThan(CASES / 100);
  expect(counts.served).toBeGreaterThan(CASES / 1000);
});
