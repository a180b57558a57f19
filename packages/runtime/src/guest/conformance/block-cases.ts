import assert from "node:assert/strict";
import { type ErrorCode, isSpacedriveError } from "@spacedrive/wire";
import { HOST_FUNCTION_NAMES } from "./abi-reference.js";
import { GENERATED_BLOCK_CASES } from "./block-cases-generated.js";
import { ALLOCATOR, called, GUEST, HANDLER, PAGE } from "./block-guest.js";
import { assertRejects, type Check } from "./conformance-bench.js";
import { RecordingJob } from "./recording-host.js";

/** What the guest's allocator answers to the host's nth request of a call, and what becomes of the call. `$size` is asked for. */
interface Allocation {
  readonly what: string;
  readonly answer: string;
  /** Of the request for the context, for the input and for the block of an operation's answer: null where all is well. */
  readonly codes: readonly [context: ErrorCode | null, input: ErrorCode | null, reply: ErrorCode | null];
}

const VIOLATION = "GUEST_ABI_VIOLATION";
const END_OF_MEMORY = `(i32.mul (memory.size) (i32.const ${PAGE}))`;
const ALLOCATIONS: readonly Allocation[] = [
  // Without a block a guest can still go on.
  { what: "0", answer: "(i32.const 0)", codes: ["GUEST_MEMORY_LIMIT", "GUEST_MEMORY_LIMIT", null] },
  { what: "the same address twice", answer: "(global.get $last)", codes: [null, VIOLATION, null] },
  {
    what: "the last byte that is in use",
    answer: "(i32.sub (i32.add (global.get $last) (global.get $last_size)) (i32.const 1))",
    codes: [null, VIOLATION, null],
  },
  {
    what: "the byte behind what is in use",
    answer: "(i32.add (global.get $last) (global.get $last_size))",
    codes: [null, null, null],
  },
  {
    what: "a range that runs into what is in use",
    answer: "(i32.add (i32.sub (global.get $last) (local.get $size)) (i32.const 1))",
    codes: [null, VIOLATION, null],
  },
  {
    what: "a range that ends before what is in use",
    answer: "(i32.sub (global.get $last) (local.get $size))",
    codes: [null, null, null],
  },
  {
    what: "the very end of the memory",
    answer: `(i32.sub ${END_OF_MEMORY} (local.get $size))`,
    codes: [null, null, null],
  },
  {
    what: "one byte more than there is",
    answer: `(i32.add (i32.sub ${END_OF_MEMORY} (local.get $size)) (i32.const 1))`,
    codes: [VIOLATION, VIOLATION, VIOLATION],
  },
  { what: "2^31", answer: "(i32.const 0x80000000)", codes: [VIOLATION, VIOLATION, VIOLATION] },
  { what: "2^31 - 1", answer: "(i32.const 0x7fffffff)", codes: [VIOLATION, VIOLATION, VIOLATION] },
  { what: "-1", answer: "(i32.const -1)", codes: [VIOLATION, VIOLATION, VIOLATION] },
  {
    what: "memory that it has just grown",
    answer: `(i32.mul (memory.grow (i32.const 2)) (i32.const ${PAGE}))`,
    codes: [null, null, null],
  },
  {
    what: "a trap",
    answer: "(unreachable)",
    codes: ["GUEST_TRAPPED", "GUEST_TRAPPED", "GUEST_TRAPPED"],
  },
  {
    what: "an exception",
    answer: "(throw $thrown)",
    codes: ["GUEST_TRAPPED", "GUEST_TRAPPED", "GUEST_TRAPPED"],
  },
  {
    what: "a call of an operation",
    answer: "(call $spacedrive_call (i32.const 64) (i32.const 18) (i32.const 0) (i32.const 0) (i32.const 0))",
    codes: [VIOLATION, VIOLATION, VIOLATION],
  },
];

/** A guest whose handler `go` relays its input, and whose allocator misbehaves at one request. */
function badAllocator(answer: string, nth: number): string {
  return `(module ${GUEST}
    (tag $thrown)
    (global $asked (mut i32) (i32.const 0))
    (global $last (mut i32) (i32.const ${3 * PAGE}))
    (global $last_size (mut i32) (i32.const 0))
    (data (i32.const 128) "\\02\\00\\00\\00no")
    (func (export "wasm_alloc") (param $size i32) (result i32)
      (global.set $asked (i32.add (global.get $asked) (i32.const 1)))
      (if (i32.eq (global.get $asked) (i32.const ${nth})) (then (return ${answer})))
      (global.set $last (call $bump (local.get $size)))
      (global.set $last_size (local.get $size))
      (global.get $last))
    (func (export "wasm_free") (param i32 i32))
    (func (export "go") ${HANDLER} (local $block i32)
      (local.set $block (call $spacedrive_call (i32.const 64) (i32.const 18) (i32.const 0) (local.get 2) (local.get 3)))
      (select (local.get $block) (i32.const 128) (local.get $block))))`;
}

