import type { Job, JobInfo, JobManager, JobUpdate } from "@spacedrive/jobs";
import { isSpacedriveError } from "@spacedrive/wire";
import { onPauseSignal } from "../terminal/pause-signals.js";
import { ProgressLine } from "../terminal/progress-line.js";
import { formatBytes, formatCount } from "../terminal/quantity.js";
import { printableLine } from "../terminal/printable.js";
import type { Terminal } from "../terminal/terminal.js";

export interface FollowOptions {
  readonly job: Job;
  readonly jobs: JobManager;
  readonly label: string;
  readonly terminal: Terminal;
  /** Instead of a progress line. */
  readonly onUpdate?: (update: JobUpdate) => void;
}

/** Shows a job's progress until it ends or is paused, which Ctrl-C and SIGTERM ask for; answers how it stands then. */
export async function followJob(options: FollowOptions): Promise<JobInfo> {
  const { job, jobs, label, terminal } = options;
  const line = options.onUpdate === undefined ? new ProgressLine(terminal) : null;
  using _signals = onPauseSignal(terminal, () => void pauseJob(job, jobs, terminal));
  try {
    for await (const update of job.updates()) {
      options.onUpdate?.(update);
      line?.update({ label, fraction: update.progress, message: update.message, figures: figuresOf(update) });
      for (const warning of update.newWarnings)
        terminal.note(terminal.errColors.yellow(`warning: ${printableLine(warning)}`));
    }
    return await job.record();
  } finally {
    line?.end();
  }
}

async function pauseJob(job: Job, jobs: JobManager, terminal: Terminal): Promise<void> {
  terminal.note(terminal.errColors.dim("Pausing at the next checkpoint. Press Ctrl-C again to stop at once."));
  try {
    await jobs.pause(job.id);
  } catch (error) {
    const reason = isSpacedriveError(error) ? error.message : String(error);
    terminal.note(`The job is not paused: ${printableLine(reason)} Press Ctrl-C again to stop at once.`);
  }
}

/** `1,204 items  5.6 MB`, without what a job does not count. */
export function figuresOf({ metrics }: Pick<JobUpdate, "metrics">): string {
  const parts = [
    metrics.items > 0 ? formatCount(metrics.items, "item") : "",
    metrics.bytes > 0 ? formatBytes(metrics.bytes) : "",
  ];
  return parts.filter((part) => part !== "").join("  ");
}
