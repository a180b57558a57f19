import { isBuiltin } from "node:module";
import { posix } from "node:path";
import type { Import, SourceFile } from "./source-file.ts";
import type { Workspace, WorkspacePackage } from "./workspace.ts";

/** Where an import leads. */
export type Target =
  /** A file of the workspace, reached by a relative path. `file` is null where it is not a source: built, or JSON. */
  | { readonly kind: "file"; readonly path: string; readonly file: SourceFile | null }
  /** A package, by name; `pkg` is null where it is not one of ours. */
  | { readonly kind: "package"; readonly name: string; readonly door: string; readonly pkg: WorkspacePackage | null }
  /** `node:fs`. */
  | { readonly kind: "platform" };

export type Resolve = (from: SourceFile, imported: Import) => Target;

/** Resolution as the compilers do it: `./a.js` is `a.ts`, AssemblyScript's `./a` is `a.ts` or `a/index.ts`. */
export function createResolve(workspace: Workspace): Resolve {
  const files = new Map(workspace.packages.flatMap((pkg) => pkg.files.map((file) => [file.path, file] as const)));
  const packages = new Map(workspace.packages.map((pkg) => [pkg.name, pkg]));

  return (from, { specifier }) => {
    if (isBuiltin(specifier)) return { kind: "platform" };
    if (specifier.startsWith(".")) {
      const path = posix.join(posix.dirname(from.path), specifier);
      const candidates = [path.replace(/\.(m?)js$/, ".$1ts"), path, `${path}.ts`, `${path}/index.ts`];
      const found = candidates.find((candidate) => files.has(candidate));
      return { kind: "file", path: found ?? path, file: (found !== undefined && files.get(found)) || null };
    }
    const segments = specifier.split("/");
    const name = segments.splice(0, specifier.startsWith("@") ? 2 : 1).join("/");
    return { kind: "package", name, door: ["."].concat(segments).join("/"), pkg: packages.get(name) ?? null };
  };
}
