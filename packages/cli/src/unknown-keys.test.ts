import { describe, expect, it } from "vitest";
import { unknownKeys, unknownKeysWarning } from "./unknown-keys.js";

const size = { type: "object", properties: { min: {}, max: {} } };
const schema = {
  type: "object",
  properties: {
    target: { type: "integer" },
    size: { $ref: "#/$defs/Size" },
    perhaps: { anyOf: [{ $ref: "#/$defs/Size" }, { type: "null" }] },
    sizes: { type: "array", items: { $ref: "#/$defs/Size" } },
    named: { type: "object", additionalProperties: { $ref: "#/$defs/Size" } },
    inner: { $ref: "#" },
    any: {},
  },
  $defs: { Size: size },
};
const paths = (value: unknown): string[] => unknownKeys(value, schema).map(({ path }) => path);

describe("keys that a schema does not know", () => {
  it("are found at the root, with those that there are", () => {
    expect(unknownKeys({ min: 1, mix: 2 }, size)).toEqual([{ path: "mix", known: ["min", "max"] }]);
  });

  it.each([
    ["in a class", { size: { mix: 1 } }, "size.mix"],
    ["in a class that may be null", { perhaps: { mix: 1 } }, "perhaps.mix"],
    ["in a list", { sizes: [{ min: 1 }, { mix: 1 }] }, "sizes[1].mix"],
    ["in a map", { named: { a: { mix: 1 } } }, "named.a.mix"],
    ["in the root's own class", { inner: { targett: 1 } }, "inner.targett"],
    ["with a name that every object has", JSON.parse('{"__proto__": 1, "target": 2}'), "__proto__"],
  ])("are found %s", (_where, value, path) => {
    expect(paths(value)).toEqual([path]);
  });

  it("are none where every key is known, or the schema leaves them open", () => {
    expect(paths({ target: 1, perhaps: null, named: { anything: {} }, any: { at: { all: 1 } } })).toEqual([]);
    expect(paths(undefined)).toEqual([]);
    expect(paths([{ targett: 1 }])).toEqual([]);
    expect(unknownKeys({ a: 1 }, {})).toEqual([]);
    expect(unknownKeys({ a: 1 }, { properties: {}, additionalProperties: true })).toEqual([]);
    expect(unknownKeys({ a: 1 }, { properties: {}, patternProperties: { "^a": {} } })).toEqual([]);
    expect(unknownKeys({ a: 1 }, { anyOf: [size, { type: "object", properties: { a: {} } }] })).toEqual([]);
  });
});

describe("the warning", () => {
  it("names them, and what there is instead of a single one", () => {
    const one = { path: "mix", known: ["min", "max"] };
    expect(unknownKeysWarning("the state", [])).toBeNull();
    expect(unknownKeysWarning("the state", [one])).toBe('the state has no "mix": ignored; there is min, max.');
    expect(unknownKeysWarning("the state", [one, { path: "b", known: [] }])).toBe(
      'the state has no "mix", "b": ignored.',
    );
    expect(unknownKeysWarning("the state", [{ path: "b", known: [] }])).toBe('the state has no "b": ignored.');
  });
});
