import assert from "node:assert/strict";
import { assertRejects, type Case } from "./conformance-bench.js";
import { RecordingJob } from "./recording-host.js";

const BAD_POINTERS = [
  "bad_call_method",
  "bad_call_library",
  "bad_call_payload",
  "bad_log",
  "bad_progress",
  "bad_progress_id",
  "bad_checkpoint",
  "bad_interrupt",
  "bad_warning",
  "bad_bytes",
  "bad_items",
  "bad_register_job",
  "bad_register_operation",
  "bad_fail",
  "bad_complete",
];

export const FAULT_CASES: readonly Case[] = [
  [
    "ends a trap with the functions that it went through",
    async (bench) => {
      const guest = await bench.guest();
      const error = await assertRejects(guest.call("trap"), "GUEST_TRAPPED", /"kitchen" trapped in trap: unreachable/);
      assert.match(error.message, /inner_trap.*\n.*outer_trap/);
      assert.equal(guest.alive, false);
      await assertRejects(guest.call("seven"), "UNLOADED", /GUEST_TRAPPED/);
    },
  ],
  [
    "tells a trap from a lack of memory by the allocator's name, and not by a word that sounds like it",
    async (bench) => {
      const text = `(module (memory (export "memory") 1) (func $bookRoom (export "book") unreachable)
        (func $__rust_oom (export "rust") unreachable))`;
      const module = await bench.module(text);
      await assertRejects((await module.start(bench.host)).call("book"), "GUEST_TRAPPED");
      await assertRejects((await module.start(bench.host)).call("rust"), "GUEST_MEMORY_LIMIT");
    },
    "abi",
  ],
  [
    "ends a trap in a handler",
    async (bench) => {
      await assertRejects((await bench.guest()).handle("handle_trap", "{}", "{}"), "GUEST_TRAPPED", /handle_trap/);
    },
  ],
  [
    "ends a stack overflow",
    async (bench) => {
      await assertRejects((await bench.guest()).call("recurse"), "GUEST_TRAPPED", /stack overflowed/);
      assert.equal(await (await bench.guest()).call("seven"), 7);
    },
  ],
  [
    "ends five endless loops in a row, and the host's loop turns meanwhile",
    async (bench) => {
      const module = await bench.kitchen();
      let turns = 0;
      const timer = setInterval(() => turns++, 10);
      for (let i = 0; i < 5; i++) {
        const guest = await module.start(bench.host);
        await assertRejects(
          guest.call("spin", { timeoutMs: 100 }),
          "TIMEOUT",
          /"kitchen" did not come back from spin within 100 ms/,
        );
      }
      clearInterval(timer);
      assert.ok(turns >= 10, `the loop turned ${turns} times in 500 ms`);
      assert.equal(await (await module.start(bench.host)).call("seven"), 7);
    },
  ],
  [
    "ends a loop over one large memory.fill, and its thread with it",
    async (bench) => {
      const guest = await bench.guest({ maxMemoryBytes: 64 * 1024 * 1024 });
      await assertRejects(guest.call("fill_bomb", { timeoutMs: 300 }), "TIMEOUT");
      const from = performance.now();
      await guest[Symbol.asyncDispose]();
      const took = performance.now() - from;
      assert.ok(took < 2_000, `the thread was gone only after ${took} ms`);
    },
  ],
  [
    "covers the operation that a guest waits for, and aborts its signal",
    async (bench) => {
      const guest = await bench.guest();
      const { promise: late, resolve } = Promise.withResolvers<string>();
      bench.host.answer = () => late;
      await assertRejects(guest.call("call_and_drop", { timeoutMs: 100 }), "TIMEOUT");
      assert.equal(bench.host.requests[0]?.signal.aborted, true);
      bench.host.answer = async () => "the next one's";
      const next = await bench.guest();
      resolve("the late one's");
      assert.equal(await next.handle("relay", "{}", "x"), "the next one's");
    },
  ],
  [
    "gives a call up when its signal aborts",
    async (bench) => {
      const guest = await bench.guest();
      await assertRejects(guest.call("spin", { signal: AbortSignal.timeout(50) }), "CANCELLED", /spin.*"kitchen"/);
      assert.equal(guest.alive, false);
    },
  ],
  [
    "settles a call that is under way when the instance is disposed, and refuses later ones",
    async (bench) => {
      const guest = await bench.guest();
      const call = assertRejects(guest.call("spin"), "UNLOADED", /unloaded while spin ran/);
      await guest[Symbol.asyncDispose]();
      await guest[Symbol.asyncDispose]();
      await call;
      await assertRejects(guest.call("seven"), "UNLOADED");
      guest.setInterrupt(1);
    },
  ],
  [
    "settles calls and starts that are under way when the engine is disposed, and refuses later ones",
    async (bench) => {
      const module = await bench.kitchen();
      const guest = await module.start(bench.host);
      const call = assertRejects(guest.call("spin"), "UNLOADED");
      const start = module.start(bench.host).then(
        (started) => assertRejects(started.call("seven"), "UNLOADED"),
        () => null,
      );
      await bench.engine[Symbol.asyncDispose]();
      await Promise.all([call, start]);
      await assertRejects(module.start(bench.host), "CLOSED");
      await assertRejects(bench.kitchen(), "CLOSED");
    },
  ],
  [
    "lets growth fail at the cap, exactly",
    async (bench) => {
      const cap = 8 * 1024 * 1024;
      assert.equal(await (await bench.guest({ maxMemoryBytes: cap })).call("pages_grown_to"), 128);
      assert.equal(await (await bench.guest({ maxMemoryBytes: cap - 1 })).call("pages_grown_to"), 127);
    },
  ],
  [
    "names the memory limit where a guest traps at it",
    async (bench) => {
      const guest = await bench.guest({ maxMemoryBytes: 8 * 1024 * 1024 });
      await assertRejects(guest.call("grow_and_trap"), "GUEST_MEMORY_LIMIT", /cap 8 MB.*max_memory_mb/);
    },
  ],
  [
    "ends a guest that passes a bad pointer to any host function",
    async (bench) => {
      const module = await bench.kitchen();
      for (const name of BAD_POINTERS) {
        const guest = await module.start(bench.host);
        await assertRejects(guest.call(name), "GUEST_ABI_VIOLATION", /"kitchen" broke the ABI in bad_/);
        assert.equal(guest.alive, false);
      }
      assert.deepEqual(bench.host.logs, []);
      assert.deepEqual(bench.host.requests, []);
    },
    "abi",
  ],
  [
    "does not let a guest go on that catches what a host function throws",
    async (bench) => {
      await assertRejects((await bench.guest()).call("swallow"), "GUEST_ABI_VIOLATION");
      assert.deepEqual(bench.host.logs, []);
    },
    "abi",
  ],
  [
    "ends a guest whose answer is not UTF-8",
    async (bench) => {
      const guest = await bench.guest();
      await assertRejects(guest.handle("answer_not_utf8", "{}", "{}"), "GUEST_ABI_VIOLATION", /answer_not_utf8/);
      assert.equal(guest.alive, false);
    },
  ],
  [
    "ends a guest whose answer is no block, or lies about its length",
    async (bench) => {
      const module = await bench.kitchen();
      for (const name of ["answer_zero", "answer_far", "answer_lies"]) {
        const guest = await module.start(bench.host);
        await assertRejects(guest.handle(name, "{}", "{}"), "GUEST_ABI_VIOLATION", new RegExp(name));
        assert.equal(guest.alive, false);
      }
    },
    "abi",
  ],
  [
    "hands on what was logged before a trap, at every level and with broken text replaced",
    async (bench) => {
      const guest = await bench.guest();
      await guest.call("log_levels");
      assert.deepEqual(bench.host.logs, [
        { level: "debug", message: "said by the guest" },
        { level: "info", message: "said by the guest" },
        { level: "warn", message: "said by the guest" },
        { level: "error", message: "half € � way" },
        { level: "info", message: "" },
      ]);
      bench.host.logs.length = 0;
      await assertRejects(
        guest.call("log_and_trap"),
        "GUEST_TRAPPED",
        /The last error that it logged: said by the guest/,
      );
      assert.deepEqual(bench.host.messages, ["said by the guest"]);
    },
  ],
  [
    "says of a trap only what was logged in its own call, without control characters",
    async (bench) => {
      const text = `(module (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
        (memory (export "memory") 1) (data (i32.const 8) "\\1b[2J\\0aok")
        (func (export "complain") (call $log (i32.const 3) (i32.const 8) (i32.const 7)))
        (func (export "complain_and_trap") (call $log (i32.const 3) (i32.const 8) (i32.const 7)) unreachable)
        (func (export "trap") unreachable))`;
      const module = await bench.module(text);
      const first = await module.start(bench.host);
      await first.call("complain");
      assert.doesNotMatch((await assertRejects(first.call("trap"), "GUEST_TRAPPED")).message, /logged/);
      const second = await module.start(bench.host);
      await assertRejects(second.call("complain_and_trap"), "GUEST_TRAPPED", /logged: \\x1b\[2J\\nok\n/);
    },
    "abi",
  ],
  [
    "cuts a long log line and says so",
    async (bench) => {
      await (await bench.guest({ maxLogLineBytes: 1000 })).call("log_long");
      assert.equal(bench.host.messages.length, 1);
      assert.match(bench.host.messages[0] ?? "", /^\0{1000} … \(59000 more bytes cut\)$/);
    },
  ],
  [
    "bounds a flood of log lines, counts what it drops, and says so",
    async (bench) => {
      await (await bench.guest({ maxLogBytesPerSecond: 10_000 })).call("log_flood");
      const kept = bench.host.messages.filter((message) => message === "said by the guest").length;
      const dropped = bench.host.messages.map((message) =>
        Number(/^(\d+) log lines were dropped/.exec(message)?.[1] ?? 0),
      );
      assert.ok(kept > 0 && kept < 10_000, `${kept} lines came through`);
      assert.equal(kept + dropped.reduce((sum, count) => sum + count, 0), 1_000_000);
    },
  ],
  [
    "leaves other instances alone when one fails",
    async (bench) => {
      const module = await bench.kitchen();
      const [bad, good] = await Promise.all([module.start(bench.host), module.start(bench.host)]);
      const job = good.runJob("execute_warnings", "{}", "", new RecordingJob());
      await assertRejects(bad.call("trap"), "GUEST_TRAPPED");
      assert.equal((await job).code, 0);
      assert.equal(await good.call("seven"), 7);
    },
  ],
];
