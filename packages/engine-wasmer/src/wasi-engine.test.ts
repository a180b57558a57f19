import { guestConformance } from "@spacedrive/runtime/conformance";
import { describe, test } from "vitest";
import { wasiGuest, wasiProgram } from "../test/wasi-guest.js";
import { createWasiEngine, type WasiTransport } from "./wasi-engine.js";

/** What @wasmer/sdk cannot tell us, or does otherwise: the README says so, too. */
const OTHERWISE_ON_WASMER: readonly string[] = ["names the memory limit where a guest traps at it"];

describe.each(["shim", "wasmer"] satisfies WasiTransport[])(
  "the engine of WASI commands on its transport %s",
  (transport) => {
    const tools = {
      createEngine: () => createWasiEngine({ transport, ...(transport === "wasmer" ? { spareThreads: 0 } : {}) }),
      kitchen: () => wasiGuest("kitchen"),
      program: wasiProgram,
      compileWat: null,
    };
    const cases = guestConformance(tools).filter(
      ({ name }) => transport === "shim" || !OTHERWISE_ON_WASMER.includes(name),
    );
    test.each(cases)("$name", ({ run }) => run());
  },
);
