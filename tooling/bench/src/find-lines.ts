import { readdir } from "node:fs/promises";
import type { Comparison } from "./comparison.ts";
import type { Figure } from "./figure.ts";

const FOLDER = new URL("./figures/", import.meta.url);

/** The lines of both tables. */
export interface Lines {
  readonly figures: readonly Figure[];
  readonly comparisons: readonly Comparison[];
}

/** Every line of every file in `figures/`: figures with a target first. */
export async function findLines(): Promise<Lines> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".ts")).sort();
  const found = await Promise.all(files.map(readLines));
  return {
    figures: found
      .flatMap(({ figures }) => figures)
      .sort((a, b) => Number(b.targets.length > 0) - Number(a.targets.length > 0)),
    comparisons: found.flatMap(({ comparisons }) => comparisons),
  };
}

async function readLines(file: string): Promise<Lines> {
  const module: unknown = await import(new URL(file, FOLDER).href);
  if (typeof module === "object" && module !== null) {
    // Proof: a file of figures/ that exports these names types them so; the compiler has checked each.
    const { figures = [], comparisons = [] } = module as Partial<Lines>;
    if (figures.length + comparisons.length > 0) return { figures, comparisons };
  }
  throw new Error(`src/figures/${file} exports neither "figures" nor "comparisons".`);
}
