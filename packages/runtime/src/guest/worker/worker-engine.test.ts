import { describe, test } from "vitest";
import { compileFixture, compileWat } from "../../../test/compile-wat.js";
import { guestConformance } from "../guest-conformance.js";
import { createWorkerEngine } from "./worker-engine.js";

const tools = { createEngine: () => createWorkerEngine(), compileWat, kitchen: () => compileFixture("kitchen") };

describe("the worker engine", () => {
  test.each(guestConformance(tools))("$name", ({ run }) => run());
});
