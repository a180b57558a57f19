import { guestConformance } from "@spacedrive/runtime/conformance";
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
