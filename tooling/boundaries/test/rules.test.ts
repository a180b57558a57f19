import { SCOPE } from "@spacedrive/rename-scope";
import { expect, it } from "vitest";
import type { Arrows } from "../src/arrows.ts";
import { findViolations } from "../src/find-violations.ts";
import { temporaryTree } from "./temporary-tree.ts";

const arrows: Arrows = {
  packages: {
    "packages/low": [],
    "packages/high": ["packages/low"],
    "extensions/*": ["packages/low"],
    "tooling/settings": [],
  },
  settings: ["tooling/settings"],
  zones: { "packages/high": { ".": [], port: [], "port/sqlite": ["port"], "port/rows.ts": [], use: ["port"] } },
  jsonParse: ["packages/low/src/envelope.ts"],
  defaultExports: ["*.config.ts", "packages/high/transform/index.ts"],
};

const low = { name: `${SCOPE}/low`, exports: { ".": "./dist/index.js", "./extra": "./dist/extra.js" } };
const high = { name: `${SCOPE}/high`, exports: "./dist/index.js", dependencies: { [low.name]: "workspace:*" } };

type Files = Readonly<Record<string, string | object>>;

/** `file:line rule` of each violation in a workspace of two packages and what the test adds. */
function check(files: Files, table: Arrows = arrows): string[] {
  return explain(files, table).map(({ file, line, rule }) => `${file}:${line} ${rule}`);
}

function explain(files: Files, table: Arrows = arrows): ReturnType<typeof findViolations> {
  using tree = temporaryTree({ "packages/low/package.json": low, "packages/high/package.json": high, ...files });
  return findViolations(tree.root, table);
}

it("finds nothing in a workspace that keeps the rules", () => {
  const found = check({
    "packages/low/src/index.ts": `export { a } from "./a.js";`,
    "packages/low/src/a.ts": `import { readFileSync } from "node:fs";\nexport const a = readFileSync;`,
    "packages/high/src/index.ts": `export { b } from "./use/b.js";`,
    "packages/high/src/use/b.ts": `import { a } from "${low.name}";\nimport "${low.name}/extra";\nexport const b = a;`,
  });
  expect(found).toEqual([]);
});

it("refuses an arrow between packages that the table lacks, at its line", () => {
  const found = explain({ "packages/low/src/a.ts": `\nimport { b } from "${high.name}";\nexport const a = b;` });
  expect(found.find(({ rule }) => rule === "package-arrows")).toMatchObject({
    file: "packages/low/src/a.ts",
    line: 2,
    message: expect.stringContaining("packages/low may not use packages/high"),
  });
});

it.each([
  [`import type { B } from "@/high";`],
  [`export type { B } from "@/high";`],
  [`export * from "@/high";`],
  [`export const b = await import("@/high");`],
  [`export type B = import("@/high").B;`],
  [`const b = require("@/high");\nexport { b };`],
])("sees the arrow of %s", (code) => {
  const text = code.replace("@/high", high.name);
  expect(check({ "packages/low/src/a.ts": text })).toContain("packages/low/src/a.ts:1 package-arrows");
});

it("takes neither text nor a comment for an import", () => {
  const code = `// import "${high.name}";\nexport const text = 'import "${high.name}"';`;
  const one = { name: `${SCOPE}/one`, private: true };
  const found = check({
    "packages/low/src/a.ts": code,
    "extensions/one/package.json": one,
    "extensions/one/assembly/index.ts": code,
  });
  expect(found).toEqual([]);
});

it("refuses a dependency in package.json that the table lacks", () => {
  const found = check({ "packages/low/package.json": { ...low, devDependencies: { [high.name]: "workspace:*" } } });
  expect(found).toEqual(["packages/low/package.json:1 package-arrows"]);
});

it("lets every package use shared settings", () => {
  const settings = { name: `${SCOPE}/settings`, private: true, exports: { ".": "./index.ts" } };
  const found = check({
    "tooling/settings/package.json": settings,
    "packages/low/package.json": { ...low, devDependencies: { [settings.name]: "workspace:*" } },
    "packages/low/vitest.config.ts": `import "${settings.name}";\nexport default {};`,
  });
  expect(found).toEqual([]);
});

it("refuses a package that is not in the table", () => {
  expect(check({ "packages/new/package.json": { name: `${SCOPE}/new` } })).toEqual([
    "packages/new/package.json:1 package-arrows",
  ]);
});