/** Bodies of `wasm_free`, and the code that a call ends with. */
const FREES: readonly (readonly [string, ErrorCode | null])[] = [
  ["", null],
  ["(call $spacedrive_log (i32.const 1) (i32.const 64) (i32.const 18))", null],
  ["(drop (memory.grow (i32.const 1)))", null],
  ["unreachable", "GUEST_TRAPPED"],
  ["(throw $thrown)", "GUEST_TRAPPED"],
  ["(drop (call $job_check_interrupt (i32.const 16)))", VIOLATION],
];

/** Operands that break a rule, for each host function. */
const BROKEN: Readonly<Record<string, string>> = {
  spacedrive_call: "(i32.const -8) (i32.const 9) (i32.const 0) (i32.const 0) (i32.const 0)",
  spacedrive_log: "(i32.const 1) (i32.const -1) (i32.const 5)",
  job_report_progress: "(i32.const 16) (f32.const 0) (i32.const 64) (i32.const 0x80000000)",
  job_checkpoint: "(i32.const 16) (i32.const 0x80000000) (i32.const 0x80000000)",
  job_check_interrupt: "(i32.const -16)",
  job_add_warning: "(i32.const 16) (i32.const 0x7fffffff) (i32.const 0x7fffffff)",
  job_increment_bytes: `(i32.const ${8 * PAGE - 15}) (i64.const 1)`,
  job_increment_items: "(i32.const -1) (i64.const 1)",
  register_job: "(i32.const 64) (i32.const 1) (i32.const -1) (i32.const 2) (i32.const 0)",
  register_operation: `(i32.const 0) (i32.const 64) (i32.const 1) (i32.const ${8 * PAGE}) (i32.const 1)`,
  job_fail: "(i32.const 16) (i32.const 64) (i32.const -1)",
  job_complete: `(i32.const 16) (i32.const ${8 * PAGE - 1}) (i32.const 2)`,
};

/** The ways to catch whatever is thrown. The first is the older form of the instructions, and a module has one form. */
const CATCHES = {
  try: (body: string) => `(try (do ${body}) (catch_all))`,
  catch_all: (body: string) => `(block $caught (try_table (catch_all $caught) ${body}))`,
  catch_all_ref: (body: string) =>
    `(block $out (drop (block $caught (result exnref) (try_table (catch_all_ref $caught) ${body}) (br $out))))`,
} as const;

/** `(module (func (block (try_table (catch_all 0)))))`: Node 20 has only the older form. */
const NEWER_FORM = Buffer.from("0061736d01000000010401600000030201000a0d010b0002401f400102000b0b0b", "hex");

function usableCatches(): readonly (readonly [string, (body: string) => string])[] {
  const forms = Object.entries(CATCHES);
  try {
    return new WebAssembly.Module(NEWER_FORM) instanceof WebAssembly.Module ? forms : [];
  } catch {
    return forms.slice(0, 1);
  }
}

