import { beforeAll, describe, expect, test } from "vitest";
import { checkGuest } from "../src/guest/check-guest.js";
import { compileGuest } from "./compiled-guest.js";
import { compileWat } from "./compile-wat.js";
import { wrongGuest } from "./wrong-guest.js";

/** What a guest is told by one check. */
async function problemOf(wasm: Uint8Array, check: string, timeoutMs = 60_000): Promise<string> {
  const results = await checkGuest(wasm, { only: [check], timeoutMs });
  expect(results.map((result) => [result.check, result.status])).toEqual([[check, "failed"]]);
  return results[0]?.problems.join("\n") ?? "";
}

describe("the guest of @spacedrive/sdk", { timeout: 120_000 }, () => {
  let wasm: Uint8Array;
  beforeAll(async () => {
    wasm = await compileGuest();
  }, 120_000);

  test("passes every check", async () => {
    const results = await checkGuest(wasm);
    expect(results.filter(({ status }) => status !== "passed")).toEqual([]);
    expect(results.length).toBeGreaterThan(30);
  });

  test("is checked by as much as is asked for", async () => {
    const results = await checkGuest(wasm, { only: ["jobs/pauses", "memory/allocator"] });
    expect(results.map(({ check }) => check)).toEqual(["jobs/pauses", "memory/allocator"]);
  });
});

