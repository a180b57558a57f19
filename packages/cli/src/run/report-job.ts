import { inspect } from "node:util";
import type { JobUpdate } from "@spacedrive/jobs";
import { EXIT } from "../exit-code.js";
import { hintedCommand, type Place } from "../host/hinted-command.js";
import { printable, printableLine } from "../terminal/printable.js";
import { formatCount, formatDuration } from "../terminal/quantity.js";
import type { Terminal } from "../terminal/terminal.js";
import { figuresOf } from "./follow-job.js";
import type { JobView } from "../host/job-view.js";

/** One line of `--json`: how the job stands. */
export function updateLine(update: JobUpdate): string {
  return JSON.stringify({
    type: "update",
    job_id: update.id,
    status: update.status,
    progress: update.progress,
    message: update.message,
    metrics: update.metrics,
    warnings: update.warningCount,
    checkpoint: update.checkpoint,
  });
}

/** The last line of `--json`; its fields are a contract. */
export function resultLine(job: JobView): string {
  return JSON.stringify({
    type: "result",
    job_id: job.job_id,
    status: job.status,
    state: job.state ?? null,
    result: job.result ?? null,
    metrics: { bytes: job.metrics.bytes, items: job.metrics.items },
    warnings: job.warnings,
    error: job.failure,
  });
}

/** Tells people how a job ended: what it was asked for on stdout, the rest on stderr. `place` is where the job lies. */
export function reportJob(job: JobView, place: Place, terminal: Terminal): void {
  const { outColors, errColors } = terminal;
  // Of a job that was interrupted the time between does not count, and is not known.
  const took =
    job.started_at === null || job.attempt > 1
      ? ""
      : ` in ${formatDuration((job.ended_at ?? job.updated_at) - job.started_at)}`;
  const figures = [figuresOf(job), job.warnings.length > 0 ? formatCount(job.warnings.length, "warning") : ""]
    .filter((part) => part !== "")
    .join("  ");
  switch (job.status) {
    case "completed":
      terminal.print(
        `${outColors.green("✓")} ${job.job_type} completed${took}${figures === "" ? "" : `  ${outColors.dim(figures)}`}`,
      );
      if (job.result !== null && job.result !== undefined) terminal.print(resultText(job.result, terminal));
      return;
    case "paused":
      terminal.note(
        `Paused at ${Math.floor(job.progress * 100)}%. Go on with: ${errColors.bold(hintedCommand(`jobs resume ${job.job_id}`, place))}`,
      );
      return;
    case "cancelled":
      terminal.note(`${job.job_type} was cancelled.`);
      return;
    case "failed": {
      const reason =
        job.failure === null ? "" : `: ${printable(job.failure.message)} ${errColors.dim(`(${job.failure.code})`)}`;
      terminal.note(`${errColors.red("✗")} ${job.job_type} failed${took}${reason}`);
      terminal.note(
        `Try it again from its last checkpoint with: ${errColors.bold(hintedCommand(`jobs retry ${job.job_id}`, place))}`,
      );
      return;
    }
    case "queued":
    case "running":
    case "suspended":
      terminal.note(
        `${job.job_type} is ${job.status}${job.waiting_for === null ? "" : `: ${printableLine(job.waiting_for)}`}.`,
      );
      return;
    default:
      job.status satisfies never;
  }
}

/** The exit code that says how a job stands at the end of a command. */
export function exitCodeOf(job: Pick<JobView, "status">): number {
  if (job.status === "completed") return EXIT.ok;
  if (job.status === "cancelled") return EXIT.cancelled;
  return job.status === "failed" ? EXIT.failed : EXIT.paused;
}

/** Short and coloured for people, JSON for whatever else reads it. */
function resultText(result: unknown, terminal: Terminal): string {
  if (!terminal.outIsTerminal) return printable(JSON.stringify(result, null, 2));
  const colors = terminal.outColors.isColorSupported;
  return inspect(result, {
    depth: 6,
    colors,
    breakLength: terminal.outColumns(),
    maxArrayLength: 20,
    maxStringLength: 2000,
  });
}
