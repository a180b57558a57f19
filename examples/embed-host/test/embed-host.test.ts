import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

it("runs a job with progress, lets an extension call the application's operation, and exits by itself", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout).toContain("Counted 50/50");
  expect(stdout).toContain("counter: 50 items");
  expect(stdout).toContain("(checkpoint 5)");
  expect(stdout).toContain("Good warm morning, Ada");
});
