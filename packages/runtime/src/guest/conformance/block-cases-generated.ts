import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { isSpacedriveError } from "@spacedrive/wire";
import { SeededNumbers, someOperands, someWord } from "./abi-operands.js";
import { abiReference, HOST_FUNCTION_NAMES, hostFunctionType, type Operand } from "./abi-reference.js";
import { ALLOCATOR, called, GUEST, HANDLER, JOB_AT, PAGE } from "./block-guest.js";
import type { Check, ConformanceBench } from "./conformance-bench.js";
import { RecordingJob } from "./recording-host.js";

const CALLS_OF_EACH = 16;
const BLOCKS = 120;

/** Whether the instance ended of a broken rule. Every other end fails. */
async function breaksARule(work: Promise<unknown>, what: string): Promise<boolean> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown === null) return false;
  assert.ok(isSpacedriveError(thrown), what);
  assert.equal(thrown.code, "GUEST_ABI_VIOLATION", `${what}: ${thrown.message}`);
  return true;
}

function watOperand(operand: Operand, type: string): string {
  if (type === "f32")
    return `(f32.const ${Number.isNaN(operand) ? "nan" : String(operand).replace("Infinity", "inf")})`;
  return `(${type}.const ${operand})`;
}

/** Every host function with operands of a generator, each in a job of its own, on real instances of an engine. */
async function checkGeneratedCalls(bench: ConformanceBench): Promise<void> {
  const random = new SeededNumbers(randomInt(2 ** 31));
  const calls = HOST_FUNCTION_NAMES.flatMap((name) =>
    Array.from({ length: CALLS_OF_EACH }, () => ({ name, operands: someOperands(random, name, PAGE, JOB_AT) })),
  );
  const bodies = calls.map(({ name, operands }, index) => {
    const types = hostFunctionType(name).parameters;
    const texts = operands.map((operand, at) => watOperand(operand, types[at] ?? "i32"));
    return `(func (export "call_${index}") ${HANDLER} ${called(name, texts.join(" "))} (i32.const 0))`;
  });
  // One page, so that its border is met.
  const text = `(module ${GUEST.replace('"memory") 8', '"memory") 1').replace(`i32.const ${4 * PAGE}`, "i32.const 32768")}
    ${ALLOCATOR} ${bodies.join("\n")})`;
  const module = await bench.module(text);
  const memory = new Uint8Array(PAGE);
  memory.set(Buffer.from("11111111111141118111111111111111", "hex"), JOB_AT);
  memory.set(Buffer.from("query:test.echo.v1"), 64);
  const job = memory.slice(JOB_AT, JOB_AT + 16);
  let guest = await module.start(bench.host);
  let used = 0;
  for (const [index, { name, operands }] of calls.entries()) {
    const what = `${name}(${operands.join(", ")}), seed ${random.seed}`;
    const must = abiReference(name, operands, { memory, job, starting: false, allocating: false });
    // The allocator never comes back to where it was: an instance is good for a few calls.
    if (++used > 8 || !guest.alive) {
      await guest[Symbol.asyncDispose]();
      guest = await module.start(bench.host);
      used = 0;
    }
    bench.host.answer = async () => "{}";
    const ended = await breaksARule(guest.runJob(`call_${index}`, "{}", "", new RecordingJob()), what);
    // A result is text: one that is none is a broken rule of its own.
    const isNoText =
      name === "job_complete" && must.kind === "served" && !isText(must.effect.bytes[0] ?? new Uint8Array());
    assert.equal(ended, must.kind === "violation" || isNoText, what);
    assert.equal(guest.alive, !ended, what);
  }
}

function isText(bytes: Uint8Array): boolean {
  return !Buffer.from(bytes).toString().includes("\uFFFD");
}

/** What a guest answers from an operation: any pointer, and any length written there. */
async function checkGeneratedBlocks(bench: ConformanceBench): Promise<void> {
  const random = new SeededNumbers(randomInt(2 ** 31));
  const size = 8 * PAGE;
  const blocks = Array.from({ length: BLOCKS }, () => ({
    at: someWord(random, size, 128),
    length: someWord(random, size, 4),
  }));
  // Written where it can be, whatever else lies there.
  const bodies = blocks.map(({ at, length }, index) => {
    const write = at + 4 <= size ? `(i32.store (i32.const ${at}) (i32.const ${length}))` : "";
    return `(func (export "go_${index}") ${HANDLER} ${write} (i32.const ${at}))`;
  });
  const module = await bench.module(`(module ${GUEST} ${ALLOCATOR} ${bodies.join("\n")})`, { maxReplyBytes: size });
  let violations = 0;
  for (const [index, { at, length }] of blocks.entries()) {
    const what = `a block of ${length} bytes at ${at}, seed ${random.seed}`;
    const guest = await module.start(bench.host);
    const answer = guest.handle(`go_${index}`, "", "");
    const isWithin = at !== 0 && at + 4 + length <= size;
    const memory = Buffer.alloc(size);
    memory.set(Buffer.from("11111111111141118111111111111111", "hex"), JOB_AT);
    memory.set(Buffer.from("query:test.echo.v1"), 64);
    if (at + 4 <= size) memory.writeUInt32LE(length, at);
    const bytes = memory.subarray(at + 4, at + 4 + length);
    if (isWithin && isText(bytes)) {
      assert.ok((await answer) === bytes.toString(), what);
      assert.equal(guest.alive, true, what);
    } else {
      assert.ok(await breaksARule(answer, what), what);
      violations++;
    }
    await guest[Symbol.asyncDispose]();
  }
  assert.ok(violations > BLOCKS / 10 && violations < BLOCKS, `${violations} of ${BLOCKS}`);
}

export const GENERATED_BLOCK_CASES: readonly (readonly [string, Check])[] = [
  ["serves or ends what a generator calls every host function with, as docs/abi.md says", checkGeneratedCalls],
  ["takes any block that lies in the guest's memory, and ends a guest at any other", checkGeneratedBlocks],
];
