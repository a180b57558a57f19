import { describe, expect, it } from "vitest";
import { checkLibraryName } from "./library-name.js";

describe("checkLibraryName", () => {
  it.each(["home", "My Photos", "日本", "a.b", "x".repeat(128)])("takes %j", (name) =>
    expect(checkLibraryName(name)).toBe(name),
  );

  it.each(["", "..", "a/b", "a\\b", "a\0", ".hidden", "ends.", "ends ", " starts", "a:b", "*", "aux", "x".repeat(129)])(
    "refuses %j",
    (name) => expect(() => checkLibraryName(name)).toThrow(expect.objectContaining({ code: "INVALID_INPUT" })),
  );

  it("refuses a name that could be taken for an id", () => {
    expect(() => checkLibraryName("5f0c1f0e-0d5c-4b4b-9a3e-0c6a1c1b7a11")).toThrow("form of an id");
  });

  it("makes one name of two spellings that look the same", () => {
    expect(checkLibraryName("e\u0301")).toBe("\u00e9");
  });
});
