import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Writes files below a folder, each with its own path as content. */
export async function makeFiles(root: string, paths: readonly string[]): Promise<void> {
  for (const folder of new Set(paths.map((path) => dirname(join(root, path))))) {
    await mkdir(folder, { recursive: true });
  }
  await Promise.all(paths.map((path) => writeFile(join(root, path), path)));
}

/** Paths of `count` files in folders of 100. */
export function manyPaths(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `folder-${Math.floor(i / 100)}/file-${i}.txt`);
}
