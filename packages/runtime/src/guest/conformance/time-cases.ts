import assert from "node:assert/strict";
import type { Guest } from "../guest.js";
import { assertRejects, type Check, type ConformanceBench } from "./conformance-bench.js";
import { RecordingJob } from "./recording-host.js";

const LIMIT_MS = 100;
const MB = 1024 * 1024;
const SPIN = "(loop $again (br $again))";

/** A guest that is handed data, and what it does there. */
function guestText(places: { readonly alloc?: string; readonly free?: string; readonly more?: string }): string {
  return `(module
    (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
    (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
    (memory (export "memory") 1)
    (data (i32.const 64) "query:test.echo.v1{}")
    (global $allocations (mut i32) (i32.const 0))
    (func (export "wasm_alloc") (param i32) (result i32)
      (global.set $allocations (i32.add (global.get $allocations) (i32.const 1)))
      ${places.alloc ?? ""}
      (i32.add (i32.const 1024) (i32.mul (global.get $allocations) (i32.const 1024))))
    (func (export "wasm_free") (param i32 i32) ${places.free ?? ""})
    (func (export "ask") (param i32 i32 i32 i32) (result i32)
      (call $call (i32.const 64) (i32.const 18) (i32.const 0) (i32.const 82) (i32.const 2)))
    ${places.more ?? ""})`;
}

/** Grows to the cap, then runs an instruction over all of it for ever. */
function bulkLoop(instruction: string): string {
  return `(loop $grow (br_if $grow (i32.ne (i32.const -1) (memory.grow (i32.const 16)))))
    (loop $again ${instruction} (br $again))`;
}

const ALL_BUT_A_PAGE = "(i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 65536))";
const FILL = `(memory.fill (i32.const 65536) (i32.const 1) ${ALL_BUT_A_PAGE})`;
const COPY = `(memory.copy (i32.const 65536) (i32.const 0) ${ALL_BUT_A_PAGE})`;
const OVERLAPPING_COPY = `(memory.copy (i32.const 0) (i32.const 65535) ${ALL_BUT_A_PAGE})`;

/** Runs it, and fails where the event loop did not turn meanwhile. */
async function whileLoopTurns(run: () => Promise<void>): Promise<void> {
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  const from = performance.now();
  try {
    await run();
  } finally {
    clearInterval(timer);
  }
  const took = performance.now() - from;
  assert.ok(turns >= took / 50, `the loop turned ${turns} times in ${took} ms`);
}

type Stuck = (guest: Guest) => Promise<unknown>;
const call =
  (name: string): Stuck =>
  (guest) =>
    guest.call(name, { timeoutMs: LIMIT_MS });
const handle =
  (name: string): Stuck =>
  (guest) =>
    guest.handle(name, "{}", "{}", { timeoutMs: LIMIT_MS });

/** What a guest does for ever once it has started. */
const STUCK_CALLS: readonly (readonly [what: string, text: string, call: Stuck])[] = [
  ["an export", guestText({ more: `(func (export "spin") ${SPIN})` }), call("spin")],
  ["plugin_cleanup", guestText({ more: `(func (export "plugin_cleanup") ${SPIN})` }), call("plugin_cleanup")],
  ["wasm_alloc", guestText({ alloc: SPIN }), handle("ask")],
  [
    "wasm_alloc, for the answer of an operation",
    guestText({ alloc: `(if (i32.eq (global.get $allocations) (i32.const 3)) (then ${SPIN}))` }),
    handle("ask"),
  ],
  ["wasm_free", guestText({ free: SPIN }), handle("ask")],
  [
    "calls of an operation",
    guestText({
      more: `(func (export "calls") (loop $again
        (global.set $allocations (i32.const 0))
        (drop (call $call (i32.const 64) (i32.const 18) (i32.const 0) (i32.const 82) (i32.const 2)))
        (br $again)))`,
    }),
    call("calls"),
  ],
  [
    "log lines",
    guestText({
      more: `(func (export "logs") (loop $again (call $log (i32.const 1) (i32.const 64) (i32.const 8)) (br $again)))`,
    }),
    call("logs"),
  ],
  [
    "growths of its memory that fail",
    guestText({ more: `(func (export "grow") (loop $again (drop (memory.grow (i32.const 65535))) (br $again)))` }),
    call("grow"),
  ],
  [
    "exceptions that it throws and catches",
    guestText({
      more: `(tag $t) (func (export "throw") (loop $again (try (do (throw $t)) (catch_all)) (br $again)))`,
    }),
    call("throw"),
  ],
  [
    "a loop within a try, whose catch_all begins it again",
    guestText({ more: `(func (export "try") (loop $out (try (do ${SPIN}) (catch_all (br $out)))))` }),
    call("try"),
  ],
];

/** What a guest does for ever before it has started, and where it says that it was. */
const STUCK_STARTS: readonly (readonly [what: string, text: string])[] = [
  ["the start function", `(module (memory (export "memory") 1) (func $first ${SPIN}) (start $first))`],
  [
    "spacedrive_abi_version",
    `(module (memory (export "memory") 1) (func (export "spacedrive_abi_version") (result i32) ${SPIN} (i32.const 1)))`,
  ],
  ["_initialize", `(module (memory (export "memory") 1) (func (export "_initialize") ${SPIN}))`],
  ["plugin_init", `(module (memory (export "memory") 1) (func (export "plugin_init") ${SPIN}))`],
  [
    "a memory.fill in the start function",
    `(module (memory (export "memory") 1) (func $first ${bulkLoop(FILL)}) (start $first))`,
  ],
];

