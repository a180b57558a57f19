import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

export interface PublishedPackage {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
}

/** The packages that go to the registry: everything in packages/ that is not private. */
export function publishedPackages(): PublishedPackage[] {
  return globSync("packages/*/package.json", { cwd: REPOSITORY })
    .sort()
    .flatMap((path) => {
      // Proof: package.json files of this repository are objects; what is missing reads as undefined.
      const manifest = JSON.parse(readFileSync(join(REPOSITORY, path), "utf8")) as { name?: string; private?: boolean };
      if (manifest.private === true || manifest.name === undefined) return [];
      return [{ name: manifest.name, folder: join(REPOSITORY, dirname(path)) }];
    });
}
