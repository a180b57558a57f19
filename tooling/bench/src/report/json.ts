import type { Machine } from "../machine.ts";
import type { ComparisonResult } from "../measure-comparison.ts";
import type { Result } from "../result.ts";

/** The run as data: everything of the tables, and the names of the contenders. */
export function formatJson(
  machine: Machine,
  results: readonly Result[],
  comparisons: readonly ComparisonResult[],
): string {
  return JSON.stringify({ machine, figures: results.map(toRecord), engines: comparisons.map(toComparison) }, null, 2);
}

/** An engine without such a figure says why. */
function toComparison({ comparison, engines }: ComparisonResult): unknown {
  const { name, title, unit, better } = comparison;
  const each = Object.entries(comparison.engines).map(([engine, how]) => {
    const summary = [...engines].find(([measured]) => measured === engine)?.[1];
    return "because" in how ? { engine, because: how.because } : { engine, name: how.name, ...summary };
  });
  return { name, title, unit, better, engines: each };
}

function toRecord({ figure, subject, floor, peer, floors, peers, verdicts }: Result): unknown {
  return {
    name: figure.name,
    title: figure.title,
    unit: figure.unit,
    better: figure.better,
    subject: { name: figure.subject.name, ...subject },
    floor: floor === null ? null : { name: figure.floor?.name, ...floor },
    peer: peer === null ? null : { name: figure.peer?.name, ...peer },
    floors,
    peers,
    targets: verdicts.map(({ text, met }) => ({ text, met })),
  };
}
