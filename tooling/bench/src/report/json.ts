import type { Machine } from "../machine.ts";
import type { Result } from "../result.ts";

/** The run as data: everything of the table, and the names of the contenders. */
export function formatJson(machine: Machine, results: readonly Result[]): string {
  return JSON.stringify({ machine, figures: results.map(toRecord) }, null, 2);
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
