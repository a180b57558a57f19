import { expect, test } from "vitest";
import type { JobHandler } from "../job-handler.js";
import { JobTypes } from "./job-types.js";

function handler(extension: string | null): JobHandler {
  return { resumable: true, extension, extensionVersion: null, run: async () => ({ kind: "completed" }) };
}

test.each([
  ["core.index_location", null],
  ["files.copy", null],
  ["finance:import", "finance"],
  ["test-extension:counter-2.b", "test-extension"],
] as const)("takes %s of %s", (type, extension) => {
  const types = new JobTypes();
  types.add(type, handler(extension));
  expect(types.get(type)?.extension).toBe(extension);
});

test.each([
  ["", null],
  ["Core.Index", null],
  ["finance:import", null],
  ["core..index", null],
  ["import", "finance"],
  ["other:import", "finance"],
  ["finance:", "finance"],
  ["finance:a:b", "finance"],
  ["finance:../b", "finance"],
  ["host:import", "host"],
] as const)("refuses %s of %s", (type, extension) => {
  expect(() => new JobTypes().add(type, handler(extension))).toThrow(
    expect.objectContaining({ code: "INVALID_INPUT" }),
  );
});

test("a type has one handler, and only that one is removed", () => {
  const types = new JobTypes();
  const [first, second] = [handler(null), handler(null)];
  types.add("a", first);
  expect(() => types.add("a", second)).toThrow(expect.objectContaining({ code: "CONFLICT" }));
  types.remove("a", second);
  expect(types.get("a")).toBe(first);
  types.remove("a", first);
  types.add("a", second);
  expect(types.find("a")).toBe(second);
});

test("says what is missing, and what there is", () => {
  const types = new JobTypes();
  types.add("core.index", handler(null));
  types.add("finance:import", handler("finance"));
  expect(() => types.find("core.indx")).toThrow(
    expect.objectContaining({ code: "NOT_FOUND", message: expect.stringContaining("core.index") }),
  );
  expect(() => types.find("finance:export")).toThrow(
    expect.objectContaining({ code: "NOT_FOUND", message: expect.stringContaining("finance:import") }),
  );
  expect(() => types.find("mail:fetch")).toThrow(expect.objectContaining({ code: "EXTENSION_NOT_LOADED" }));
});

test("says for what a queued job waits", () => {
  const types = new JobTypes();
  types.add("finance:import", handler("finance"));
  expect(
    ["finance:import", "finance:export", "mail:fetch", "core.index"].map((type) => types.waitingFor(type)),
  ).toEqual([
    null,
    "extension finance has no job finance:export",
    "extension mail is not loaded",
    "no handler for core.index is registered",
  ]);
});
