import { isSpacedriveError } from "@spacedrive/wire";
import { describe, expect, test } from "vitest";
import { compileFixture, compileWat } from "../../test/compile-wat.js";
import { DEFAULT_GUEST_LIMITS, type GuestLimits } from "../guest/limits.js";
import { checkModule } from "./check-module.js";
import { describeModule, openModule } from "./describe-module.js";

const MB = 1024 * 1024;

async function problemsOf(text: string, limits: Partial<GuestLimits> = {}): Promise<string> {
  return checkModule(openModule(await compileWat(text), "hello"), { ...DEFAULT_GUEST_LIMITS, ...limits }).join("\n");
}

function messageOf(bytes: Uint8Array): string {
  try {
    describeModule(bytes, "hello");
  } catch (thrown) {
    if (isSpacedriveError(thrown) && thrown.code === "MODULE_INVALID") return thrown.message;
    throw thrown;
  }
  return "no error";
}

const MEMORY = '(memory (export "memory") 1)';

describe("checkModule", () => {
  test("has nothing to say of the fixture with every host function", async () => {
    const shape = openModule(await compileFixture("kitchen"), "kitchen");
    expect(checkModule(shape, DEFAULT_GUEST_LIMITS)).toEqual([]);
  });

  test("names module, function and signature of an unknown import", async () => {
    expect(await problemsOf(`(module (import "spacedrive" "fly" (func (param i32) (result i64))) ${MEMORY})`)).toMatch(
      /function "spacedrive"\."fly" \(i32\) -> i64, which this host does not have.*There are: spacedrive_call/,
    );
    expect(await problemsOf(`(module (import "env" "abort" (func)) ${MEMORY})`)).toMatch(
      /"env"\."abort" \(\) -> \(\).*SDK/,
    );
    expect(await problemsOf(`(module (import "wasi_snapshot_preview1" "fd_write" (func)) ${MEMORY})`)).toMatch(
      /without WASI/,
    );
    expect(await problemsOf(`(module (import "__proto__" "constructor" (func)) ${MEMORY})`)).toMatch(
      /"__proto__"\."constructor"/,
    );
    expect(await problemsOf(`(module (import "env" "\\1b[2J\\0aOK" (func)) ${MEMORY})`)).toContain('"\\x1b[2J\\nOK"');
  });

  test("tells of a WASI command which engine runs it, and once what to do about many imports", async () => {
    const [write, read] = ["fd_write", "fd_read"].map((name) => `(import "wasi_snapshot_preview1" "${name}" (func))`);
    const problems = await problemsOf(`(module ${write} ${read} ${MEMORY} (func (export "_start")))`);
    expect(problems).toMatch(/"fd_write".*"engine": "wasi".*"fd_read"/s);
    expect(problems.split("engine")).toHaveLength(2);
    expect(problems).not.toContain("without WASI");
  });

  test("names expected and found signature of an import declared wrongly", async () => {
    expect(
      await problemsOf(`(module (import "spacedrive" "spacedrive_log" (func (param i32 i64))) ${MEMORY})`),
    ).toMatch(/"spacedrive"\."spacedrive_log" as \(i32, i64\) -> \(\); the host function is \(i32, i32, i32\) -> \(\)/);
  });

  test("refuses imports of anything but functions", async () => {
    expect(await problemsOf(`(module (import "spacedrive" "g" (global i32)) ${MEMORY})`)).toMatch(
      /imports the global "spacedrive"\."g"/,
    );
    expect(await problemsOf(`(module (import "spacedrive" "t" (table 1 funcref)) ${MEMORY})`)).toMatch(
      /imports the table/,
    );
    expect(await problemsOf('(module (import "spacedrive" "memory" (memory 1)))')).toMatch(/must define its own/);
  });

  test("asks for exactly one plain memory, exported under its name", async () => {
    expect(await problemsOf("(module)")).toMatch(/has no memory/);
    expect(await problemsOf("(module (memory 1))")).toMatch(/does not export its memory as "memory"/);
    expect(await problemsOf('(module (memory (export "mem") 1))')).toMatch(/as "memory"/);
    expect(await problemsOf(`(module ${MEMORY} (memory 1))`)).toMatch(/has 2 memories/);
    expect(await problemsOf('(module (memory (export "memory") i64 1))')).toMatch(/64-bit/);
    expect(await problemsOf('(module (memory (export "memory") 1 2 shared))')).toMatch(/shared/);
  });

  test("asks for the allocator where the host must hand data over", async () => {
    const call = '(import "spacedrive" "spacedrive_call" (func (param i32 i32 i32 i32 i32) (result i32)))';
    const problems = await problemsOf(`(module ${call} ${MEMORY})`);
    expect(problems).toMatch(/imports "spacedrive_call" and lacks the export "wasm_alloc" \(i32\) -> i32/);
    expect(problems).toMatch(/"wasm_free" \(i32, i32\) -> \(\)/);
    const job = '(import "spacedrive" "register_job" (func (param i32 i32 i32 i32 i32) (result i32)))';
    expect(await problemsOf(`(module ${job} ${MEMORY})`)).toMatch(/wasm_alloc/);
    expect(
      await problemsOf(`(module (import "spacedrive" "spacedrive_log" (func (param i32 i32 i32))) ${MEMORY})`),
    ).toBe("");
  });

  test("refuses known exports of another signature or kind", async () => {
    expect(await problemsOf(`(module ${MEMORY} (func (export "plugin_init") (param i32)))`)).toMatch(
      /"plugin_init" is \(i32\) -> \(\); it must be \(\) -> i32 or \(\) -> \(\)/,
    );
    expect(await problemsOf(`(module ${MEMORY} (global (export "wasm_alloc") i32 (i32.const 0)))`)).toMatch(
      /is a global/,
    );
  });

  test("takes an initial memory of the cap and refuses a page more, naming max_memory_mb", async () => {
    expect(await problemsOf('(module (memory (export "memory") 16))', { maxMemoryBytes: MB })).toBe("");
    expect(await problemsOf('(module (memory (export "memory") 17))', { maxMemoryBytes: MB })).toMatch(
      /starts with 17 pages \(1\.0625 MB\) and the cap is 16 pages \(1 MB\).*max_memory_mb/,
    );
  });

  test("refuses data segments beyond the initial memory", async () => {
    expect(await problemsOf(`(module ${MEMORY} (data (i32.const 65535) "a"))`)).toBe("");
    expect(await problemsOf(`(module ${MEMORY} (data (i32.const 65535) "ab"))`)).toMatch(/reach to byte 65537/);
    expect(await problemsOf(`(module ${MEMORY} (data (i32.const -1) "ab"))`, { maxMemoryBytes: MB })).toMatch(
      /max_memory_mb/,
    );
    expect(await problemsOf(`(module ${MEMORY} (data "passive"))`)).toBe("");
  });

  test("takes tables of the limit together and refuses one entry more", async () => {
    const tables = (first: number, second: number): string =>
      `(module ${MEMORY} (table ${first} funcref) (table ${second} externref))`;
    expect(await problemsOf(tables(600, 400), { maxTableEntries: 1000 })).toBe("");
    expect(await problemsOf(tables(600, 401), { maxTableEntries: 1000 })).toMatch(/start with 1001 entries and 1000/);
  });

  test("takes a function body of the limit and refuses a byte more", async () => {
    // 2 bytes of the body are its locals and its end.
    const body = (bytes: number): string => `(module ${MEMORY} (func ${"nop ".repeat(bytes - 2)}))`;
    expect(await problemsOf(body(1000), { maxFunctionBodyBytes: 1000 })).toBe("");
    expect(await problemsOf(body(1001), { maxFunctionBodyBytes: 1000 })).toMatch(/Function 0 has 1001 bytes and 1000/);
  });

  test("takes as many values at branches as compiling them can bear, and refuses one more", async () => {
    // Each block keeps the locals, parameters included.
    const blocks = (count: number): string => "(block)".repeat(count);
    const body = (locals: number, parameters: number, code: string): string =>
      `(module ${MEMORY} (func (param${" i32".repeat(parameters)}) (local${" f64".repeat(locals)}) ${code}))`;
    expect(await problemsOf(body(90, 10, blocks(100)), { maxBranchValues: 10_000 })).toBe("");
    expect(await problemsOf(body(91, 10, blocks(100)), { maxBranchValues: 10_000 })).toMatch(
      /Function 0 keeps 10100 values at its branches.*10000 are allowed \(maxBranchValues\)/,
    );
  });

  test("takes as many locals of all functions together as the limit says, parameters counted, and refuses one more", async () => {
    const functions = (locals: number): string =>
      `(module ${MEMORY} (func (param i32 i64) (local${" i32".repeat(locals)})) (func (local${" f64".repeat(50)})))`;
    expect(await problemsOf(functions(48), { maxLocals: 100 })).toBe("");
    expect(await problemsOf(functions(49), { maxLocals: 100 })).toMatch(
      /functions have 101 locals and parameters together and 100 are allowed \(maxLocals\)/,
    );
  });

  test.each([
    ["a branch", "(br_if 0 (i32.const 0))", 10],
    ["an if and its else", "(if (i32.const 0) (then nop) (else nop))", 20],
    ["a br_table, for each target", "(block (br_table 0 0 0 (i32.const 0)))", 40],
    ["a try and its catch", "(try (do) (catch_all))", 20],
    ["a call that can be caught", "(try (do (call 0)) (catch_all))", 30],
    ["eight calls", "(call 0)".repeat(8), 10],
    ["eight growths of the memory, which have an operand more", "(drop (memory.grow (i32.const 0)))".repeat(8), 11],
  ])("counts the values at %s", async (_, code, values) => {
    // Ten operands lie on the stack, but for code that cannot be reached.
    const text = `(module ${MEMORY} (func ${"(i32.const 0)".repeat(10)} ${code} ${"drop ".repeat(10)}))`;
    const counted = /keeps (\d+) values/.exec(await problemsOf(text, { maxBranchValues: 0 }))?.[1];
    expect(Number(counted)).toBe(values);
  });

  test("counts the values at the branches of all functions together", async () => {
    const text = `(module ${MEMORY} ${"(func (local i32 i32) (block))".repeat(5)})`;
    expect(await problemsOf(text, { maxModuleBranchValues: 10 })).toBe("");
    expect(await problemsOf(text, { maxModuleBranchValues: 9 })).toMatch(
      /keep 10 values at their branches together and 9 are allowed \(maxModuleBranchValues\)/,
    );
  });

  test("counts what calls leave on the stack", async () => {
    const type = `(type (func (result${" i32".repeat(16)})))`;
    const text = `(module ${MEMORY} ${type} (func (type 0) unreachable) (func ${"(call 0)".repeat(10)} (block) ${"drop ".repeat(160)}))`;
    // 160 at the block, and an eighth of 0 + 16 + … + 144 at the calls.
    expect(await problemsOf(text, { maxBranchValues: 249 })).toMatch(/Function 1 keeps 250 values/);
    expect(await problemsOf(text, { maxBranchValues: 250 })).toBe("");
    const results = (count: number): string => `(module ${MEMORY} (type (func (result${" i32".repeat(count)}))))`;
    expect(messageOf(await compileWat(results(16)))).toBe("no error");
    expect(messageOf(await compileWat(results(17)))).toMatch(/17 results of a type and at most 16/);
  });

  test("takes loops of the limit and refuses one more", async () => {
    const body = (loops: number): string => `(module ${MEMORY} (func ${"(loop)".repeat(loops)}))`;
    expect(await problemsOf(body(1000))).toBe("");
    expect(await problemsOf(body(1001))).toMatch(/Function 0 has 1001 loops and 1000 are allowed \(maxLoops\)/);
  });

  test.each([
    ["return_call", "(func $f (return_call $f))"],
    ["return_call_indirect", "(table 1 funcref) (func (return_call_indirect (i32.const 0)))"],
  ])("refuses %s", async (_, code) => {
    expect(await problemsOf(`(module ${MEMORY} ${code})`)).toMatch(/Function 0 makes a tail call.*without them/);
  });
});

