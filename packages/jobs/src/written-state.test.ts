import { expect, test } from "vitest";
import { takeWritten, writeState } from "./written-state.js";

test("only the text that was written last is known to be JSON, and only once", () => {
  const first = writeState({ n: 1 }, "test.job");
  const text = writeState({ n: 2 }, "test.job");
  expect(takeWritten(first)).toBe(false);
  expect(takeWritten(text)).toBe(false);
  writeState({ n: 2 }, "test.job");
  expect(takeWritten('{"n":2}')).toBe(true);
  expect(takeWritten('{"n":2}')).toBe(false);
});
