import { describe, expect, it } from "vitest";
import { schemaProblem, zodSchemaOf } from "./operation-schema.js";
import { schemaCostProblem } from "./schema-cost.js";

/** A part that counts how often it is looked at. */
function counting(): { readonly part: object; readonly looks: () => number } {
  let looks = 0;
  const part = Object.defineProperty({}, "type", { enumerable: true, get: () => (looks++, "string") });
  return { part, looks: () => looks };
}

describe("a schema of a manifest", () => {
  it("that was found to be right is not converted again when its operation is registered", () => {
    const { part, looks } = counting();
    const schema = { type: "object", properties: { a: part } };
    expect(schemaProblem(schema)).toBeNull();
    const checked = looks();
    expect(checked).toBeGreaterThan(0);
    const first = zodSchemaOf(schema);
    // The steps of a check are counted by another reading of it.
    const perUse = looks() - checked;
    expect(perUse).toBeLessThan(checked);
    const second = zodSchemaOf(schema);
    expect(looks()).toBe(checked + 2 * perUse);
    for (const zod of [first, second]) {
      expect(zod.safeParse({ a: "x" }).success).toBe(true);
      expect(zod.safeParse({ a: 1 }).success).toBe(false);
    }
  });

  it("is another one where it is another object, however alike", () => {
    const schemaOf = (type: string): Readonly<Record<string, unknown>> => ({ type });
    expect(schemaProblem(schemaOf("string"))).toBeNull();
    expect(zodSchemaOf(schemaOf("number")).safeParse(1).success).toBe(true);
    expect(zodSchemaOf(schemaOf("string")).safeParse(1).success).toBe(false);
  });

  it("has each of its parts looked at as often, however deep it lies", () => {
    const looksAt = (depth: number): number => {
      let looks = 0;
      const leaf = Object.defineProperty({}, "$ref", { enumerable: true, get: () => (looks++, "#/$defs/a") });
      let schema: object = leaf;
      for (let level = 0; level < depth; level++) schema = { type: "array", items: schema };
      expect(schemaCostProblem({ ...schema, $defs: { a: { type: "string" } } })).toBeNull();
      return looks;
    };
    expect(looksAt(2)).toBeGreaterThan(0);
    expect(looksAt(2_000)).toBe(looksAt(2));
  });
});
