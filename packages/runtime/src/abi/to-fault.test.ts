import { describe, expect, test } from "vitest";
import { compileWat } from "../../test/compile-wat.js";
import { toFault } from "./to-fault.js";

/** What a module throws whose function of this name runs `body`. */
async function thrownBy(name: string, body: string): Promise<unknown> {
  const wat = `(module (memory 1 4) (func $${name} ${body}) (func (export "run") call $${name}))`;
  const { exports } = new WebAssembly.Instance(await WebAssembly.compile(await compileWat(wat)), {});
  const { run } = exports;
  try {
    if (typeof run === "function") run();
  } catch (thrown) {
    return thrown;
  }
  return null;
}

// What an optimised build makes of the allocator: growth stands inside whatever called it.
const REFUSED_GROWTH = "(if (i32.lt_s (memory.grow (i32.const 100)) (i32.const 0)) (then unreachable))";

describe("toFault", () => {
  test.each(["~lib/rt/tlsf/allocateBlock", "~lib/rt/itcms/__new", "~lib/rt/stub/__alloc", "growMemory"])(
    "knows a lack of memory below the cap by the growth that is inlined into %s",
    async (name) => {
      expect(toFault(await thrownBy(name, REFUSED_GROWTH), false).kind).toBe("memory-limit");
    },
  );

  test.each([
    ["a function of the author's", "assembly/index/boom", "unreachable"],
    ["the SDK's abort", "~lib/@spacedrive/sdk/assembly/guest/abort/abort", "unreachable"],
    ["a broken heap", "~lib/rt/tlsf/removeBlock", "(drop (i32.load (i32.const -1)))"],
  ])("takes a trap in %s for a trap", async (_, name, body) => {
    expect(toFault(await thrownBy(name, body), false).kind).toBe("trap");
  });
});
