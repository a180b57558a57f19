import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { renameScope } from "./rename-scope.ts";
import { SCOPE } from "./scope.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

interface TemporaryRepository extends Disposable {
  readonly root: string;
  read(path: string): string;
}

function temporaryRepository(): TemporaryRepository {
  const root = mkdtempSync(join(tmpdir(), "rename-scope-"));
  execFileSync("git", ["init", "--quiet"], { cwd: root });
  return {
    root,
    read: (path) => readFileSync(join(root, path), "utf8"),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

it("renames the scope and leaves every other word alone", () => {
  using copy = temporaryRepository();
  const text = (scope: string): string =>
    `import "${scope}/wire"; const all = ["${scope}/*", "${scope}"]; // ${SCOPE}-labs/x me${SCOPE}.com spacedrive_call`;
  writeFileSync(join(copy.root, "a.ts"), text(SCOPE));
  expect(renameScope(copy.root, "@acme")).toEqual(["a.ts"]);
  expect(copy.read("a.ts")).toBe(text("@acme"));
});

it("leaves ignored and binary files alone", () => {
  using copy = temporaryRepository();
  writeFileSync(join(copy.root, ".gitignore"), "dist/\n");
  mkdirSync(join(copy.root, "dist"));
  writeFileSync(join(copy.root, "dist/a.js"), `import "${SCOPE}/wire";`);
  writeFileSync(join(copy.root, "a.wasm"), `\0asm ${SCOPE}/wire`);
  expect(renameScope(copy.root, "@acme")).toEqual([]);
});

it("refuses what is no scope", () => {
  expect(() => renameScope(repository, "acme")).toThrow('"acme" is not an npm scope');
});

it("leaves no trace of the old scope in this repository, and can be run again", () => {
  using copy = temporaryRepository();
  const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: repository }).toString("utf8").split("\0");
  const present = tracked.filter((path) => path !== "" && existsSync(join(repository, path)));
  const files = present.filter((path) => /(^|\/)(package\.json|pnpm-lock\.yaml|[^/]*\.(ts|js|md|ya?ml))$/.test(path));
  for (const path of files) {
    mkdirSync(dirname(join(copy.root, path)), { recursive: true });
    cpSync(join(repository, path), join(copy.root, path));
  }
  renameScope(copy.root, "@acme");

  const left = files.filter((path) => new RegExp(`${SCOPE}/[a-z]`).test(copy.read(path)));
  expect(left).toEqual([]);
  expect(copy.read("tooling/rename-scope/src/scope.ts")).toContain('SCOPE = "@acme"');
  expect(copy.read("packages/wire/package.json")).toContain('"name": "@acme/wire"');
  expect(copy.read("pnpm-lock.yaml")).toContain("@acme/build");

  expect(renameScope(copy.root, "@other", "@acme")).not.toEqual([]);
  expect(copy.read("packages/wire/package.json")).toContain('"name": "@other/wire"');
});
