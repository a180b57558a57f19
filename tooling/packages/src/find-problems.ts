import type { PackedPackage } from "./packed-package.ts";

/** What the package is compared with. */
export interface Expectations {
  readonly license: string;
  /** The least Node, as `engines` must say it. */
  readonly node: string;
  /** The folder that no published file may name. */
  readonly repository: string;
}

const NEVER_PUBLISHED = [
  { pattern: /\.test\.|(^|\/)test\//, why: "is a test" },
  { pattern: /^(tsup|vitest)\.config\.|^tsconfig[^/]*\.json$/, why: "is a setting of this repository" },
  { pattern: /(^|\/)node_modules\//, why: "belongs to another package" },
  { pattern: /\.d\.ts\.map$/, why: 'maps to sources that are not published. Add "!dist/**/*.d.ts.map" to files' },
];
const TEXT_FILE = /\.([mc]?[jt]s|json|map|md|wat)$/;

/** Everything about a packed package that a user would stumble over; publint and attw look at the rest. */
export function findProblems(packed: PackedPackage, expected: Expectations): string[] {
  return [
    ...manifestProblems(packed.manifest, expected),
    ...fileProblems(packed, expected),
    ...doorProblems(packed),
    ...dependencyProblems(packed.manifest),
  ];
}

function* manifestProblems(manifest: PackedPackage["manifest"], expected: Expectations): Iterable<string> {
  for (const field of ["name", "version", "description", "license", "exports", "files", "repository"]) {
    if (manifest[field] === undefined) yield `package.json has no "${field}"`;
  }
  if (manifest["type"] !== "module") yield `package.json: "type" is not "module"`;
  const node = fieldsOf(manifest["engines"])["node"];
  if (node !== expected.node) yield `package.json: engines.node is ${JSON.stringify(node)}, not "${expected.node}"`;
  if (fieldsOf(manifest["publishConfig"])["access"] !== "public") {
    yield `package.json: publishConfig.access is not "public"`;
  }
}

function* fileProblems(packed: PackedPackage, expected: Expectations): Iterable<string> {
  if (!packed.files.includes("README.md")) yield "README.md is missing";
  if (!packed.files.includes("LICENSE")) yield "LICENSE is missing";
  else if (packed.read("LICENSE") !== expected.license) yield "LICENSE is not the one of the repository";

  for (const file of packed.files) {
    // A template is a project of its own: its tests and settings are what a user is given.
    if (file.startsWith("templates/")) continue;
    const found = NEVER_PUBLISHED.find(({ pattern }) => pattern.test(file));
    if (found !== undefined) yield `${file} ${found.why}`;
  }
  for (const file of packed.files) {
    if (TEXT_FILE.test(file) && packed.read(file).includes(expected.repository)) {
      yield `${file} names the folder of the machine that built it`;
    }
  }
}

/** Each door leads to a file, and each JavaScript door has its types. */
function* doorProblems({ manifest, files }: PackedPackage): Iterable<string> {
  const missing = (target: unknown): boolean =>
    typeof target === "string" && !target.includes("*") && !files.includes(target.replace(/^\.\//, ""));

  for (const [door, target] of Object.entries(fieldsOf(manifest["exports"]))) {
    const conditions = typeof target === "string" ? { default: target } : fieldsOf(target);
    for (const path of Object.values(conditions)) {
      if (missing(path)) yield `exports "${door}" leads to ${String(path)}, which is not in the package`;
    }
    const script = conditions["default"];
    if (typeof script === "string" && /\.[mc]?js$/.test(script) && conditions["types"] === undefined) {
      yield `exports "${door}" has no types`;
    }
  }
  for (const [name, path] of Object.entries(fieldsOf(manifest["bin"]))) {
    if (missing(path)) yield `bin "${name}" leads to ${String(path)}, which is not in the package`;
  }
}

function* dependencyProblems(manifest: PackedPackage["manifest"]): Iterable<string> {
  for (const field of ["dependencies", "peerDependencies", "optionalDependencies", "devDependencies"]) {
    for (const [name, range] of Object.entries(fieldsOf(manifest[field]))) {
      if (/^(workspace|catalog|file|link):/.test(String(range))) yield `${field}: ${name} is still "${String(range)}"`;
    }
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  // Proof: a non-null object can be read by any string key.
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
