/** What is kept of a contender's samples. */
export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  /** The last at the bad end. */
  readonly worst: number;
  readonly mean: number;
}

/** `better` says which end is the bad one: p99 is the value that 99 % of the samples are at least as good as. */
export function summarize(samples: readonly number[], better: "lower" | "higher"): Summary {
  const sorted = Float64Array.from(samples).sort();
  if (better === "higher") sorted.reverse();
  return {
    count: sorted.length,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    worst: sorted.at(-1) ?? Number.NaN,
    mean: sorted.reduce((sum, sample) => sum + sample, 0) / sorted.length,
  };
}

function quantile(sorted: Float64Array, fraction: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}
