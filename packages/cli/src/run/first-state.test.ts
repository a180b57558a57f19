import { expect, it } from "vitest";
import { firstState, lacksLocation } from "./first-state.js";

const schema = { type: "object", properties: { location_id: { type: "string" }, depth: { type: "integer" } } };

it("gives the location to a state that has a place for it and was given none", () => {
  expect(firstState(undefined, schema, "here")).toEqual({ location_id: "here" });
  expect(firstState({ depth: 2 }, schema, "here")).toEqual({ depth: 2, location_id: "here" });
});

it("finds the place through a reference to the schema's own definition", () => {
  const referring = { $ref: "#/$defs/State", $defs: { State: schema } };
  expect(firstState(undefined, referring, "here")).toEqual({ location_id: "here" });
});

it("leaves a location that was given", () => {
  expect(firstState({ location_id: "there" }, schema, "here")).toEqual({ location_id: "there" });
});

it("leaves a state without a place for it, and what is no object", () => {
  expect(firstState({ depth: 2 }, { type: "object", properties: { depth: {} } }, "here")).toEqual({ depth: 2 });
  expect(firstState(undefined, null, "here")).toBeUndefined();
  expect(firstState([1], schema, "here")).toEqual([1]);
});

it("leaves the state where no location was added", () => {
  expect(firstState({ depth: 2 }, schema, null)).toEqual({ depth: 2 });
});

it("starts with an empty object, or with nothing where the state is no object", () => {
  expect(firstState(undefined, schema, null)).toEqual({});
  expect(firstState(undefined, { type: "string" }, null)).toBeUndefined();
});

it("finds that a state which needs a location has none", () => {
  const needing = { ...schema, required: ["location_id"] };
  expect(lacksLocation({ depth: 2 }, needing)).toBe(true);
  expect(lacksLocation({ location_id: "there" }, needing)).toBe(false);
  expect(lacksLocation({ depth: 2 }, schema)).toBe(false);
  expect(lacksLocation({ depth: 2 }, null)).toBe(false);
});
