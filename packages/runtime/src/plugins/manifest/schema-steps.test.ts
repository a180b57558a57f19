import { describe, expect, it } from "vitest";
import { MAX_CHECK_STEPS, zodSchemaOf } from "./operation-schema.js";
import { SchemaSteps } from "./schema-steps.js";

type Schema = Readonly<Record<string, unknown>>;

const NUMBERS: Schema = { type: "array", items: { type: "number" } };
const list = (items: Schema): Schema => ({ type: "array", items });
const times = (count: number, value: unknown): unknown[] => Array.from({ length: count }, () => value);
const numbered = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function passes(schema: Schema, value: unknown, most = MAX_CHECK_STEPS): boolean {
  return new SchemaSteps(schema).problemWith(value, most) === null;
}

describe("the steps of a check", () => {
  it("let as many values through as there are steps, and not one more", () => {
    // One for the list, one for each of its numbers, and one for going over sixteen.
    const most = 1 + 1_600 + 100;
    expect(passes(NUMBERS, times(1_600, 1), most)).toBe(true);
    expect(passes(NUMBERS, times(1_601, 1), most)).toBe(false);
  });

  it("are enough for 100,000 values and for 5,000 rows of twenty fields that may be null", () => {
    expect(passes(NUMBERS, times(100_000, 1))).toBe(true);
    const names = numbered(20).map((index) => `field_${index}`);
    const field = { anyOf: [{ type: "string" }, { type: "null" }] };
    const row = { type: "object", properties: Object.fromEntries(names.map((name) => [name, field])), required: names };
    const value = times(5_000, Object.fromEntries(names.map((name) => [name, "x"])));
    expect(passes(list(row), value)).toBe(true);
    expect(zodSchemaOf(list(row)).safeParse(value).success).toBe(true);
  });

  it.each<[string, Schema, unknown]>([
    ["many values", NUMBERS, times(MAX_CHECK_STEPS, 1)],
    ["an enum of many numbers", list({ enum: numbered(9_000) }), times(100, 8_999)],
    ["an enum of many kinds", list({ enum: [...numbered(9_000), "x"] }), times(100, "none of them")],
    ["an enum of long texts", list({ enum: longTexts() }), times(20_000, "x")],
    ["a long text that alone is right", list({ const: "x".repeat(500_000) }), times(20_000, "x")],
    ["an enum of long texts and a number", list({ enum: [...longTexts(), 1] }), times(20_000, 1)],
    ["many alternatives", list({ anyOf: numbered(3_000).map((one) => ({ const: one })) }), times(100, "x")],
    ["much that all holds", list({ allOf: times(3_000, { type: "null" }) }), times(100, 1)],
    ["many properties that are not there", list(objectOf(4_000)), times(100, {})],
    ["many objects that a large one may be", { anyOf: times(3_000, { type: "object" }) }, keyed(1_000)],
    ["many lists that a long one may be", { anyOf: times(3_000, { type: "array" }) }, times(10_000, 1)],
    ["many objects with names", { anyOf: times(3_000, { properties: { a: {} } }) }, keyed(1_000)],
    ["many types", list({ type: ["string", "boolean", "null", "number"] }), times(100_000, [])],
    [
      "a definition used often",
      { ...list({ $ref: "#/$defs/a" }), $defs: { a: { enum: numbered(9_000) } } },
      times(100, "x"),
    ],
    ["many keys", { type: "object", additionalProperties: { type: "number" } }, keyed(MAX_CHECK_STEPS)],
    ["many names", { type: "object", propertyNames: { maxLength: 9 } }, keyed(MAX_CHECK_STEPS)],
    ["a schema that repeats itself", { type: "array", items: { $ref: "#" } }, times(MAX_CHECK_STEPS, [])],
    ["a long text of a format", { type: "string", format: "base64url" }, "-".repeat(16_000_000)],
    ["many texts of a format", list({ type: "string", format: "email" }), times(30, "a.".repeat(500_000))],
    ["places of their own", { type: "array", prefixItems: [{ enum: numbered(9_000) }], items: NUMBERS }, places()],
  ])("are too many for %s", (_what, schema, value) => {
    expect(passes(schema, value)).toBe(false);
    const parsed = zodSchemaOf(schema).safeParse(value);
    expect(parsed.error?.issues).toMatchObject([{ path: [], message: expect.stringContaining("too large") }]);
  });

  it("are few for what a schema says nothing of", () => {
    expect(passes({}, times(MAX_CHECK_STEPS + 1, 1))).toBe(true);
    expect(passes({}, keyed(MAX_CHECK_STEPS + 1))).toBe(true);
    expect(passes({ type: "object" }, keyed(MAX_CHECK_STEPS - 1))).toBe(true);
    expect(passes({ type: "array" }, times(MAX_CHECK_STEPS, 1))).toBe(true);
    expect(passes({ type: "string", format: "base64" }, "A".repeat(16_000_000))).toBe(true);
    expect(passes(list({ enum: numbered(9_000).map(String) }), times(100_000, "8999"))).toBe(true);
  });

  it("hand on a hundred issues of a value that has more", () => {
    const parsed = zodSchemaOf(NUMBERS).safeParse(times(1_000, "x"));
    expect(parsed.error?.issues).toHaveLength(100);
  });

  it.each<[string, Schema, unknown, string]>([
    ["the values of an enum", { enum: longTexts() }, "x", 'expected one of "0yyy'],
    ["a value that alone is right", { const: "y".repeat(5_000) }, "x", 'expected "yyy'],
    ["keys", { type: "object", additionalProperties: false, properties: {} }, { ["y".repeat(5_000)]: 1 }, 'key: "yyy'],
    ["many keys", { type: "object", additionalProperties: false, properties: {} }, keyed(5_000), 'keys: "k0", "k1", '],
  ])("name %s briefly where they do not fit", (_what, schema, value, text) => {
    const [issue] = zodSchemaOf(schema).safeParse(value).error?.issues ?? [];
    expect(issue?.message).toContain(text);
    expect(issue?.message).toMatch(/ more(?: characters\)"?)?$/);
    expect(issue?.message.length).toBeLessThan(450);
  });

  it("name the values of a small enum as they are", () => {
    const [issue] = zodSchemaOf({ enum: ["a", "b"] }).safeParse("x").error?.issues ?? [];
    expect(issue?.message).toBe('Invalid option: expected one of "a"|"b"');
  });
});

/** As many as a manifest has room for. */
function longTexts(): string[] {
  return numbered(500).map((index) => String(index) + "y".repeat(1_500));
}

function objectOf(count: number): Schema {
  return { type: "object", properties: Object.fromEntries(numbered(count).map((index) => [`field_${index}`, {}])) };
}

function keyed(count: number): unknown {
  return Object.fromEntries(numbered(count).map((index) => [`k${index}`, 1]));
}

function places(): unknown[] {
  return ["x", ...times(100, times(5_000, "x"))];
}
