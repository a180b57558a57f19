import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { guestFile } from "./guest-file.js";

const PROGRAM = fileURLToPath(new URL("./programs/fills-memory.mjs", import.meta.url));

/** Grows until it may not, and writes to each page. */
const FILL = `
  (loop $grow (br_if $grow (i32.ne (i32.const -1) (memory.grow (i32.const 1)))))
  (memory.fill (i32.const 0) (i32.const 1) (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)))`;

const GUEST = `(module (memory (export "memory") 1) (table $first 1 funcref) (table $second 1 externref)
  (func (export "fill") ${FILL})
  (func (export "fill_and_trap") ${FILL} unreachable)
  (func $recurse (export "recurse") (call $recurse))
  (func (export "table_and_trap") (drop (table.grow $first (ref.null func) (i32.const 99998))) unreachable)
  (func (export "trap") unreachable)
  ;; All at once, in steps of 1,000, then of one: how many entries the two have at the end.
  (func (export "grow_tables") (result i32)
    (loop $more (br_if $more (i32.ne (i32.const -1) (table.grow $first (ref.null func) (i32.const 9000000)))))
    (loop $more (br_if $more (i32.ne (i32.const -1) (table.grow $first (ref.null func) (i32.const 1000)))))
    (loop $more (br_if $more (i32.ne (i32.const -1) (table.grow $first (ref.null func) (i32.const 1)))))
    (loop $more (br_if $more (i32.ne (i32.const -1) (table.grow $second (ref.null extern) (i32.const 1)))))
    (i32.add (table.size $first) (table.size $second)))
)`;

describe("a process whose guests take all the memory that they can", () => {
  const wasm = guestFile(GUEST);

  async function run(task: string): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", PROGRAM, wasm.path, task]);
    return stdout;
  }

  /** The numbers of its answer, in their order. */
  async function measure(task: string): Promise<number[]> {
    return [...(await run(task)).matchAll(/-?\d+(?:\.\d+)?/g)].map(([digits]) => Number(digits));
  }

  test("pays at most the cap for a guest that fills its memory, and has it back", { timeout: 60_000 }, async () => {
    const [filled = 0, after = 0] = await measure("fill");
    // It did fill it; a thread costs a few MB beside.
    expect(filled).toBeGreaterThan(120);
    expect(filled).toBeLessThan(128 + 24);
    expect(after).toBeLessThan(24);
  });

  test("does not grow by more than 10 MB over rounds 2 to 10 of a hundred faults", { timeout: 180_000 }, async () => {
    const rounds = await measure("faults");
    expect(rounds).toHaveLength(10);
    expect((rounds[9] ?? Infinity) - (rounds[1] ?? 0)).toBeLessThanOrEqual(10);
  });

  test("lives on with guests that grow their tables for ever", { timeout: 60_000 }, async () => {
    expect(await run("tables")).toBe('{"grown":[100000,100000,100000]}');
  });
});