describe("a guest that is wrong", { timeout: 60_000 }, () => {
  test("is not admitted with an import from elsewhere, and nothing else is tried", async () => {
    const wasm = await compileWat('(module (import "env" "abort" (func)) (memory (export "memory") 1))');
    const results = await checkGuest(wasm);
    expect(results).toHaveLength(1);
    expect(results[0]?.problems[0]).toMatch(/"env"\."abort".*docs\/abi\.md §2/);
  });

  test("is told what it did not register", async () => {
    const wasm = await wrongGuest({ init: '(func (export "plugin_init"))' });
    expect(await problemOf(wasm, "start/registers")).toContain(
      'plugin_init did not register the query "echo.v1". (docs/abi.md §3)',
    );
  });

  test("is told of a plugin_init that calls an action", async () => {
    const init = `(func (export "plugin_init")
      (drop (call $call (i32.const 217) (i32.const 25) (i32.const 0) (i32.const 260) (i32.const 2))))`;
    expect(await problemOf(await wrongGuest({ init }), "start/queries-only")).toMatch(/kit\.store.*plugin_init.*§2/);
  });

  test("is told of a plugin_init that returns non-zero", async () => {
    const init = '(func (export "plugin_init") (result i32) (i32.const 4))';
    expect(await problemOf(await wrongGuest({ init }), "start/queries-only")).toContain("plugin_init returned 4");
  });

  test("is told of a block of 0, outside, longer than it is, or not JSON", async () => {
    const problem = async (operation: string): Promise<string> =>
      problemOf(await wrongGuest({ operation }), "operations/echo");
    expect(await problem("(i32.const 0)")).toBe("run returned the block 0. (docs/abi.md §10)");
    expect(await problem("(i32.const -2)")).toContain("lies outside its memory. (docs/abi.md §10)");
    expect(await problem("(i32.store (i32.const 5000) (i32.const -1)) (i32.const 5000)")).toContain("4294967295 bytes");
    expect(await problem("(i32.const 300)")).toContain('answered what is not JSON: {"text":1');
  });

  test("is told of a block that lies in what the host had lent", async () => {
    const operation = "(i32.store (local.get $input) (i32.const 2)) (local.get $input)";
    expect(await problemOf(await wrongGuest({ operation }), "operations/echo")).toMatch(
      /lies in its input, which the host had lent.*memory of its own.*§4/,
    );
  });

  test("is told of a trap, with its last log line", async () => {
    const operation = "(call $log (i32.const 3) (i32.const 100) (i32.const 4)) unreachable";
    expect(await problemOf(await wrongGuest({ operation }), "operations/echo")).toMatch(
      /trapped in run: unreachable.*Its last log line: echo \(docs\/abi\.md §10\)/,
    );
  });

  test("is told of text that is not UTF-8, also where it swallows what the host throws", async () => {
    const operation = "(try (do (call $log (i32.const 1) (i32.const 262) (i32.const 2))) (catch_all)) (i32.const 400)";
    expect(await problemOf(await wrongGuest({ operation }), "operations/echo")).toBe(
      "spacedrive_log was given a message that is not UTF-8. (docs/abi.md §1)",
    );
  });

  test("is told of a range outside its memory", async () => {
    const operation = "(call $log (i32.const 1) (i32.const -4) (i32.const 8)) (i32.const 400)";
    expect(await problemOf(await wrongGuest({ operation }), "operations/echo")).toMatch(/8 bytes at 4294967292.*§10/);
  });

  test("is told of an allocator that answers memory in use", async () => {
    const allocator = `(func (export "wasm_alloc") (param i32) (result i32) (i32.const 70000))
      (func (export "wasm_free") (param i32 i32))`;
    expect(await problemOf(await wrongGuest({ allocator }), "operations/echo")).toMatch(
      /answered 70000, where the \d+ bytes of its context at 70000 are in use.*§4/,
    );
  });

  test("is told of a host function within wasm_alloc", async () => {
    const allocator = `(func (export "wasm_alloc") (param i32) (result i32) (call $interrupt (i32.const 0)))
      (func (export "wasm_free") (param i32 i32))`;
    expect(await problemOf(await wrongGuest({ allocator }), "operations/echo")).toContain(
      "job_check_interrupt within wasm_alloc or wasm_free",
    );
  });

  test("is told of a wasm_free that gives nothing back", async () => {
    const allocator = `(global $top (mut i32) (i32.const 65536))
      (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
        (drop (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $size) (i32.const 16)))))
        (global.get $top) (global.set $top (i32.add (global.get $top) (local.get $size))))
      (func (export "wasm_free") (param i32 i32))`;
    const operation = `(local $at i32)
      (local.set $at (call $alloc (i32.const 6)))
      (memory.copy (local.get $at) (i32.const 400) (i32.const 6))
      (local.get $at)`;
    expect(await problemOf(await wrongGuest({ allocator, operation }), "memory/inputs-come-back")).toMatch(
      /memory grew by \d+ KiB in 300 rounds.*does wasm_free give the memory back\?/,
    );
  });

  test("is told of a block that it frees twice", async () => {
    // The answer of its call is freed twice, and its own block is a fresh one.
    const operation = `(local $at i32)
      (local.set $at (call $call (i32.const 200) (i32.const 17) (i32.const 0) (i32.const 260) (i32.const 2)))
      (call $free (local.get $at) (i32.const 6))
      (call $free (local.get $at) (i32.const 6))
      (local.set $at (call $alloc (i32.const 6)))
      (memory.copy (local.get $at) (i32.const 400) (i32.const 6))
      (local.get $at)`;
    expect(await problemOf(await wrongGuest({ operation }), "memory/nothing-freed-twice")).toContain(
      "Was a block freed twice, or freed though the host had lent it?",
    );
  });

  test("is told of a job that names another id", async () => {
    const job = "(drop (call $interrupt (i32.const 16))) (i32.const 0)";
    expect(await problemOf(await wrongGuest({ job }), "jobs/completes")).toMatch(
      /job_check_interrupt with the id 00000000-.*, and its job is .* by its context.*§3/,
    );
  });

  test("is told of a job that does not obey its interrupt", async () => {
    expect(await problemOf(await wrongGuest({}), "jobs/cancels")).toBe(
      "The cancelled job returned 0, and 1 or 2 says that it was interrupted. (docs/abi.md §6)",
    );
  });

  test("is ended where it does not come back, and the next check is made", async () => {
    const wasm = await wrongGuest({ job: "(loop $again (br $again)) (i32.const 0)" });
    const results = await checkGuest(wasm, { only: ["jobs/cancels", "jobs/fails"], timeoutMs: 1000 });
    expect(results.map(({ problems }) => problems)).toEqual([
      ["It did not come back within 1000 ms (docs/abi.md §9)."],
      ["It did not come back within 1000 ms (docs/abi.md §9)."],
    ]);
  });
});