it("refuses a table of packages that goes round", () => {
  const packages = { ...arrows.packages, "packages/low": ["packages/high"] };
  const found = explain({}, { ...arrows, packages });
  expect(found.map(({ message }) => message)).toEqual([
    "The table goes round: packages/high → packages/low → packages/high. Take one arrow out.",
  ]);
});

it("refuses an arrow between folders that the table lacks", () => {
  const found = check({
    "packages/high/src/port/store.ts": `import type { B } from "../use/b.js";\nexport type A = B;`,
    "packages/high/src/use/b.ts": `export type B = 1;`,
  });
  expect(found).toEqual(["packages/high/src/port/store.ts:1 zone-arrows"]);
});

it("tells a folder from the adapter folder inside it", () => {
  const port = `export const port = 1;`;
  const found = check({
    "packages/high/src/port/store.ts": `import { open } from "./sqlite/open.js";\nexport const store = open;`,
    "packages/high/src/port/other.ts": port,
    "packages/high/src/port/sqlite/open.ts": `import { port } from "../other.js";\nexport const open = port;`,
  });
  expect(found).toEqual(["packages/high/src/port/store.ts:1 zone-arrows"]);
});

it("gives a single file arrows of its own", () => {
  const found = check({
    "packages/high/src/port/rows.ts": `export { store } from "./store.js";`,
    "packages/high/src/port/store.ts": `export const store = 1;`,
  });
  expect(found).toEqual(["packages/high/src/port/rows.ts:1 zone-arrows"]);
});

it("refuses a folder that the table does not name", () => {
  expect(check({ "packages/low/src/engine/run.ts": `export const run = 1;` })).toEqual([
    "packages/low/src/engine/run.ts:1 zone-arrows",
  ]);
});

it("refuses a table of folders that goes round", () => {
  const zones = { "packages/high": { port: ["use"], use: ["port"] } };
  expect(explain({}, { ...arrows, zones }).map(({ message }) => message)).toEqual([
    "The zones of packages/high go round: port → use → port. Take one arrow out.",
  ]);
});

it("lets a test import any folder of its package", () => {
  const found = check({
    "packages/high/src/port/store.test.ts": `import { b } from "../use/b.js";\nb;`,
    "packages/high/src/use/b.ts": `export const b = 1;`,
  });
  expect(found).toEqual([]);
});

it("refuses an import of the package's own door", () => {
  const found = check({
    "packages/low/src/a.ts": `import type { B } from "./index.js";\nexport type A = B;`,
    "packages/low/src/index.ts": `export type B = 1;`,
  });
  expect(found).toEqual(["packages/low/src/a.ts:1 zone-arrows"]);
});

it("refuses a way into a package that its exports do not name", () => {
  const found = check({ "packages/high/src/a.ts": `import "${low.name}/src/a.js";\nexport {};` });
  expect(found).toEqual(["packages/high/src/a.ts:1 doors"]);
});

it("refuses a relative path out of the package", () => {
  const found = check({
    "packages/high/test/a.test.ts": `import { a } from "../../low/src/a.js";\na;`,
    "packages/low/src/a.ts": `export const a = 1;`,
  });
  expect(found).toEqual(["packages/high/test/a.test.ts:1 doors"]);
});

it("refuses an import that package.json does not declare", () => {
  expect(check({ "packages/low/src/a.ts": `import "zod/v4";\nexport {};` })).toEqual([
    "packages/low/src/a.ts:1 declared-dependencies",
  ]);
});

it("keeps devDependencies to tests and settings", () => {
  const found = check({
    "packages/low/package.json": { ...low, devDependencies: { "@types/x": "1", zod: "4" } },
    "packages/low/src/a.ts": `import type { Z } from "zod";\nexport type A = Z;`,
    "packages/low/src/a.test.ts": `import "zod";`,
    "packages/low/test/b.ts": `import "zod";`,
    "packages/low/tsup.config.ts": `import "zod";`,
  });
  expect(found).toEqual(["packages/low/src/a.ts:1 declared-dependencies"]);
});

it("refuses files that import each other in a circle", () => {
  const found = explain({
    "packages/low/src/a.ts": `import { b } from "./b.js";\nexport const a = b;`,
    "packages/low/src/b.ts": `import { c } from "./c.js";\nexport const b = c;`,
    "packages/low/src/c.ts": `\nimport { a } from "./a.js";\nexport const c = a;`,
  });
  expect(found).toEqual([
    {
      file: "packages/low/src/c.ts",
      line: 2,
      rule: "import-loops",
      message: expect.stringContaining("src/a.ts → src/b.ts → src/c.ts → src/a.ts"),
    },
  ]);
});

