import { MAX_WARNINGS } from "../job.js";
import type { JobReport } from "../job-steps.js";

/** Longest progress message or warning that is kept, in UTF-16 units. */
export const MAX_REPORT_TEXT = 2_000;

const WARNINGS_MISSING = `More warnings were given; only the first ${MAX_WARNINGS} are kept.`;

/** What a running attempt has said of itself so far. Nonsense (NaN, negative counts) is ignored: a report never fails. */
export class LiveReport {
  #report: JobReport;

  constructor(from: JobReport) {
    const { progress, message, warnings, metrics } = from;
    this.#report = { progress, message, warnings, metrics };
  }

  /** As it is now; never changed afterwards. */
  get current(): JobReport {
    return this.#report;
  }

  progress(fraction: number, message: string | undefined): void {
    const progress = Number.isNaN(fraction) ? this.#report.progress : Math.min(1, Math.max(0, fraction));
    this.#report = {
      ...this.#report,
      progress,
      message: message === undefined ? this.#report.message : shown(message),
    };
  }

  warning(message: string): void {
    const { warnings } = this.#report;
    if (warnings.length > MAX_WARNINGS) return;
    const added = warnings.length === MAX_WARNINGS ? WARNINGS_MISSING : shown(message);
    this.#report = { ...this.#report, warnings: [...warnings, added] };
  }

  bytes(count: number): void {
    const { metrics } = this.#report;
    this.#report = { ...this.#report, metrics: { ...metrics, bytes: sum(metrics.bytes, count) } };
  }

  items(count: number): void {
    const { metrics } = this.#report;
    this.#report = { ...this.#report, metrics: { ...metrics, items: sum(metrics.items, count) } };
  }
}

function sum(total: number, count: number): number {
  return count > 0 ? Math.min(Number.MAX_SAFE_INTEGER, total + Math.trunc(count)) : total;
}

/** Cut to a length that fits a row, and without what a database's text cannot hold. */
function shown(text: string): string {
  const cut = text.length > MAX_REPORT_TEXT ? `${text.slice(0, MAX_REPORT_TEXT - 1)}…` : text;
  return cut.toWellFormed().replaceAll("\0", "\ufffd");
}
