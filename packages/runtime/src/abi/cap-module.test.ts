import { describe, expect, test } from "vitest";
import { compileFixture, compileWat } from "../../test/compile-wat.js";
import { DEFAULT_GUEST_LIMITS, type GuestLimits } from "../guest/limits.js";
import { capModule, type CappedModule } from "./cap-module.js";
import { describeModule, openModule } from "./describe-module.js";

async function cap(bytes: Uint8Array, limits: Partial<GuestLimits>): Promise<CappedModule> {
  const capped = capModule(bytes, openModule(bytes, "hello"), { ...DEFAULT_GUEST_LIMITS, ...limits });
  // It is still a module.
  await WebAssembly.compile(capped.bytes);
  return capped;
}

describe("capModule", () => {
  test("gives the memory the cap as its maximum, and leaves a smaller one", async () => {
    const limits = { maxMemoryBytes: 10 * 65_536 + 65_535 };
    const open = await cap(await compileWat('(module (memory (export "memory") 1))'), limits);
    expect(describeModule(open.bytes).memory).toEqual({ minPages: 1, maxPages: 10 });
    expect(open.maxPages).toBe(10);
    const larger = await cap(await compileWat('(module (memory (export "memory") 1 4000))'), limits);
    expect(describeModule(larger.bytes).memory.maxPages).toBe(10);
    const smaller = await cap(await compileWat('(module (memory (export "memory") 1 3))'), limits);
    expect(describeModule(smaller.bytes).memory.maxPages).toBe(3);
  });

  test("gives the tables maxima that stay within the limit together", async () => {
    const bytes = await compileWat(
      `(module (memory (export "memory") 1) (table 10 funcref) (table 5 20 externref) (table 1 funcref))`,
    );
    const { tables } = describeModule((await cap(bytes, { maxTableEntries: 100 })).bytes);
    expect(tables).toEqual([
      { minEntries: 10, maxEntries: 94 },
      { minEntries: 5, maxEntries: 5 },
      { minEntries: 1, maxEntries: 1 },
    ]);
    const roomy = describeModule((await cap(await compileWat("(module (memory 1) (table 5 20 funcref))"), {})).bytes);
    expect(roomy.tables).toEqual([{ minEntries: 5, maxEntries: 20 }]);
  });

  test("changes nothing else, and tells how far the code has moved", async () => {
    const bytes = await compileFixture("kitchen");
    const capped = await cap(bytes, {});
    const { memorySection } = openModule(bytes, "hello");
    const end = memorySection?.end ?? 0;
    expect(capped.shift).toBeGreaterThan(0);
    expect(Buffer.compare(capped.bytes.subarray(end + capped.shift), bytes.subarray(end))).toBe(0);
    expect({ ...describeModule(capped.bytes), bytes: 0, memory: null }).toEqual({
      ...describeModule(bytes),
      bytes: 0,
      memory: null,
    });
  });
});
