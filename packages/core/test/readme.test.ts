import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { makeFiles } from "./make-files.js";
import { tempFolder } from "./temp-folder.js";

const packageFolder = fileURLToPath(new URL("..", import.meta.url));

describe("the README", () => {
  it("has a program that runs and prints what it found", async () => {
    const readme = await readFile(join(packageFolder, "README.md"), "utf8");
    const program = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
    await using dir = await tempFolder();
    makeFiles(join(dir.path, "photos"), ["summer/beach.jpg"]);
    // Inside the package, so that it finds the package by its name.
    const file = join(packageFolder, "build", `readme-${process.pid}.ts`);
    await mkdir(join(packageFolder, "build"), { recursive: true });
    await writeFile(file, program);
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: dir.path });
      expect(stdout).toContain("completed 1 Indexed photos");
      expect(stdout).toContain("summer/beach.jpg 16");
    } finally {
      await rm(file);
    }
  });
});
