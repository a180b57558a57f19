import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";

const packages = resolve(import.meta.dirname, "../../../packages");
const page = readFileSync(resolve(packages, "../docs/security.md"), "utf8");

/** Where a file that the page names may lie; one without a folder lies beside the one before it, or in the engines' suite. */
const FOLDERS = [".", "runtime/test", "runtime/src/guest/conformance"];

const promises = page
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .filter((line) => line.includes(".ts`"));

it("the page of security has a row for each kind of promise", () => {
  expect(promises.length).toBeGreaterThan(20);
});

it.each(promises)("there is each test of: %s", (line) => {
  const files = [...line.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file = ""]) => file);
  expect(files.filter((file) => !FOLDERS.some((folder) => existsSync(resolve(packages, folder, file))))).toEqual([]);
});
