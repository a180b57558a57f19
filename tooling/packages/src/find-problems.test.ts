import { expect, it } from "vitest";
import { findProblems } from "./find-problems.ts";
import type { PackedPackage } from "./packed-package.ts";

const expected = { license: "MIT License", node: ">=24", repository: "/home/someone/extensions" };

const manifest = {
  name: "@scope/one",
  version: "0.1.0",
  description: "One.",
  license: "MIT",
  type: "module",
  repository: { type: "git" },
  engines: { node: ">=24" },
  exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" }, "./package.json": "./package.json" },
  files: ["dist"],
  publishConfig: { access: "public" },
  dependencies: { "@scope/two": "0.1.0" },
};
const contents = {
  "package.json": "{}",
  "README.md": "# One",
  LICENSE: expected.license,
  "dist/index.js": "export {};",
  "dist/index.d.ts": "export {};",
};

function problems(change: { manifest?: object; files?: Readonly<Record<string, string | null>> }): string[] {
  const all: Record<string, string | null> = { ...contents, ...change.files };
  const packed: PackedPackage = {
    manifest: { ...manifest, ...change.manifest },
    files: Object.keys(all).filter((path) => all[path] !== null),
    read: (path) => all[path] ?? "",
  };
  return findProblems(packed, expected);
}

it("finds nothing in a package that is fit to publish", () => {
  expect(problems({})).toEqual([]);
});

it.each(["name", "version", "description", "license", "exports", "files", "repository"])(
  "asks for %s in package.json",
  (field) => {
    expect(problems({ manifest: { [field]: undefined } })).toContain(`package.json has no "${field}"`);
  },
);

it("asks for ESM, the least Node and public access", () => {
  expect(problems({ manifest: { type: "commonjs" } })).toEqual(['package.json: "type" is not "module"']);
  expect(problems({ manifest: { engines: { node: ">=20" } } })).toEqual([
    'package.json: engines.node is ">=20", not ">=24"',
  ]);
  expect(problems({ manifest: { publishConfig: {} } })).toEqual(['package.json: publishConfig.access is not "public"']);
});

it("asks for a README and for the repository's LICENSE", () => {
  expect(problems({ files: { "README.md": null, LICENSE: null } })).toEqual([
    "README.md is missing",
    "LICENSE is missing",
  ]);
  expect(problems({ files: { LICENSE: "GPL" } })).toEqual(["LICENSE is not the one of the repository"]);
});

it.each(["dist/a.test.js", "test/a.js", "vitest.config.ts", "tsconfig.json", "dist/a.d.ts.map"])(
  "refuses to publish %s",
  (path) => {
    expect(problems({ files: { [path]: "" } })).toHaveLength(1);
    expect(problems({ files: { [`templates/x/${path}`]: "" } })).toEqual([]);
  },
);

it("refuses a file that names the folder it was built in", () => {
  expect(problems({ files: { "dist/index.js.map": `{"sources":["${expected.repository}/a.ts"]}` } })).toEqual([
    "dist/index.js.map names the folder of the machine that built it",
  ]);
});

it("follows every door and every command to its file", () => {
  const exports = { ".": "./a.json", "./b": { types: "./b.d.ts", default: "./dist/index.js" } };
  expect(problems({ manifest: { exports, bin: { sdx: "./bin/sdx.js" } } })).toEqual([
    'exports "." leads to ./a.json, which is not in the package',
    'exports "./b" leads to ./b.d.ts, which is not in the package',
    'bin "sdx" leads to ./bin/sdx.js, which is not in the package',
  ]);
});

it("asks for the types of a JavaScript door", () => {
  const found = ['exports "." has no types'];
  expect(problems({ manifest: { exports: { ".": "./dist/index.js" } } })).toEqual(found);
  expect(problems({ manifest: { exports: { ".": { default: "./dist/index.js" } } } })).toEqual(found);
});

it.each(["workspace:*", "catalog:", "file:../two", "link:../two"])("refuses a dependency that is still %s", (range) => {
  expect(problems({ manifest: { peerDependencies: { two: range } } })).toEqual([
    `peerDependencies: two is still "${range}"`,
  ]);
});
