import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { readSourceFile, type SourceFile } from "./source-file.ts";

/** A folder of the workspace with a package.json. */
export interface WorkspacePackage {
  /** `packages/wire`. */
  readonly folder: string;
  readonly name: string;
  readonly published: boolean;
  /** The doors: keys of `exports`, as `.` or `./conformance`. */
  readonly doors: readonly string[];
  /** What its users get with it: dependencies, peer and optional ones. */
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
  readonly files: readonly SourceFile[];
}

export interface Workspace {
  readonly root: string;
  readonly packages: readonly WorkspacePackage[];
}

const FOLDERS = ["packages/*", "extensions/*", "examples/*", "tooling/*"];
const SOURCES = "**/*.{ts,mts,js,mjs}";
/** Made by a build, or data: templates and fixtures are files of somebody else's project. */
const NOT_SOURCES = new Set(["node_modules", "dist", "build", "fixtures", "templates"]);

export function readWorkspace(root: string): Workspace {
  const packages = globSync(FOLDERS, { cwd: root })
    .map((folder) => folder.split(sep).join("/"))
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .sort()
    .map((folder) => readPackage(root, folder));
  return { root, packages };
}

function readPackage(root: string, folder: string): WorkspacePackage {
  const manifest = readManifest(join(root, folder, "package.json"));
  const names = (field: string): string[] => Object.keys(recordOf(manifest[field]));
  const exports = manifest["exports"];
  const doors = typeof exports === "string" ? ["."] : Object.keys(recordOf(exports));
  return {
    folder,
    name: typeof manifest["name"] === "string" ? manifest["name"] : "",
    published: manifest["private"] !== true,
    doors,
    dependencies: new Set([...names("dependencies"), ...names("peerDependencies"), ...names("optionalDependencies")]),
    devDependencies: new Set(names("devDependencies")),
    files: sourcesOf(root, folder).map((path) => readSourceFile(join(root, path), path)),
  };
}

function sourcesOf(root: string, folder: string): string[] {
  const base = join(root, folder);
  // tooling/build is a package, so only what lies below the package's own folder decides.
  const skipped = (path: string): boolean => path.split(sep).some((part) => NOT_SOURCES.has(part));
  return globSync(SOURCES, { cwd: base, exclude: (path) => skipped(relative(base, join(base, path))) })
    .filter((path) => !skipped(path) && !path.endsWith(".d.ts"))
    .sort()
    .map((path) => `${folder}/${path.split(sep).join("/")}`);
}

function readManifest(path: string): Record<string, unknown> {
  return recordOf(JSON.parse(readFileSync(path, "utf8")));
}

function recordOf(value: unknown): Record<string, unknown> {
  // Proof: a non-null object can be read by any string key.
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** Tests, settings and steps of the build may use what users of the package do not get. */
export function isForDevelopment(pkg: WorkspacePackage, path: string): boolean {
  const inside = path.slice(pkg.folder.length + 1);
  return (
    /^(test|scripts)\//.test(inside) || /\.test\.[mc]?[jt]s$/.test(inside) || /^[^/]+\.config\.[mc]?[jt]s$/.test(inside)
  );
}
