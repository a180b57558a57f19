import { guestConformance } from "@spacedrive/runtime/conformance";
import { DEFAULT_GUEST_LIMITS } from "@spacedrive/runtime/engine";
import { describe, expect, test } from "vitest";
import { wasiGuest, wasiProgram } from "../test/wasi-guest.js";
import type { WasiTransport } from "./choose-transport.js";
import { createWasiEngine } from "./wasi-engine.js";

describe.each(["shim", "wasmer"] satisfies WasiTransport[])(
  "the engine of WASI commands on its transport %s",
  (transport) => {
    const tools = {
      createEngine: () => createWasiEngine({ transport, ...(transport === "wasmer" ? { spareThreads: 0 } : {}) }),
      kitchen: () => wasiGuest("kitchen"),
      program: wasiProgram,
      compileWat: null,
    };
    test.each(guestConformance(tools))("$name", ({ run }) => run());
  },
);

const WORKER = new URL("../dist/worker.js", import.meta.url);
const WASMER_WORKER = new URL("../dist/wasmer-worker.js", import.meta.url);

test("an engine with a worker of its own is one of the shim where no transport is named", async () => {
  await using engine = createWasiEngine({ workerUrl: WORKER });
  expect(engine.name).toBe("wasi (shim)");
});

test.each([
  ["shim", WASMER_WORKER],
  ["wasmer", WORKER],
] satisfies [WasiTransport, URL][])(
  "an engine on %s does not start on the other's worker",
  async (transport, workerUrl) => {
    await using engine = createWasiEngine({ transport, workerUrl, spareThreads: 0 });
    const module = await engine.compile("counter", await wasiGuest("counter"), DEFAULT_GUEST_LIMITS);
    await expect(module.start({ call: async () => "", log: () => {}, register: () => true })).rejects.toMatchObject({
      code: "INIT_FAILED",
      message: expect.stringMatching(/workerUrl .* transport "(shim|wasmer)", and the engine runs .*Pass/),
    });
  },
);

test.each([
  { endMs: Number.NaN },
  { endMs: -1 },
  { endMs: Number.POSITIVE_INFINITY },
  { endMs: 2 ** 40 },
  // As plain JavaScript may have it.
  { transport: "wasm" as WasiTransport },
])("an engine is not made with %o", (options) => {
  expect(() => createWasiEngine({ transport: "shim", ...options })).toThrow(
    expect.objectContaining({ code: "INVALID_INPUT" }),
  );
});