describe("describeModule", () => {
  test("tells imports, exports, memory, tables, functions and names", async () => {
    const text = `(module (import "spacedrive" "job_increment_items" (func (param i32 i64))) (memory (export "memory") 1 9)
      (table 3 funcref) (func $f (export "f") (result f64) (f64.const 0)) (global (export "g") i32 (i32.const 0)))`;
    expect(describeModule(await compileWat(text))).toEqual({
      bytes: (await compileWat(text)).length,
      imports: [{ module: "spacedrive", name: "job_increment_items", signature: "(i32, i64) -> ()" }],
      exports: [{ name: "f", signature: "() -> f64" }],
      memory: { minPages: 1, maxPages: 9 },
      tables: [{ minEntries: 3, maxEntries: null }],
      functions: { count: 1, largestBodyBytes: 11 },
      hasStart: false,
      hasNames: true,
      sourceMapUrl: null,
    });
    expect(describeModule(await compileWat("(module)", false)).hasNames).toBe(false);
  });

  test("says what a file is that is no module", async () => {
    const module = await compileWat(`(module ${MEMORY})`);
    expect(messageOf(new Uint8Array())).toMatch(/"hello" cannot be loaded. The wasm file is empty/);
    expect(messageOf(Buffer.from("<!DOCTYPE html><html>"))).toMatch(/looks like HTML/);
    expect(messageOf(Buffer.from("version https://git-lfs"))).toMatch(/looks like text, beginning "version https/);
    expect(messageOf(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]))).toMatch(/something else or damaged/);
    expect(messageOf(module.subarray(0, 3))).toMatch(/cut short \(3 bytes\)/);
    expect(messageOf(module.subarray(0, 6))).toMatch(/cut short \(6 bytes\)/);
    expect(messageOf(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0))).toMatch(/component/);
    expect(messageOf(Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0))).toMatch(/version 2/);
  });

  test("says of every cut and every changed byte something coded, or reads on", async () => {
    const module = await compileFixture("kitchen");
    for (let length = 8; length < module.length; length += 7) {
      expect(messageOf(module.subarray(0, length))).toMatch(/damaged or not supported|no error/);
    }
    for (let at = 8; at < module.length; at += 3) {
      const changed = Uint8Array.from(module);
      changed[at] = 0xff;
      expect(messageOf(changed)).toMatch(/damaged or not supported|no error/);
    }
  });

  test("refuses garbage-collected types", () => {
    const struct = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 3, 1, 0x5f, 0];
    expect(messageOf(Uint8Array.from(struct))).toMatch(/garbage-collected/);
    const anyref = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 1, 0x6e, 0];
    expect(messageOf(Uint8Array.from(anyref))).toMatch(/garbage-collected/);
  });

  test("is not led astray by counts that lie", () => {
    // 4,294,967,295 types in a section of 6 bytes.
    const types = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x60];
    expect(messageOf(Uint8Array.from(types))).toMatch(/4294967295 types/);
    const overlong = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 7, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0];
    expect(messageOf(Uint8Array.from(overlong))).toMatch(/more than 32 bits/);
  });
});
