import { describe, test } from "vitest";
import { compileFixture, compileWat } from "../../../test/compile-wat.js";
import { smallCoreGuest } from "../conformance/small-core-guests.js";
import { guestConformance, type SmallGuest } from "../guest-conformance.js";
import { createWorkerEngine } from "./worker-engine.js";

const tools = {
  createEngine: () => createWorkerEngine(),
  kitchen: () => compileFixture("kitchen"),
  program: (name: SmallGuest) => compileWat(smallCoreGuest(name)),
  compileWat,
};

describe("the worker engine", () => {
  test.each(guestConformance(tools))("$name", ({ run }) => run());
});
