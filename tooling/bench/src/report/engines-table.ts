import type { EngineName } from "../engines/engine.ts";
import type { ComparisonResult } from "../measure-comparison.ts";
import { alignTable } from "./align-table.ts";
import { formatNumber } from "./format-number.ts";

const HEAD = ["engines", "shim", "node:wasi", "shim / it", "wasmer", "@wasmer/sdk", "wasmer / it", "core wasm"];

/** Each of ours beside what it stands on, and the default engine; medians. Why one has no figure stands below. */
export function formatEnginesTable(results: readonly ComparisonResult[]): string {
  const table = alignTable([HEAD, ...results.map(cellsOf)], (column) => column > 0);
  const reasons = results.flatMap(reasonsOf);
  return reasons.length === 0 ? table : `${table}\n\n${reasons.join("\n")}`;
}

function cellsOf({ comparison, engines }: ComparisonResult): string[] {
  const value = (engine: EngineName): string => {
    const summary = engines.get(engine);
    return summary === undefined ? "–" : `${formatNumber(summary.p50)} ${comparison.unit}`;
  };
  const ratio = (own: EngineName, bare: EngineName): string => {
    const [ours, floor] = [engines.get(own), engines.get(bare)];
    return ours === undefined || floor === undefined ? "–" : formatNumber(ours.p50 / floor.p50);
  };
  return [
    comparison.title,
    value("shim"),
    value("node:wasi"),
    ratio("shim", "node:wasi"),
    value("wasmer"),
    value("@wasmer/sdk"),
    ratio("wasmer", "@wasmer/sdk"),
    value("core"),
  ];
}

function reasonsOf({ comparison: { title, engines } }: ComparisonResult): string[] {
  return Object.entries(engines).flatMap(([engine, how]) =>
    "because" in how ? [`–: ${title}, ${engine}: ${how.because}.`] : [],
  );
}