async function stopFive(bench: ConformanceBench, text: string, stuck: Stuck): Promise<void> {
  const module = await bench.module(text, { maxMemoryBytes: 64 * MB });
  await whileLoopTurns(async () => {
    for (let i = 0; i < 5; i++) {
      const guest = await module.start(bench.host);
      await assertRejects(stuck(guest), "TIMEOUT", /"small" did not come back from \w+ within 100 ms and was stopped/);
      assert.equal(guest.alive, false);
      await guest[Symbol.asyncDispose]();
    }
  });
  assert.equal(await (await bench.guest()).call("seven"), 7);
}

export const TIME_CASES: readonly (readonly [string, Check])[] = [
  ...STUCK_CALLS.map(([what, text, stuck]): readonly [string, Check] => [
    `stops five endless loops in a row: ${what}`,
    (bench) => stopFive(bench, text, stuck),
  ]),
  ...[
    ["memory.fill", FILL],
    ["memory.copy", COPY],
    ["memory.copy over itself", OVERLAPPING_COPY],
  ].map(([what = "", instruction = ""]): readonly [string, Check] => [
    `stops five loops in a row over one large ${what}, and their threads`,
    (bench) => stopFive(bench, guestText({ more: `(func (export "bulk") ${bulkLoop(instruction)})` }), call("bulk")),
  ]),
  ...STUCK_STARTS.map(([what, text]): readonly [string, Check] => [
    `stops five endless loops in a row in ${what}`,
    async (bench) => {
      const module = await bench.module(text, { initTimeoutMs: LIMIT_MS, maxMemoryBytes: 64 * MB });
      await whileLoopTurns(async () => {
        for (let i = 0; i < 5; i++)
          await assertRejects(
            module.start(bench.host),
            "INIT_FAILED",
            /did not come back from plugin_init within 100 ms/,
          );
      });
      assert.equal(await (await bench.guest()).call("seven"), 7);
    },
  ]),
  [
    "stops a start that waits for an operation, and aborts its signal",
    async (bench) => {
      bench.host.answer = () => new Promise(() => {});
      const text = guestText({
        more: `(func (export "plugin_init") (drop (call $call (i32.const 64) (i32.const 18) (i32.const 0) (i32.const 82) (i32.const 2))))`,
      });
      await assertRejects(
        (await bench.module(text, { initTimeoutMs: LIMIT_MS })).start(bench.host),
        "INIT_FAILED",
        /within 100 ms/,
      );
      assert.equal(bench.host.requests[0]?.signal.aborted, true);
    },
  ],
  [
    "tells an operation why it is not waited for any more",
    async (bench) => {
      const guest = await bench.guest();
      const reasons: unknown[] = [];
      bench.host.answer = ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            reasons.push(signal.reason.code);
            resolve("too late");
          });
        });
      await assertRejects(guest.call("call_and_drop", { timeoutMs: LIMIT_MS }), "TIMEOUT");
      const second = await bench.guest();
      await assertRejects(second.call("call_and_drop", { signal: AbortSignal.timeout(50) }), "CANCELLED");
      const third = await bench.guest();
      const call = assertRejects(third.call("call_and_drop"), "UNLOADED");
      while (bench.host.requests.length < 3) await new Promise((resolve) => setImmediate(resolve));
      await third[Symbol.asyncDispose]();
      await call;
      assert.deepEqual(reasons, ["TIMEOUT", "CANCELLED", "UNLOADED"]);
    },
  ],
  [
    "drops what an operation answers too late, or rejects with, or throws: it reaches nobody",
    async (bench) => {
      const module = await bench.kitchen();
      const unhandled: unknown[] = [];
      const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
      process.on("unhandledRejection", onUnhandled);
      try {
        const late = Promise.withResolvers<string>();
        const failing = Promise.withResolvers<string>();
        const answers = [late.promise, failing.promise];
        for (const answer of answers) {
          bench.host.answer = () => answer;
          await assertRejects(
            (await module.start(bench.host)).call("call_and_drop", { timeoutMs: LIMIT_MS }),
            "TIMEOUT",
          );
        }
        // The next instance waits for its own answer while those of the others come in.
        const own = Promise.withResolvers<string>();
        bench.host.answer = () => own.promise;
        const next = await module.start(bench.host);
        const asked = bench.host.requests.length;
        const answer = next.handle("relay", "{}", "x");
        while (bench.host.requests.length === asked) await new Promise((resolve) => setImmediate(resolve));
        late.resolve("of the first");
        failing.reject(new Error("of the second"));
        for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
        own.resolve("its own");
        assert.equal(await answer, "its own");
        assert.deepEqual(unhandled, []);
      } finally {
        process.off("unhandledRejection", onUnhandled);
      }
    },
  ],
  [
    "drops a checkpoint that becomes durable after its job was given up",
    async (bench) => {
      const module = await bench.kitchen();
      const job = new RecordingJob();
      const durable = Promise.withResolvers<boolean>();
      job.durable = () => durable.promise;
      const guest = await module.start(bench.host);
      const controller = new AbortController();
      const run = guest.runJob("execute_state", "{}", '{"a":1}', job, { signal: controller.signal });
      while (job.states.length === 0) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      await assertRejects(run, "CANCELLED");
      const next = await module.start(bench.host);
      durable.resolve(true);
      assert.equal(await next.handle("relay", "{}", "its own"), "its own");
    },
  ],
];
