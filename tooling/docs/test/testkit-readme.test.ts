import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { codeBlocks, pagePath } from "../src/code-blocks.ts";

// Inside this package, so that a test finds the testkit and vitest as it would in an author's folder.
const parent = fileURLToPath(new URL("..", import.meta.url));

it("the tests in the testkit's README pass for the extension that each is run in", { timeout: 180_000 }, async () => {
  const vitest = join(parent, "node_modules", ".bin", "vitest");
  const blocks = codeBlocks("packages/testkit/README.md").filter(({ note }) => note?.startsWith("run in:"));
  expect(blocks.length).toBeGreaterThan(1);
  for (const { note, code } of blocks) {
    const folder = await mkdtemp(join(parent, ".extension-"));
    try {
      const extension = pagePath(`extensions/${note?.replace(/^run in:\s*/, "")}`);
      for (const part of ["manifest.json", "build"])
        await cp(join(extension, part), join(folder, part), { recursive: true });
      await writeFile(join(folder, "readme.test.ts"), code);
      const run = promisify(execFile)(vitest, ["run", "--root", folder], { cwd: folder });
      const { stdout } = await run.catch((error: { stdout: string; stderr: string }) => {
        throw new Error(`${error.stdout}\n${error.stderr}`);
      });
      expect(stdout).toContain("passed");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
});
