import assert from "node:assert/strict";
import { DEFAULT_GUEST_LIMITS } from "../limits.js";
import { assertRejects, type Check } from "./conformance-bench.js";
import { HOSTILE_MODULES } from "./hostile-modules/hostile-modules.js";

/** Loads, starts and calls each hostile module: it ends with its code or does no harm, and a good one runs after it. */
export const HOSTILE_CASES: readonly (readonly [string, Check])[] = HOSTILE_MODULES.map(({ name, bytes, ends }) => [
  `survives ${name}`,
  async (bench) => {
    const run = async (): Promise<number> => {
      const module = await bench.engine.compile("hostile", bytes(), DEFAULT_GUEST_LIMITS);
      const guest = await module.start(bench.host);
      return guest.call("f");
    };
    if (ends === null) assert.equal(await run(), 0);
    else {
      const error = await assertRejects(run(), ...ends);
      assert.ok(error.message.length < 10_000, `the message has ${error.message.length} characters`);
      // A stack and a hint have lines of their own.
      assert.doesNotMatch(error.message, /[^\P{Cc}\n]|\p{Bidi_Control}/u);
    }
    assert.equal(await (await bench.guest()).call("seven"), 7);
  },
]);
