import { describe, expect, it } from "vitest";
import * as wasm from "../guest/conformance/hostile-modules/module-bytes.js";
import { DEFAULT_GUEST_LIMITS } from "../guest/limits.js";
import { openModule, openModuleInTurns } from "./describe-module.js";
import { readModule } from "./read-module.js";

const { number, section, text } = wasm;

/** Steps in which a module is read, and the largest number of bytes between two of them if they were alike. */
function stepsOf(bytes: Uint8Array): number {
  const steps = readModule(bytes, DEFAULT_GUEST_LIMITS.maxFunctionBodyBytes);
  let count = 1;
  while (steps.next().done !== true) count++;
  return count;
}

const FUNCTIONS = 20_000;
const BODY = wasm.body([], wasm.repeat(100, [0x41, 0, 0x1a]));

describe("a large module", () => {
  it.each([
    ["bodies", () => wasm.module({ bodies: Array.from({ length: FUNCTIONS }, () => BODY) })],
    ["functions", () => wasm.module({ bodies: Array.from({ length: 100_000 }, () => wasm.body([])) })],
    ["types", () => wasm.module({ types: Array.from({ length: 10_000 }, () => wasm.functionType(24, 0)) })],
    [
      "imports",
      () =>
        wasm.module({
          imports: wasm.joinAll([
            number(1_000),
            ...Array.from({ length: 1_000 }, () => wasm.join(text("x".repeat(1_000)), text("y"), [0, 0])),
          ]),
        }),
    ],
    [
      "globals",
      () => wasm.module({ globals: wasm.join(number(100_000), wasm.repeat(100_000, [0x7f, 0, 0x41, 0, 0x0b])) }),
    ],
    [
      "exports",
      () =>
        wasm.module({
          exports: Array.from({ length: 9_000 }, (_, i) => wasm.join(text(`export number ${i}`), [0, 0])),
        }),
    ],
    [
      "elements of one segment",
      () =>
        wasm.module({
          elements: wasm.join([1, 1, 0], number(1_000_000), wasm.repeat(1_000_000, [0])),
        }),
    ],
    [
      "data segments",
      () => wasm.module({ data: wasm.join(number(100_000), wasm.repeat(100_000, [0, 0x41, 0, 0x0b, 1, 7])) }),
    ],
  ])("of many %s is read in steps", (_what, bytes) => {
    const module = bytes();
    expect(stepsOf(module)).toBeGreaterThan(module.length / (64 * 1024));
  });

  it("leaves others their turn, and is read as it is in one go", async () => {
    const bytes = wasm.module({ bodies: Array.from({ length: FUNCTIONS }, () => BODY) });
    let turns = 0;
    let reading = true;
    const count = (): void => {
      turns++;
      if (reading) setImmediate(count);
    };
    setImmediate(count);
    const shape = await openModuleInTurns(bytes, "large", DEFAULT_GUEST_LIMITS);
    reading = false;
    expect(turns).toBeGreaterThan(3);
    expect(shape).toEqual(openModule(bytes, "large"));
  });

  it("of one body larger than allowed is not read to the end of that body", async () => {
    // What cannot be read in it would be a damaged module.
    const bytes = wasm.afterHeader(
      section(1, [1, 0x60, 0, 0]),
      section(3, [1, 0]),
      section(10, [1], wasm.sized([0], wasm.repeat(100_000, [0xff]))),
    );
    expect(await openModuleInTurns(bytes, "large", DEFAULT_GUEST_LIMITS)).toMatchObject({
      largestBody: { index: 0, bytes: 100_001 },
    });
    expect(() => openModule(bytes, "large")).toThrow(expect.objectContaining({ code: "MODULE_INVALID" }));
  });
});
