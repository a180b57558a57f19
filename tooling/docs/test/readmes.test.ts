import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks } from "../src/code-blocks.ts";

// Inside this package, so that a program finds what it imports as it would in an application's folder.
const parent = fileURLToPath(new URL("..", import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(parent, ".readme-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const programs = [
  "README.md",
  "packages/wire/README.md",
  "packages/core/README.md",
  "packages/jobs/README.md",
  "packages/runtime/README.md",
].flatMap((page) =>
  codeBlocks(page)
    .filter((b) => b.language === "ts")
    .map((block, index) => ({ page, index, block })),
);

describe("the programs of the READMEs", () => {
  it.each(programs)("$page, block $index, runs and exits by itself", async ({ page, index, block }) => {
    const file = join(folder, `${page.replaceAll("/", "-")}-${index}.mts`);
    await writeFile(file, block.code);
    const env = { ...process.env, NO_COLOR: "1" };
    await promisify(execFile)(process.execPath, [file], { cwd: folder, env, timeout: 15_000 });
  });

  it("are all there", () => {
    expect(programs.map((p) => p.page)).toContain("README.md");
    expect(programs.length).toBeGreaterThanOrEqual(5);
  });
});
