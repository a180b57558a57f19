import { describe, expect, it } from "vitest";
import { segmentProblem } from "./path-segment.js";

describe("segmentProblem", () => {
  it.each([
    "ocr.json",
    "a",
    "naïve – résumé.txt",
    ".hidden",
    "..more",
    "console.log",
    "com10",
    "__proto__",
    "a b",
    "日本",
  ])("takes %j", (name) => expect(segmentProblem(name)).toBeNull());

  it.each([
    "",
    ".",
    "..",
    "a/b",
    "a\\b",
    "/etc",
    "a\0b",
    "a\nb",
    "\u007f",
    "\u0085",
    "\ud800",
    "CON",
    "nul.txt",
    "lpt1",
    "Com9.tar.gz",
  ])("refuses %j", (name) => expect(segmentProblem(name)).not.toBeNull());

  it("counts 255 bytes of UTF-8, not characters", () => {
    expect(segmentProblem("x".repeat(255))).toBeNull();
    expect(segmentProblem("x".repeat(256))).not.toBeNull();
    expect(segmentProblem("é".repeat(127))).toBeNull();
    expect(segmentProblem("é".repeat(128))).not.toBeNull();
  });
});
