import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { guestFile } from "./guest-file.js";

const PROGRAM = fileURLToPath(new URL("./programs/exits-in-the-middle.mjs", import.meta.url));
/** Without what stops them, the bulk instructions hold an exit for minutes. */
const MOST_MS = 10_000;

const bulk = (instruction: string): string => `
  (loop $grow (br_if $grow (i32.ne (i32.const -1) (memory.grow (i32.const 16)))))
  (loop $again ${instruction} (br $again))`;
const MOST = "(i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 65536))";

const GUEST = `(module (memory (export "memory") 1) (table $t 100000 funcref)
  (data $bytes "${"x".repeat(65_536)}")
  (func (export "loop") (loop $again (br $again)))
  (func $leaf)
  (func (export "calls") (loop $again (call $leaf) (br $again)))
  (func $tree (param i32)
    (if (local.get 0)
      (then (call $tree (i32.sub (local.get 0) (i32.const 1))) (call $tree (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "recursion") (call $tree (i32.const 60)))
  (func (export "memory_fill") ${bulk(`(memory.fill (i32.const 65536) (i32.const 1) ${MOST})`)})
  (func (export "memory_copy") ${bulk(`(memory.copy (i32.const 65536) (i32.const 0) ${MOST})`)})
  (func (export "memory_init")
    (loop $again (memory.init $bytes (i32.const 0) (i32.const 0) (i32.const 65536)) (br $again)))
  (func (export "table_fill")
    (loop $again (table.fill $t (i32.const 0) (ref.null func) (i32.const 100000)) (br $again)))
  (func (export "table_copy")
    (loop $again (table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 99999)) (br $again)))
)`;

const LOOPS = ["loop", "calls", "recursion", "memory_fill", "memory_copy", "memory_init", "table_fill", "table_copy"];

describe("a process whose guest never comes back", () => {
  const wasm = guestFile(GUEST);

  /** Milliseconds from its last line to its end. */
  async function exitAfter(name: string, how: "exit" | "limit"): Promise<number> {
    const child = spawn(process.execPath, [PROGRAM, wasm.path, name, how], { stdio: ["ignore", "pipe", "inherit"] });
    const killer = setTimeout(() => child.kill("SIGKILL"), 30_000);
    let doneAt = 0;
    child.stdout.on("data", () => (doneAt = performance.now()));
    const code = await new Promise((resolve) => child.on("exit", resolve));
    clearTimeout(killer);
    expect(code).toBe(0);
    expect(doneAt).toBeGreaterThan(0);
    return performance.now() - doneAt;
  }

  test.each(LOOPS)("exits in the middle of %s, at the default cap", { timeout: 60_000 }, async (name) => {
    expect(await exitAfter(name, "exit")).toBeLessThan(MOST_MS);
  });

  test.each(LOOPS)("ends by itself after the limit of %s, at the default cap", { timeout: 60_000 }, async (name) => {
    expect(await exitAfter(name, "limit")).toBeLessThan(MOST_MS);
  });
});
