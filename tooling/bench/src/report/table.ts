import type { Result } from "../result.ts";
import { alignTable } from "./align-table.ts";
import { formatNumber } from "./format-number.ts";

const HEAD = ["figure", "ours", "p99", "worst", "mean", "floor", "ours / floor", "peer", "× better", "target", "met"];

export function formatTable(results: readonly Result[]): string {
  return alignTable([HEAD, ...results.map(cellsOf)], isNumber);
}

function cellsOf({ figure, subject, floor, peer, floors, peers, verdicts }: Result): string[] {
  const value = (summary: { readonly p50: number } | null): string =>
    summary === null ? "" : `${formatNumber(summary.p50)} ${figure.unit}`;
  const one = subject.count === 1;
  return [
    figure.title,
    value(subject),
    one ? "" : formatNumber(subject.p99),
    one ? "" : formatNumber(subject.worst),
    one ? "" : formatNumber(subject.mean),
    value(floor),
    floors === null ? "" : formatNumber(floors),
    value(peer),
    peers === null ? "" : formatNumber(peers),
    verdicts.map(({ text }) => text).join(", "),
    verdicts.map(({ met }) => (met === null ? "?" : met ? "yes" : "no")).join(", "),
  ];
}

const isNumber = (column: number): boolean => column > 0 && column < 9;
