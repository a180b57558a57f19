import type { Figure } from "./figure.ts";
import { type Result, resultOf } from "./result.ts";
import { type MeasureOptions, takeSamples } from "./take-samples.ts";

/** Measures a figure and what stands beside it. */
export async function measureFigure(figure: Figure, options: MeasureOptions): Promise<Result> {
  return resultOf(figure, await takeSamples(figure, options));
}
