import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Writes files below a folder, each with its own path as content. Not through the thread pool: thousands are faster so. */
export function makeFiles(root: string, paths: readonly string[]): void {
  for (const folder of new Set(paths.map((path) => dirname(join(root, path))))) mkdirSync(folder, { recursive: true });
  for (const path of paths) writeFileSync(join(root, path), path);
}

/** Paths of `count` files in folders of 100. */
export function manyPaths(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `folder-${Math.floor(i / 100)}/file-${i}.txt`);
}
