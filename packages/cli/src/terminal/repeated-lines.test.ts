import { expect, it } from "vitest";
import { RepeatedLines } from "./repeated-lines.js";

it("shows each line once, and at the end how often those came that came again", () => {
  const shown: string[] = [];
  const lines = new RepeatedLines((line) => shown.push(line));
  for (const line of ["odd", "odd", "odder", "odd"]) lines.add(line);
  expect(shown).toEqual(["odd", "odder"]);
  lines.end();
  expect(shown).toEqual(["odd", "odder", "odd (3 times)"]);
  lines.end();
  expect(shown).toHaveLength(3);
});
