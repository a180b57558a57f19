import { isSpacedriveError } from "@spacedrive/wire";
import { describe, expect, test } from "vitest";
import { RecordingHost } from "../src/guest/conformance/recording-host.js";
import { DEFAULT_GUEST_LIMITS } from "../src/guest/limits.js";
import { createWorkerEngine } from "../src/guest/worker/worker-engine.js";
import { compileFixture } from "./compile-wat.js";

const MODULES = 2_000;
const MOST_MS = 200;

/** Numbers that are the same each time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) yield (state = (state * 48_271) % 0x7fff_ffff);
}

describe("a damaged module", () => {
  test(`of ${MODULES}, each is refused, or runs and ends with a code or an answer`, { timeout: 120_000 }, async () => {
    const whole = await compileFixture("kitchen");
    const random = numbers(4);
    const endings = new Map<string, number>();
    await using engine = createWorkerEngine();
    for (let i = 0; i < MODULES; i++) {
      const bytes = Uint8Array.from(whole);
      for (let damage = 0; damage <= i % 3; damage++)
        bytes[8 + (random.next().value % (bytes.length - 8))] = random.next().value & 0xff;
      const ending = await use(bytes);
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
    }
    // Both: the damage is neither always found, nor never.
    expect(endings.get("MODULE_INVALID")).toBeGreaterThan(MODULES / 10);
    expect(endings.get("answer")).toBeGreaterThan(MODULES / 10);

    async function use(bytes: Uint8Array): Promise<string> {
      try {
        const limits = { ...DEFAULT_GUEST_LIMITS, initTimeoutMs: MOST_MS, callTimeoutMs: MOST_MS };
        const module = await engine.compile("damaged", bytes, limits);
        await using guest = await module.start(new RecordingHost());
        await guest.call("seven");
        await guest.handle("relay", "{}", "x");
        return "answer";
      } catch (error) {
        if (!isSpacedriveError(error) || error.code === "INTERNAL") throw error;
        return error.code;
      }
    }
  });
});
