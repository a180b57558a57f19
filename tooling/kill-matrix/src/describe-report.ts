import type { Failure, MatrixReport } from "./matrix-report.ts";

/** A failed run, and how to repeat it. */
export function describeFailure({ repeat, problems, kept }: Failure): string {
  const lines = [`FAILED: pnpm kill-matrix ${repeat}`, ...problems.map((problem) => `  ${problem}`)];
  return [...lines, ...(kept === null ? [] : [`  what it left: ${kept}`])].join("\n");
}

/** The end of a matrix, in a few lines. */
export function describeReport(report: MatrixReport, seconds: number): string {
  const { operations, cuts, missed, rounds, kills, killsAtStart, failures } = report;
  const lines: string[] = [];
  if (cuts + missed > 0) {
    const counts = [...operations].map(([place, count]) => `  ${place.padEnd(22)} ${count}`);
    lines.push("Operations of an uninterrupted run:", ...counts);
    const late = missed === 0 ? "" : `; ${missed} runs were over before they came to their cut`;
    lines.push(`${cuts} runs cut before or after one of them${late}`);
  }
  if (rounds > 0) {
    lines.push(`${kills} kills at random moments in ${rounds} runs, ${killsAtStart} of them aimed at a start`);
  }
  const outcome = failures.length === 0 ? "Nothing was lost, nothing doubled" : `${failures.length} runs FAILED`;
  return [...lines, `${outcome}: ${seconds.toFixed(1)} s`].join("\n");
}
