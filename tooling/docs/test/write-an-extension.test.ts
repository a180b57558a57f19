import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { codeBlocks } from "../src/code-blocks.ts";

const parent = fileURLToPath(new URL("..", import.meta.url));

it("docs/write-an-extension.md leads from nothing to a tested extension, block by block", {
  timeout: 600_000,
}, async () => {
  const folder = await mkdtemp(join(parent, ".extension-"));
  const bin = join(parent, "node_modules", ".bin");
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    NO_COLOR: "1",
    SPACEDRIVE_DATA_DIR: join(folder, ".data"),
  };
  const cwdFile = join(folder, ".cwd");
  // In an installed project npx finds sdx; here it lies on the PATH.
  const script = (code: string): string => `npx() { "$@"; }\n${code}\npwd > "$CWD_FILE"\n`;
  let cwd = folder;
  let ran = 0;
  try {
    for (const block of codeBlocks("docs/write-an-extension.md")) {
      // `file: path` writes the block, `run` runs it; a block without a note is only shown.
      const [verb, target] = (block.note ?? "").split(/:\s*/);
      if (verb === "file" && target !== undefined) {
        await mkdir(dirname(join(cwd, target)), { recursive: true });
        await writeFile(join(cwd, target), block.code);
      }
      if (verb === "run") {
        const options = { cwd, env: { ...env, CWD_FILE: cwdFile } };
        await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script(block.code)], options);
        cwd = (await readFile(cwdFile, "utf8")).trim();
        ran++;
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  expect(ran).toBeGreaterThan(1);
});
