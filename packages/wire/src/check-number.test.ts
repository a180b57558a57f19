import { expect, it } from "vitest";
import { checkNumber, COUNT, type NumberRange, WAIT_MS } from "./check-number.js";

const PORT: NumberRange = { least: 1, most: 10 };

it.each([
  [1, PORT],
  [1.5, PORT],
  [10, PORT],
  [0, COUNT],
  [Number.MAX_SAFE_INTEGER, COUNT],
  [2 ** 31 - 1, WAIT_MS],
  [1e300, { least: -1 }],
])("takes %d where it is in range", (value, range) => {
  expect(checkNumber("x", value, range)).toBe(value);
});

it.each([
  [0.99, PORT, "is 0.99, and must be a number from 1 to 10"],
  [10.01, PORT, "is 10.01, and"],
  [Number.NaN, PORT, "is NaN, and"],
  [Number.NaN, { least: -1 }, "is NaN, and must be a number of at least -1"],
  [Number.POSITIVE_INFINITY, COUNT, "is Infinity, and must be a whole number of at least 0"],
  [0.5, COUNT, "is 0.5, and"],
  [-1, COUNT, "is -1, and"],
  [2 ** 31, WAIT_MS, "is 2147483648, and must be a number from 1 to 2147483647"],
  ["5", PORT, "is of type string, and"],
  [null, PORT, "is of type null, and"],
])("refuses %s with a code, and says what it must be", (value, range, message) => {
  expect(() => checkNumber("The host's limit", value, range)).toThrow(
    expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringContaining(`The host's limit ${message}`) }),
  );
});
