import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks, pagePath } from "../src/code-blocks.ts";

// Inside this package, so that a program finds what it imports as it would in an application's folder.
const parent = fileURLToPath(new URL("..", import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(parent, ".readme-"));
  await symlink(pagePath("extensions"), join(folder, "extensions"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

// The other packages' READMEs are run by their own tests.
const programs = ["README.md", "packages/wire/README.md"].map((page) => ({
  page,
  code: codeBlocks(page).find((block) => block.language === "ts")?.code ?? "",
}));

describe("the programs of the READMEs", () => {
  it.each(programs)("$page: the program runs and exits by itself", async ({ page, code }) => {
    const file = join(folder, `${page.replaceAll("/", "-")}.mts`);
    await writeFile(file, code);
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder, timeout: 15_000 });
    expect(stdout).not.toBe("");
  });
});
