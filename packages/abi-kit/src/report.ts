/** One line of a report: a vector, or a check of a guest. */
export interface ReportLine {
  readonly id: string;
  readonly promise: string;
  /** The page that promises it. */
  readonly page: string;
  readonly sections: readonly string[];
  readonly status: "passed" | "failed" | "skipped";
  readonly problems: readonly string[];
}

const SIGNS = { passed: "ok  ", failed: "FAIL", skipped: "skip" } as const;

/** Writes a line of the table as it comes. */
export function writeLine({ id, promise, page, sections, status, problems }: ReportLine): void {
  process.stdout.write(`${SIGNS[status]}  ${id}\n`);
  if (status === "passed") return;
  const places = sections.map((section) => `§${section}`).join(", ");
  process.stdout.write(`      promised (${page} ${places}): ${promise}\n`);
  for (const problem of problems) process.stdout.write(`      ${problem}\n`);
}

/** Writes the end of a report, or all of it as JSON; answers whether anything failed. */
export function writeReport(subject: string, lines: readonly ReportLine[], json: boolean): boolean {
  const count = (status: ReportLine["status"]): number => lines.filter((line) => line.status === status).length;
  const [passed, failed, skipped] = [count("passed"), count("failed"), count("skipped")];
  if (json) process.stdout.write(`${JSON.stringify({ subject, results: lines, passed, failed, skipped }, null, 2)}\n`);
  else process.stdout.write(`\n${subject}: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  return failed > 0;
}
