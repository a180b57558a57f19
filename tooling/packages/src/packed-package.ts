import { globSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";

/** What a user would get. */
export interface PackedPackage {
  readonly manifest: Readonly<Record<string, unknown>>;
  /** Paths with slashes, relative to the package. */
  readonly files: readonly string[];
  read(path: string): string;
}

export function readPackedPackage(folder: string): PackedPackage {
  const read = (path: string): string => readFileSync(join(folder, path), "utf8");
  return {
    // Proof: pnpm wrote this manifest from an object.
    manifest: JSON.parse(read("package.json")) as Record<string, unknown>,
    files: globSync("**/*", { cwd: folder })
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => path.split(sep).join("/"))
      .sort(),
    read,
  };
}
