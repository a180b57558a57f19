import { expect, it } from "vitest";
import { envelopeJson, fromEnvelope, isEnvelope, parseJson, toEnvelope, toJson } from "./envelope.js";
import { SpacedriveError } from "./errors.js";

it("carries code, message, retryable and details of an error", () => {
  const error = new SpacedriveError("RATE_LIMITED", "too fast", { details: { retry_after_ms: 120 } });
  expect(toEnvelope(error)).toEqual({ error: "too fast", code: "RATE_LIMITED", retryable: true, retry_after_ms: 120 });
});

it("tells nothing of a fault that is not ours", () => {
  expect(JSON.stringify(toEnvelope(new Error("password is hunter2")))).not.toContain("hunter2");
  expect(toEnvelope("boom").code).toBe("INTERNAL");
});

it("does not let details overwrite the code", () => {
  const error = new SpacedriveError("TIMEOUT", "late", { details: { code: "OK", error: "", retryable: false } });
  expect(toEnvelope(error)).toMatchObject({ code: "TIMEOUT", error: "late", retryable: true });
});

it("leads back to an equal error", () => {
  const error = new SpacedriveError("BUSY", "later", { details: { waiting: 3 } });
  expect(fromEnvelope(toEnvelope(error))).toMatchObject({
    code: "BUSY",
    message: "later",
    retryable: true,
    details: { waiting: 3 },
  });
});

it("makes OPERATION_FAILED of a code that the table lacks", () => {
  expect(fromEnvelope({ error: "x", code: "__proto__", retryable: false }).code).toBe("OPERATION_FAILED");
});

it("knows an envelope from an output", () => {
  expect(isEnvelope({ error: "x" })).toBe(true);
  for (const value of [null, "error", { error: 1 }, [], { errors: "x" }]) expect(isEnvelope(value)).toBe(false);
});

it("names the text that is not JSON", () => {
  expect(() => parseJson("{", 'the payload of "query:test.ping.v1"')).toThrowError(
    /^the payload of "query:test\.ping\.v1" is not valid JSON/,
  );
});

it("leaves Object.prototype alone when JSON names __proto__", () => {
  const value = parseJson('{"__proto__": {"polluted": true}}', "a text");
  expect(Object.hasOwn(value as object, "__proto__")).toBe(true);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

it.each([
  [
    "a cycle",
    () => {
      const a: Record<string, unknown> = {};
      a["a"] = a;
      return a;
    },
  ],
  ["a bigint", () => 1n],
  ["undefined", () => undefined],
  [
    "a throwing getter",
    () => ({
      get x() {
        throw new Error("no");
      },
    }),
  ],
])("answers OPERATION_FAILED for %s", (_name, make) => {
  expect(() => toJson(make(), "the output")).toThrowError(expect.objectContaining({ code: "OPERATION_FAILED" }));
});

it("puts the error first in an envelope, whatever its details are", () => {
  const error = new SpacedriveError("BUSY", "later", { details: { waiting: 3, error: "forged" } });
  expect(envelopeJson(error)).toBe('{"error":"later","code":"BUSY","retryable":true,"waiting":3}');
});

it("writes an envelope of whatever was thrown", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(envelopeJson(new SpacedriveError("BUSY", "later", { details: cycle }))).toBe(
    '{"error":"later","code":"BUSY","retryable":true}',
  );
  for (const thrown of [proxy, null, undefined, 1n, Symbol("x"), Object.create(null)]) {
    expect(envelopeJson(thrown)).toMatch(/"code":"INTERNAL"/);
  }
});

it("quotes a text that is no JSON as what can be printed, and keeps none of it beside that", () => {
  let thrown: unknown;
  try {
    parseJson("\u001b[2J\nforged\u202e", "A text");
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: "INVALID_INPUT" });
  expect(thrown).not.toHaveProperty("cause");
  expect(String(thrown)).toContain("\\x1b[2J\\nforged\\u202e");
});