export const BLOCK_CASES: readonly (readonly [string, Check])[] = [
  ...GENERATED_BLOCK_CASES,
  ...ALLOCATIONS.map(({ what, answer, codes }): readonly [string, Check] => [
    `holds a wasm_alloc that answers ${what} to what it may do to its own guest`,
    async (bench) => {
      for (const [index, code] of codes.entries()) {
        const module = await bench.module(badAllocator(answer, index + 1));
        const guest = await module.start(bench.host);
        const text = '{"some":"input"}';
        const answered = guest.handle("go", '{"library_id":null}', text);
        if (code !== null) {
          await assertRejects(answered, code);
          assert.equal(guest.alive, false);
          continue;
        }
        const isLost = what === "0" && index === 2;
        // A reply that was put over the input is what the guest asked for.
        assert.equal(await answered, isLost ? "no" : text);
        assert.equal(guest.alive, true);
      }
    },
  ]),
  [
    "frees a block that was never allocated, and holds a wasm_free that misbehaves to its own guest",
    async (bench) => {
      for (const [body, code] of FREES) {
        const module = await bench.module(`(module ${GUEST} (tag $thrown)
          (func (export "wasm_alloc") (param i32) (result i32) (call $bump (local.get 0)))
          (func (export "wasm_free") (param i32 i32) ${body})
          (data (i32.const 128) "\\02\\00\\00\\00ok")
          (func (export "go") ${HANDLER} (i32.const 128)))`);
        const guest = await module.start(bench.host);
        if (code !== null) {
          await assertRejects(guest.handle("go", "{}", "{}"), code);
          assert.equal(guest.alive, false);
          continue;
        }
        // Twice the same block, and no double free is the host's affair.
        assert.equal(await guest.handle("go", "{}", "{}"), "ok");
        assert.equal(await guest.handle("go", "{}", "{}"), "ok");
      }
    },
  ],
  [
    "ends a guest that catches what any host function throws, and goes on in whatever way",
    async (bench) => {
      const onward = {
        returns: "(i32.const 0)",
        logs: "(call $spacedrive_log (i32.const 1) (i32.const 64) (i32.const 18)) (i32.const 0)",
        calls: `${called("spacedrive_call", "(i32.const 64) (i32.const 18) (i32.const 0) (i32.const 0) (i32.const 0)")} (i32.const 0)`,
        traps: "unreachable",
      };
      for (const [form, caught] of usableCatches()) {
        const bodies = HOST_FUNCTION_NAMES.map((name, index) => {
          const [, after] = Object.entries(onward)[index % 4] ?? ["", "(i32.const 0)"];
          return `(func (export "swallow_${name}") ${HANDLER} ${caught(called(name, BROKEN[name] ?? ""))} ${after})`;
        });
        const module = await bench.module(`(module ${GUEST} ${ALLOCATOR} ${bodies.join("\n")})`);
        for (const name of HOST_FUNCTION_NAMES) {
          const guest = await module.start(bench.host);
          const job = new RecordingJob();
          const error = await assertRejects(guest.runJob(`swallow_${name}`, "{}", "", job), VIOLATION);
          assert.match(error.message, new RegExp(`it passed ${name} a `), form);
          assert.equal(guest.alive, false);
          assert.deepEqual([job.events, bench.host.messages, bench.host.requests], [[], [], []]);
        }
      }
    },
  ],
  [
    "ends a guest that catches what its own allocator threw through the host, with that fault",
    async (bench) => {
      for (const [, caught] of usableCatches()) {
        for (const thrown of ["(throw $thrown)", "unreachable"]) {
          const relay = "(i32.const 64) (i32.const 18) (i32.const 0) (local.get 2) (local.get 3)";
          const module = await bench.module(`(module ${GUEST} (tag $thrown)
            (global $bad (mut i32) (i32.const 0))
            (func (export "wasm_alloc") (param i32) (result i32)
              (if (global.get $bad) (then ${thrown}))
              (call $bump (local.get 0)))
            (func (export "wasm_free") (param i32 i32) (global.set $bad (i32.const 0)))
            (data (i32.const 128) "\\02\\00\\00\\00ok")
            (func (export "go") ${HANDLER}
              (global.set $bad (i32.const 1))
              ${caught(called("spacedrive_call", relay))}
              (global.set $bad (i32.const 0))
              (i32.const 128)))`);
          const guest = await module.start(bench.host);
          await assertRejects(guest.handle("go", "{}", "{}"), "GUEST_TRAPPED");
          assert.equal(guest.alive, false);
        }
      }
    },
  ],
  [
    "holds a guest that calls host functions at the very end of its stack to its own end",
    async (bench) => {
      const caught = CATCHES.try;
      const good: Readonly<Record<string, string>> = {
        spacedrive_call: "(i32.const 64) (i32.const 18) (i32.const 0) (i32.const 64) (i32.const 18)",
        spacedrive_log: "(i32.const 3) (i32.const 64) (i32.const 18)",
        job_report_progress: "(i32.const 16) (f32.const 0.5) (i32.const 64) (i32.const 18)",
        job_checkpoint: "(i32.const 16) (i32.const 64) (i32.const 18)",
        job_check_interrupt: "(i32.const 16)",
        job_add_warning: "(i32.const 16) (i32.const 64) (i32.const 18)",
        job_increment_bytes: "(i32.const 16) (i64.const 1)",
        job_increment_items: "(i32.const 16) (i64.const 1)",
        register_job: "(i32.const 64) (i32.const 18) (i32.const 64) (i32.const 18) (i32.const 0)",
        register_operation: "(i32.const 0) (i32.const 64) (i32.const 18) (i32.const 64) (i32.const 18)",
        job_fail: "(i32.const 16) (i32.const 64) (i32.const 18)",
        job_complete: "(i32.const 16) (i32.const 64) (i32.const 18)",
      };
      // Down to the end of the stack, and on the way back a call at each of the deepest levels.
      const bodies = HOST_FUNCTION_NAMES.map(
        (name) => `
        (func $down_${name} ${caught(`(call $down_${name})`)}
          (if (i32.lt_u (global.get $depth) (i32.const 200))
            (then
              (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
              ${called(name, good[name] ?? "")})))
        (func (export "down_${name}") ${HANDLER} (call $down_${name}) (i32.const 0))`,
      );
      const text = `(module ${GUEST} ${ALLOCATOR} (global $depth (mut i32) (i32.const 0)) ${bodies.join("\n")})`;
      const module = await bench.module(text, { silenceMs: 3_000 });
      for (const name of HOST_FUNCTION_NAMES) {
        const guest = await module.start(bench.host);
        const ran = await guest.runJob(`down_${name}`, "{}", "", new RecordingJob()).catch((error: unknown) => error);
        // Where a host function itself ran out of stack, the instance is gone; else the guest got what it caught.
        if (isSpacedriveError(ran)) assert.match(ran.code, /^(GUEST_TRAPPED|GUEST_ABI_VIOLATION|JOB_STALLED)$/, name);
        else assert.deepEqual(ran, { code: 0, sawInterrupt: false }, name);
        assert.equal(guest.alive, !isSpacedriveError(ran));
        await guest[Symbol.asyncDispose]();
        assert.equal(await (await bench.guest()).handle("relay", "{}", name), name);
      }
    },
  ],
];
