import { expect, it } from "vitest";
import { withLocation } from "./first-state.js";

const schema = { type: "object", properties: { location_id: { type: "string" }, depth: { type: "integer" } } };

it("gives the location to a state that has a place for it and was given none", () => {
  expect(withLocation(undefined, schema, "here")).toEqual({ location_id: "here" });
  expect(withLocation({ depth: 2 }, schema, "here")).toEqual({ depth: 2, location_id: "here" });
});

it("finds the place through a reference to the schema's own definition", () => {
  const referring = { $ref: "#/$defs/State", $defs: { State: schema } };
  expect(withLocation(undefined, referring, "here")).toEqual({ location_id: "here" });
});

it("leaves a location that was given", () => {
  expect(withLocation({ location_id: "there" }, schema, "here")).toEqual({ location_id: "there" });
});

it("leaves a state without a place for it, and what is no object", () => {
  expect(withLocation({ depth: 2 }, { type: "object", properties: { depth: {} } }, "here")).toEqual({ depth: 2 });
  expect(withLocation(undefined, null, "here")).toBeUndefined();
  expect(withLocation([1], schema, "here")).toEqual([1]);
});

it("leaves the state where no location was added", () => {
  expect(withLocation({ depth: 2 }, schema, null)).toEqual({ depth: 2 });
});
