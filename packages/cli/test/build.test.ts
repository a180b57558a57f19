import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { copyOf } from "./hello.js";
import { sdx, temporaryFolder } from "./sdx.js";

const hello = inject("hello");

describe("sdx build", () => {
  it("writes the manifest and the module that it names", async () => {
    const manifest = JSON.parse(readFileSync(join(hello, "manifest.json"), "utf8"));
    expect(manifest).toMatchObject({ id: "hello", wasm_file: "build/hello.wasm" });
    expect(existsSync(join(hello, manifest.wasm_file))).toBe(true);
  });

  it("prints what the compiler says, at the author's line, and fails with BUILD_FAILED", async () => {
    using temporary = temporaryFolder();
    const copy = copyOf(hello, temporary.path);
    const source = join(copy, "assembly/index.ts");
    writeFileSync(source, readFileSync(source, "utf8").replace("state.greeted++;", "state.gritted++;"));
    const { code, stdout, stderr } = await sdx(["build"], { cwd: copy });
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/ERROR TS\d+/);
    expect(stderr).toContain("state.gritted++;");
    expect(stderr).toMatch(/in assembly\/index\.ts\(\d+,\d+\)/);
    expect(stderr).toContain("(BUILD_FAILED)");
  });

  it("refuses what no host would load: a source without @extension, and a manifest that breaks a rule", async () => {
    using temporary = temporaryFolder();
    const copy = copyOf(hello, temporary.path);
    const source = join(copy, "assembly/index.ts");
    const text = readFileSync(source, "utf8");
    writeFileSync(source, "export function f(): void {}\n");
    const bare = await sdx(["build", copy]);
    expect(bare.code).toBe(1);
    expect(bare.stderr).toContain("no @extension class is here");
    expect(bare.stderr).toContain("in assembly/index.ts(1,1)");
    writeFileSync(source, text.replace('version: "0.1.0"', `version: "${"1".repeat(65)}"`));
    const long = await sdx(["build", copy]);
    expect(long.code).toBe(1);
    expect(long.stderr).toMatch(/manifest\.json: version: .*\(MANIFEST_INVALID\)/);
  });

  it("says what is missing in a folder that it cannot build", async () => {
    using temporary = temporaryFolder();
    const copy = copyOf(hello, temporary.path);
    rmSync(join(copy, "asconfig.json"));
    const { code, stderr } = await sdx(["build", copy]);
    expect(code).toBe(1);
    expect(stderr).toContain("has no asconfig.json");
  });

  it("says what to do where its packages are not installed", async () => {
    using temporary = temporaryFolder();
    const copy = copyOf(hello, temporary.path);
    const config = join(copy, "asconfig.json");
    writeFileSync(config, readFileSync(config, "utf8").replace("@spacedrive/sdk", "@spacedrive/not-installed"));
    const { code, stderr } = await sdx(["build"], { cwd: copy });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Cannot find module '@spacedrive\/not-installed.*run npm install/);
    expect(stderr).not.toContain("    at ");
  });

  it("says that a folder is not there, or is no extension", async () => {
    using temporary = temporaryFolder();
    expect(await sdx(["build", join(temporary.path, "nowhere")])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("There is no folder"),
    });
    expect(await sdx(["build", temporary.path])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("neither manifest.json (built) nor asconfig.json"),
    });
  });
});
