import { describe, expect, it } from "vitest";
import { hasMoreJsonValues } from "./count-json-values.js";
import { parseJson } from "./envelope.js";

/** Counted the slow way, on the value itself. */
function countOf(value: unknown): number {
  if (Array.isArray(value)) return 1 + value.reduce((sum: number, item) => sum + countOf(item), 0);
  if (typeof value !== "object" || value === null) return 1;
  return 1 + Object.values(value).reduce((sum: number, item) => sum + 1 + countOf(item), 0);
}

describe("the values of a JSON text", () => {
  it.each([
    "1",
    '""',
    "[]",
    "{}",
    " [ ] ",
    "[\n{}\t]",
    "[1,2,3]",
    '{"a":1,"b":[true,null]}',
    '["a,b:c[{", "\\"", "\\\\", "\\\\\\",", {"k\\"[":"]"}]',
    '{"__proto__":{"x":[[],[[]]]},"":{"":""}}',
    JSON.stringify("\\".repeat(99) + '"'),
  ])("are counted as they are: %s", (text) => {
    const count = countOf(JSON.parse(text));
    expect(hasMoreJsonValues(text, count)).toBe(false);
    expect(hasMoreJsonValues(text, count - 1)).toBe(true);
  });

  it("are not counted in strings, however long", () => {
    expect(hasMoreJsonValues(JSON.stringify([",[{:".repeat(100_000)]), 2)).toBe(false);
  });

  it("are counted before the text is parsed: just as many are taken, one more is PAYLOAD_TOO_LARGE", () => {
    expect(parseJson("[1,2]", "a text", "INVALID_INPUT", { maxValues: 3 })).toEqual([1, 2]);
    expect(() => parseJson("[1,2,", "a text", "INVALID_INPUT", { maxValues: 3 })).toThrowError(
      expect.objectContaining({
        code: "PAYLOAD_TOO_LARGE",
        message: "a text has more than the 3 JSON values that are allowed. Send less, or in parts.",
      }),
    );
  });

  it("of a text that never ends its string are no endless loop", () => {
    expect(hasMoreJsonValues('["'.repeat(1_000), 10_000)).toBe(false);
    expect(hasMoreJsonValues('"\\', 1)).toBe(false);
  });
});
