import type { Result } from "../result.ts";
import { formatNumber } from "./format-number.ts";

const HEAD = ["figure", "ours", "p99", "worst", "mean", "floor", "ours / floor", "peer", "× better", "target", "met"];

/** A table that reads as text on a terminal and as a table in Markdown. */
export function formatTable(results: readonly Result[]): string {
  const rows = [HEAD, ...results.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => (isNumber(column) ? `${"-".repeat(width + 1)}:` : "-".repeat(width + 2))).join("|")}|`;
  const [head = HEAD, ...body] = rows;
  return [line(head), rule, ...body.map(line)].join("\n");
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

function pad(cell: string, width: number, column: number): string {
  return isNumber(column) ? cell.padStart(width) : cell.padEnd(width);
}
