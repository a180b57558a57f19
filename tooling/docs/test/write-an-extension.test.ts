import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { codeBlocks } from "../src/code-blocks.ts";

const parent = fileURLToPath(new URL("..", import.meta.url));

it("docs/write-an-extension.md leads from nothing to a tested extension, block by block", {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(parent, ".extension-"));
  const bin = join(parent, "node_modules", ".bin");
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    NO_COLOR: "1",
    SPACEDRIVE_DATA_DIR: join(folder, ".data"),
  };
  let ran = 0;
  try {
    for (const block of codeBlocks("docs/write-an-extension.md")) {
      // `file: path` writes the block, `run` runs it line by line; a block without a note is only shown.
      const [verb, target] = (block.note ?? "").split(/:\s*/);
      if (verb === "file" && target !== undefined) {
        await mkdir(dirname(join(folder, target)), { recursive: true });
        await writeFile(join(folder, target), block.code);
      }
      if (verb === "run") {
        await promisify(execFile)("bash", ["-euo", "pipefail", "-c", block.code], { cwd: folder, env });
        ran++;
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  expect(ran).toBeGreaterThan(1);
});
