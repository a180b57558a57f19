import { expect, it } from "vitest";
import { createJobId, parseLibraryId, uuidFromBytes, uuidToBytes } from "./ids.js";

it("makes ids lower case, so that equal ids are equal strings", () => {
  expect(parseLibraryId("0F8FAD5B-D9CB-469F-A165-70867728950E")).toBe("0f8fad5b-d9cb-469f-a165-70867728950e");
});

it.each([null, 7, "", "0f8fad5b", "0f8fad5bd9cb469fa16570867728950e", "0f8fad5b-d9cb-469f-a165-70867728950g", {}])(
  "refuses %j as an id, and shows it",
  (value) => {
    expect(() => parseLibraryId(value)).toThrowError(expect.objectContaining({ code: "INVALID_INPUT" }));
  },
);

it("crosses the ABI as 16 bytes and back", () => {
  const id = createJobId();
  expect(uuidToBytes(id)).toHaveLength(16);
  expect(uuidFromBytes(uuidToBytes(id))).toBe(id);
});
