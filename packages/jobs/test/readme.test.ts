import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.js";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));

test("the program in the README runs, and prints what it says", async () => {
  await using folder = await temporaryFolder();
  const readme = await readFile(`${PACKAGE}/README.md`, "utf8");
  const program = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const there = program.replace('"library.db"', JSON.stringify(folder.file("library.db")));
  const args = ["--input-type=module-typescript", "--eval", there];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: PACKAGE });
  expect(stdout).toContain("completed 1 Counted 3/3");
  expect(stdout.trimEnd().endsWith('{"counted":3}')).toBe(true);
});
