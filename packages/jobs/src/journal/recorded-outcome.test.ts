import { SpacedriveError } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { outcomeFromJson, outcomeToJson } from "./recorded-outcome.js";

test("a recorded failure keeps its details key for key, whatever the guest has called them", () => {
  const text =
    '{"z":1,"__proto__":{"polluted":true},"constructor":{"prototype":2},"toString":"x","a":[{"__proto__":null}]}';
  const error = new SpacedriveError("CONFLICT", "no", { details: JSON.parse(text) as Record<string, unknown> });
  const outcome = outcomeFromJson(outcomeToJson({ ok: false, error }, "query:a.b"), "query:a.b");
  expect(outcome).toMatchObject({ ok: false, error: { code: "CONFLICT", message: "no" } });
  expect(JSON.stringify(outcome.ok ? null : outcome.error.details)).toBe(text);
  expect({}).not.toHaveProperty("polluted");
});

test.each(["null", "[]", '"x"', "1"])("a recorded failure with the details %s is STORE_CORRUPT", (details) => {
  const text = `{"ok":false,"code":"CONFLICT","message":"no","retryable":false,"details":${details}}`;
  expect(() => outcomeFromJson(text, "query:a.b")).toThrowError(expect.objectContaining({ code: "STORE_CORRUPT" }));
});