it("lets a type import close a circle, and not an import that only its names make types", () => {
  const b = `import { a } from "./a.js";\nexport const b = a;\nexport type B = 1;`;
  const erased = `import type { B } from "./b.js";\nexport const a: B = 1;`;
  const kept = `import { type B } from "./b.js";\nexport const a: B = 1;`;
  expect(check({ "packages/low/src/a.ts": erased, "packages/low/src/b.ts": b })).toEqual([]);
  expect(check({ "packages/low/src/a.ts": kept, "packages/low/src/b.ts": b })).toHaveLength(1);
});

it.each([[`JSON.parse(text)`], [`JSON["parse"](text)`], [`[text].map(JSON.parse)`]])(
  "refuses %s outside its one file",
  (code) => {
    const text = `declare const text: string;\nexport const value: unknown = ${code};`;
    expect(check({ "packages/low/src/a.ts": text })).toEqual(["packages/low/src/a.ts:2 json-parse"]);
    expect(check({ "packages/low/src/envelope.ts": text })).toEqual([]);
    expect(check({ "packages/low/src/a.test.ts": text })).toEqual([]);
  },
);

it("refuses JSON.parse under another name, and allows JSON.stringify", () => {
  expect(check({ "packages/low/src/a.ts": `const { parse } = JSON;\nexport { parse };` })).toHaveLength(1);
  expect(check({ "packages/low/src/a.ts": `export const text = JSON.stringify(1);` })).toEqual([]);
});

it.each([
  ["export default 1;"],
  ["const a = 1;\nexport { a as default };"],
  [`export { a as default } from "./b.js";`],
])("refuses the default export of %s", (code) => {
  expect(check({ "packages/low/src/a.ts": code }).join()).toMatch(/a\.ts:\d default-exports$/);
  expect(check({ "packages/low/vitest.config.ts": code })).toEqual([]);
});

it.each([["utils.ts"], ["helpers.ts"], ["common.ts"], ["util.test.ts"], ["types/job.ts"], ["rateLimiter.ts"]])(
  "refuses the file name %s",
  (name) => {
    const zones = { "packages/low": { ".": [], types: [] } };
    const found = check({ [`packages/low/src/${name}`]: "export {};" }, { ...arrows, zones });
    expect(found.join()).toMatch(/:1 file-names$/);
  },
);

it("refuses a file above 400 lines", () => {
  expect(check({ "packages/low/src/a.ts": "export {};\n".repeat(400) })).toEqual([]);
  expect(check({ "packages/low/src/a.ts": "export {};\n".repeat(401) })).toEqual([
    "packages/low/src/a.ts:401 file-lengths",
  ]);
});

it("refuses a package outside the scope, and lets an extension have any name", () => {
  expect(check({ "packages/low/package.json": { ...low, name: "low" } })).toContain(
    "packages/low/package.json:1 scope",
  );
  expect(check({ "extensions/one/package.json": { name: "one", private: true } })).toEqual([]);
});

it("names an unknown folder once", () => {
  const found = explain({
    "packages/low/src/engine/a.ts": "export {};",
    "packages/low/src/engine/deep/b.ts": "export {};",
  });
  expect(found.map(({ message }) => message)).toEqual([expect.stringContaining('"engine" is not in the table')]);
});

it("reads the imports of AssemblyScript, which is not TypeScript, and leaves its circles alone", () => {
  const code = `// A comment's quote
export class Text { name: string = "from"; }
@inline export function f(): u32 { return <u32>1 }
import { a } from "@/high";
export * from "./b";`;
  const found = check({
    "extensions/one/package.json": { name: `${SCOPE}/one`, private: true, devDependencies: { [high.name]: "*" } },
    "extensions/one/assembly/index.ts": code.replace("@/high", high.name),
    "extensions/one/assembly/b.ts": `import "./index";`,
  });
  expect(found).toEqual([
    "extensions/one/assembly/index.ts:4 package-arrows",
    "extensions/one/package.json:1 package-arrows",
  ]);
});

it("leaves out what is built, and data of other projects", () => {
  const bad = `export default JSON.parse("1");`;
  const found = check({
    "packages/low/dist/a.js": bad,
    "packages/low/node_modules/x/a.js": bad,
    "packages/low/templates/x/utils.ts": bad,
    "packages/low/test/fixtures/a.ts": bad,
  });
  expect(found).toEqual([]);
});
