import { expect, it } from "vitest";
import { hintedCommand, hintedLibraryCommand } from "./hinted-command.js";

it("leaves out what was not given", () => {
  expect(hintedCommand("jobs ls", {})).toBe("sdx jobs ls");
  expect(hintedLibraryCommand("run <dir>", { library: "default" })).toBe("sdx run <dir>");
});

it("repeats the data directory, and the library where the command takes one", () => {
  const place = { dataDir: "../data", library: "home" };
  expect(hintedCommand("jobs ls", place)).toBe("sdx jobs ls --data-dir ../data");
  expect(hintedLibraryCommand("run <dir>", place)).toBe("sdx run <dir> --library home --data-dir ../data");
});

it.each([
  ["my data", "'my data'"],
  ["Ada's", "'Ada'\\''s'"],
  ["$HOME", "'$HOME'"],
  ["~/data", "'~/data'"],
  ["", "''"],
])("quotes %j for a shell", (dataDir, word) => {
  expect(hintedCommand("jobs ls", { dataDir })).toBe(`sdx jobs ls --data-dir ${word}`);
});
