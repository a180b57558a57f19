import { readdir } from "node:fs/promises";
import type { Figure } from "./figure.ts";

const FOLDER = new URL("./figures/", import.meta.url);

/** Every figure of every file in `figures/`: those with a target first. */
export async function findFigures(): Promise<Figure[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".ts")).sort();
  const found = await Promise.all(files.map(readFigures));
  return found.flat().sort((a, b) => Number(b.targets.length > 0) - Number(a.targets.length > 0));
}

async function readFigures(file: string): Promise<readonly Figure[]> {
  const module: unknown = await import(new URL(file, FOLDER).href);
  if (typeof module === "object" && module !== null && "figures" in module && Array.isArray(module.figures)) {
    // Proof: a file of figures/ that exports `figures` types them as Figure[]; the compiler has checked each.
    return module.figures as readonly Figure[];
  }
  throw new Error(`src/figures/${file} exports no array "figures".`);
}
