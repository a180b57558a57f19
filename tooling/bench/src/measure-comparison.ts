import type { Comparison } from "./comparison.ts";
import { ENGINES, type EngineName } from "./engines/engine.ts";
import { type Summary, summarize } from "./statistics.ts";
import { type MeasureOptions, takeSamples } from "./take-samples.ts";

/** What was measured of one line of the table of engines; without those that have no such figure. */
export interface ComparisonResult {
  readonly comparison: Comparison;
  readonly engines: ReadonlyMap<EngineName, Summary>;
}

/** Measures the same on each engine. */
export async function measureComparison(comparison: Comparison, options: MeasureOptions): Promise<ComparisonResult> {
  const samples = await takeSamples(comparison, options);
  const engines = new Map<EngineName, Summary>();
  for (const engine of ENGINES) {
    const own = samples.get(engine);
    if (own !== undefined) engines.set(engine, summarize(own, comparison.better));
  }
  return { comparison, engines };
}
