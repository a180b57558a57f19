import assert from "node:assert/strict";
import { DEFAULT_GUEST_LIMITS } from "../limits.js";
import { assertRejects, type Case } from "./conformance-bench.js";

const LOG = `
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "no key was given")
  (func $say (param i32) (call $log (local.get 0) (i32.const 16) (i32.const 16)))`;

export const START_CASES: readonly Case[] = [
  [
    "refuses what is no module that it can run, and says why",
    async (bench) => {
      const compile = (bytes: Uint8Array): Promise<unknown> =>
        bench.engine.compile("small", bytes, DEFAULT_GUEST_LIMITS);
      await assertRejects(compile(new Uint8Array()), "MODULE_INVALID", /"small" cannot be loaded.*empty/);
      await assertRejects(compile(Buffer.from("<html></html>")), "MODULE_INVALID", /looks like HTML/);
      await assertRejects(compile(Buffer.from([1, 2, 3, 4, 5, 6, 7, 8])), "MODULE_INVALID", /damaged/);
      const small = bench.program("does-nothing", { maxModuleBytes: 20 });
      await assertRejects(small, "MODULE_INVALID", /20 are allowed/);
    },
  ],
  [
    "refuses a module that lacks a memory, imports what there is not, or does not compile",
    async (bench) => {
      await assertRejects(bench.module("(module)"), "MODULE_INVALID", /no memory/);
      await assertRejects(
        bench.module(`(module (import "spacedrive" "fly" (func)) (memory (export "memory") 1))`),
        "MODULE_INVALID",
        /fly/,
      );
      // The text format's tool checks nothing: the body below leaves no result.
      const text = `(module (memory (export "memory") 1) (func (result i32)))`;
      await assertRejects(bench.module(text), "MODULE_INVALID", /"small".*compiler refuses it.*function #0/);
    },
    "abi",
  ],
  [
    "names module, function and signature of an import that it does not have, or that is declared wrongly",
    async (bench) => {
      const refuse = (imported: string, message: RegExp): Promise<unknown> =>
        assertRejects(bench.module(`(module ${imported} (memory (export "memory") 1))`), "MODULE_INVALID", message);
      await refuse(
        '(import "spacedrive" "fly" (func (param i32 i64) (result f32)))',
        /imports the function "spacedrive"\."fly" \(i32, i64\) -> f32, which this host does not have.*There are: spacedrive_call/,
      );
      await refuse(
        '(import "env" "abort" (func (param i32)))',
        /"env"\."abort" \(i32\) -> \(\).*Build it with the SDK/,
      );
      await refuse('(import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))', /"proc_exit".*without WASI/);
      await refuse(
        '(import "spacedrive" "spacedrive_log" (func (param i32 i32)))',
        /imports "spacedrive"\."spacedrive_log" as \(i32, i32\) -> \(\); the host function is \(i32, i32, i32\) -> \(\)/,
      );
      await refuse(
        '(import "spacedrive" "spacedrive_log" (global i32))',
        /imports the global "spacedrive"\."spacedrive_log"/,
      );
      await refuse('(import "spacedrive" "job_fail" (table 1 funcref))', /imports the table "spacedrive"\."job_fail"/);
      await refuse('(import "__proto__" "constructor" (func))', /"__proto__"\."constructor" \(\) -> \(\)/);
    },
    "abi",
  ],
  [
    "refuses each of its own exports that has another signature",
    async (bench) => {
      const refuse = (exported: string, message: RegExp): Promise<unknown> =>
        assertRejects(bench.module(`(module (memory (export "memory") 1) ${exported})`), "MODULE_INVALID", message);
      await refuse(
        '(func (export "plugin_init") (param i32))',
        /"plugin_init" is \(i32\) -> \(\); it must be \(\) -> i32 or \(\) -> \(\)/,
      );
      await refuse(
        '(func (export "wasm_alloc") (param i64) (result i32) i32.const 0)',
        /"wasm_alloc" is \(i64\) -> i32/,
      );
      await refuse('(global (export "wasm_free") i32 (i32.const 0))', /"wasm_free" is a global/);
      await refuse(
        '(func (export "spacedrive_abi_version") (result f64) f64.const 1)',
        /"spacedrive_abi_version" is \(\) -> f64/,
      );
    },
    "abi",
  ],
  [
    "refuses a module that is cut short at any place, or runs what is left of it",
    async (bench) => {
      const whole = await bench.kitchenBytes();
      for (let length = 0; length < whole.length; length += 61) {
        const compiled = bench.engine.compile("cut", whole.subarray(0, length), DEFAULT_GUEST_LIMITS);
        // Where only names are cut off, what is left is whole.
        if (length < whole.length * 0.6) await assertRejects(compiled, "MODULE_INVALID", /"cut" cannot be loaded/);
        else await compiled.catch((error: unknown) => assert.match(String(error), /"cut" cannot be loaded/));
      }
    },
  ],
  [
    "takes registrations in the order of plugin_init",
    async (bench) => {
      await bench.guest();
      assert.deepEqual(bench.host.registrations, [
        { kind: "job", name: "counter", exportName: "execute_counter", resumable: true },
        { kind: "query", name: "summary.v1", exportName: "query_summary_v1" },
      ]);
    },
  ],
  [
    "runs plugin_init in every instance",
    async (bench) => {
      const module = await bench.kitchen();
      await Promise.all([module.start(bench.host), module.start(bench.host)]);
      assert.equal(bench.host.registrations.length, 4);
    },
  ],
  [
    "starts a guest that does nothing, and hears nothing of it",
    async (bench) => {
      const guest = await (await bench.program("does-nothing")).start(bench.host);
      assert.equal(guest.alive, true);
      assert.deepEqual(bench.host.logs, []);
    },
  ],
  [
    "takes a plugin_init that returns nothing, after _initialize",
    async (bench) => {
      const text = `(module ${LOG} (func (export "plugin_init") (call $say (i32.const 2))) (func (export "_initialize") (call $say (i32.const 1))))`;
      await (await bench.module(text)).start(bench.host);
      assert.deepEqual(
        bench.host.logs.map((line) => line.level),
        ["info", "warn"],
      );
    },
    "abi",
  ],
  [
    "ends a trap in plugin_init with its functions and the last error that was logged",
    async (bench) => {
      const error = await assertRejects(
        (await bench.program("traps-in-init")).start(bench.host),
        "INIT_FAILED",
        /"small" trapped in (?:plugin_init|start): unreachable/,
      );
      assert.match(error.message, /broken.*\n.*init.*\n[^]*no key was given/);
    },
  ],
  [
    "ends a plugin_init that loops at its limit",
    async (bench) => {
      await assertRejects(
        (await bench.program("loops-in-init", { initTimeoutMs: 150 })).start(bench.host),
        "INIT_FAILED",
        /(?:plugin_init|start) within 150 ms/,
      );
    },
  ],
  [
    "ends a plugin_init that fails, with the last error that was logged",
    async (bench) => {
      await assertRejects(
        (await bench.program("fails-in-init")).start(bench.host),
        "INIT_FAILED",
        /"small" failed in (?:plugin_init|start)[^]*no key was given/,
      );
    },
  ],
  [
    "says what a plugin_init returned that returns non-zero",
    async (bench) => {
      const text = `(module (memory (export "memory") 1) (func (export "plugin_init") (result i32) (i32.const 3)))`;
      await assertRejects((await bench.module(text)).start(bench.host), "INIT_FAILED", /plugin_init returned 3/);
    },
    "abi",
  ],
  [
    "says what was refused where plugin_init gives up on it",
    async (bench) => {
      bench.host.accepts = false;
      await assertRejects(bench.guest(), "REGISTRATION_REFUSED", /job "counter", query "summary\.v1"/);
    },
  ],
  [
    "ends a trap in the start function",
    async (bench) => {
      const text = `(module (memory (export "memory") 1) (func $first unreachable) (start $first))`;
      await assertRejects((await bench.module(text)).start(bench.host), "INIT_FAILED", /trapped/);
    },
    "abi",
  ],
  [
    "ends a start function that loops",
    async (bench) => {
      const text = `(module (memory (export "memory") 1) (func $first (loop (br 0))) (start $first))`;
      await assertRejects(
        (await bench.module(text, { initTimeoutMs: 150 })).start(bench.host),
        "INIT_FAILED",
        /150 ms/,
      );
    },
    "abi",
  ],
  [
    "refuses host functions in the start function, where no pointer can be checked",
    async (bench) => {
      const text = `(module ${LOG} (func $first (call $say (i32.const 1))) (start $first))`;
      await assertRejects(
        (await bench.module(text)).start(bench.host),
        "GUEST_ABI_VIOLATION",
        /spacedrive_log in its start function.*_initialize/,
      );
    },
    "abi",
  ],
  [
    "knows version 1 and refuses others by number",
    async (bench) => {
      await assertRejects(
        (await bench.program("version-2")).start(bench.host),
        "ABI_UNSUPPORTED",
        /version 2; this host knows 1/,
      );
    },
  ],
  [
    "takes a module that says version 1 itself",
    async (bench) => {
      const text = `(module (memory (export "memory") 1) (func (export "spacedrive_abi_version") (result i32) (i32.const 1)))`;
      await (await bench.module(text)).start(bench.host);
    },
    "abi",
  ],
  [
    "gives a start up when its signal aborts",
    async (bench) => {
      const module = await bench.program("loops-in-init");
      await assertRejects(module.start(bench.host, { signal: AbortSignal.timeout(100) }), "CANCELLED");
      await assertRejects(module.start(bench.host, { signal: AbortSignal.abort() }), "CANCELLED");
    },
  ],
  [
    "starts again after failed starts",
    async (bench) => {
      const broken = await bench.program("traps-in-init");
      for (let i = 0; i < 3; i++) await assertRejects(broken.start(bench.host), "INIT_FAILED");
      assert.equal(await (await bench.guest()).call("seven"), 7);
    },
  ],
];
