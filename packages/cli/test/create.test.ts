import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readOwnPackage } from "../src/own-package.js";
import { createProject } from "../src/create/create-project.js";
import { sdx, temporaryFolder } from "./sdx.js";

const own = { ...readOwnPackage(), folder: new URL("..", import.meta.url).pathname };
const FILES = [
  ".gitignore",
  "README.md",
  "asconfig.json",
  "assembly/index.ts",
  "assembly/tsconfig.json",
  "package.json",
  "test/my-tool.test.ts",
  "tsconfig.json",
];

function readJson(...path: string[]): Record<string, Record<string, string>> {
  return JSON.parse(readFileSync(join(...path), "utf8"));
}

function create(
  folder: string,
  options: { packages?: string; checkout?: string | null; node?: string | null } = {},
): ReturnType<typeof createProject> {
  const { packages, checkout = null, node = null } = options;
  const from = packages === undefined ? {} : { packages };
  return createProject({ folder, ...from, node, own: { ...own, checkout }, note: () => {} });
}

describe("a new project", () => {
  it("has an extension, its tests, and what builds them", () => {
    using temporary = temporaryFolder();
    const created = create(join(temporary.path, "my-tool"));
    expect(created.files).toEqual(FILES);
    const source = readFileSync(join(created.folder, "assembly/index.ts"), "utf8");
    expect(source).toContain('@extension({ id: "my-tool", name: "My Tool"');
    expect(source).toContain("class MyTool {");
    for (const file of FILES) expect(readFileSync(join(created.folder, file), "utf8")).not.toContain("{{");
  });

  it("builds before it tests", () => {
    using temporary = temporaryFolder();
    const { folder } = create(join(temporary.path, "my-tool"));
    expect(readJson(folder, "package.json")["scripts"]).toMatchObject({
      build: "sdx build",
      test: "sdx build && vitest run",
    });
  });

  it("names the versions that this package is tested with", () => {
    using temporary = temporaryFolder();
    const { folder } = create(join(temporary.path, "my-tool"));
    const { assemblyscript, vitest, "@types/node": types } = readJson(folder, "package.json")["devDependencies"] ?? {};
    const workspace = readFileSync(join(own.folder, "../../pnpm-workspace.yaml"), "utf8");
    expect(workspace).toContain(`assemblyscript: ${assemblyscript}\n`);
    expect(workspace).toContain(`vitest: ${vitest}\n`);
    expect(workspace).toContain(`'@types/node': ${types}\n`);
  });

  it("takes its packages from the registry where sdx was installed", () => {
    using temporary = temporaryFolder();
    const content = readJson(create(join(temporary.path, "my-tool")).folder, "package.json");
    expect(content["devDependencies"]).toMatchObject({
      [`${own.scope}/cli`]: `^${own.version}`,
      [`${own.scope}/sdk`]: `^${own.version}`,
      [`${own.scope}/testkit`]: `^${own.version}`,
    });
    expect(content).not.toHaveProperty("overrides");
  });

  it("takes all of them from a folder of tarballs with --packages, what they need of each other too", () => {
    using temporary = temporaryFolder();
    const tarballs = join(temporary.path, "tarballs");
    mkdirSync(tarballs);
    const prefix = own.scope.slice(1);
    for (const name of ["cli", "sdk", "testkit", "wire"])
      writeFileSync(join(tarballs, `${prefix}-${name}-${own.version}.tgz`), "");
    const content = readJson(create(join(temporary.path, "my-tool"), { packages: tarballs }).folder, "package.json");
    expect(content["devDependencies"]?.[`${own.scope}/wire`]).toBe(
      `file:../tarballs/${prefix}-wire-${own.version}.tgz`,
    );
    expect(content["overrides"]?.[`${own.scope}/wire`]).toBe(`$${own.scope}/wire`);
  });

  it("is not made where a tarball is missing", () => {
    using temporary = temporaryFolder();
    const folder = join(temporary.path, "my-tool");
    expect(() => create(folder, { packages: temporary.path })).toThrow(/does not hold .*-cli-/);
    expect(existsSync(folder)).toBe(false);
  });

  it("brings a Node of its own where the system's is too old, and lets npm install it", () => {
    using temporary = temporaryFolder();
    const content = readJson(create(join(temporary.path, "my-tool"), { node: "26.10.0" }).folder, "package.json");
    expect(content["devDependencies"]?.["node"]).toBe("26.10.0");
    expect(content["allowScripts"]).toEqual({ node: true });
  });
});

describe("sdx create", () => {
  it("packs the checkout that it runs from, and says so", async () => {
    using temporary = temporaryFolder();
    const { code, stdout, stderr } = await sdx(["create", "my-tool"], { cwd: temporary.path });
    expect(code).toBe(0);
    expect(stdout).toContain("cd my-tool\n  npm install\n  npm test");
    expect(stderr).toContain("packed into .sdx/packages");
    const packed = readdirSync(join(temporary.path, "my-tool/.sdx/packages"));
    expect(packed).toContain(`${own.scope.slice(1)}-testkit-${own.version}.tgz`);
  });

  it("refuses a folder with something in it, and leaves that alone", async () => {
    using temporary = temporaryFolder();
    mkdirSync(join(temporary.path, "my-tool"));
    writeFileSync(join(temporary.path, "my-tool/notes.txt"), "mine");
    const { code, stderr } = await sdx(["create", "my-tool"], { cwd: temporary.path });
    expect(code).toBe(1);
    expect(stderr).toContain("is not empty (it holds notes.txt)");
    expect(readdirSync(join(temporary.path, "my-tool"))).toEqual(["notes.txt"]);
  });

  it.each([
    ["Hello", "upper-case"],
    ["query", "the host's own"],
    ["node_modules", "npm refuses it"],
    ["-x", "letter or digit"],
    ["a".repeat(65), "longer than 64"],
    ["näh", "only lower-case letters"],
  ])("refuses the name %s with the reason", async (name, reason) => {
    const { code, stderr } = await sdx(["create", "--", name], { cwd: tmpdir() });
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
  });
});
