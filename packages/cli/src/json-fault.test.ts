import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findJsonFault } from "./json-fault.js";

describe("findJsonFault", () => {
  it.each([
    ["", 0],
    ["{", 1],
    ['{"a":1', 6],
    ['{"a" 1}', 5],
    ["{a:1}", 1],
    ["[1,]", 3],
    ["nope", 0],
    ["01", 1],
    ['"\n"', 1],
    ['"\\x"', 1],
    ["{} {}", 3],
    ["'a'", 0],
  ])("finds where %j stops being JSON", (text, offset) => {
    expect(findJsonFault(text)?.offset).toBe(offset);
  });

  it("finds no fault in any JSON", () => {
    fc.assert(fc.property(fc.json(), (text) => findJsonFault(text) === null));
  });

  it("agrees with the platform on which texts are JSON", () => {
    const pieces = fc.array(
      fc.constantFrom("{", "}", "[", "]", ",", ":", '"a"', "1", "-", "e3", "null", " ", "\\", '"'),
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join("");
        return (findJsonFault(text) === null) === isJson(text);
      }),
      { numRuns: 2000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
