import { guestConformance } from "@spacedrive/runtime/conformance";
import { describe, test } from "vitest";
import { wasiGuest, wasiProgram } from "../test/wasi-guest.js";
import { createWasiEngine } from "./wasi-engine.js";

const tools = {
  createEngine: () => createWasiEngine(),
  kitchen: () => wasiGuest("kitchen"),
  program: wasiProgram,
  compileWat: null,
};

describe("the engine of WASI commands", () => {
  test.each(guestConformance(tools))("$name", ({ run }) => run());
});
