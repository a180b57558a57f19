import { getJobStatus, type JobMetrics, type JobUpdate, pauseJob } from "@spacedrive/jobs";
import { isSpacedriveError, type JobId, type LibraryId } from "@spacedrive/wire";
import type { HostAccess } from "../host/host-access.js";
import { onPauseSignal } from "../terminal/pause-signals.js";
import { ProgressLine } from "../terminal/progress-line.js";
import { formatBytes, formatCount } from "../terminal/quantity.js";
import { printableLine } from "../terminal/printable.js";
import { RepeatedLines } from "../terminal/repeated-lines.js";
import type { Terminal } from "../terminal/terminal.js";
import type { JobView } from "../host/job-view.js";

export interface FollowOptions {
  readonly host: HostAccess;
  readonly job: JobId;
  readonly library: LibraryId;
  readonly label: string;
  readonly terminal: Terminal;
  /** Instead of a progress line. */
  readonly onUpdate?: (update: JobUpdate) => void;
}

/**
 * Shows a job's progress until it ends or is paused, and answers how it stands then. Ctrl-C and SIGTERM pause a job of this
 * process, which ends; one of another process goes on there, and only the watching ends.
 */
export async function followJob(options: FollowOptions): Promise<JobView> {
  const { host, job, library, label, terminal } = options;
  const line = options.onUpdate === undefined ? new ProgressLine(terminal) : null;
  const leaving = new AbortController();
  using _signals = onPauseSignal(terminal, () => {
    if (host.runningIn === null) void pause(options);
    else leaving.abort();
  });
  let waitedFor: string | null = null;
  const warnings = new RepeatedLines((text) => terminal.note(terminal.errColors.yellow(text)));
  const updates = host.follow(job, { signal: leaving.signal });
  try {
    let step = await updates.next();
    for (; step.done !== true; step = await updates.next()) {
      const update = step.value;
      options.onUpdate?.(update);
      line?.update({ label, fraction: update.progress, message: update.message, figures: figuresOf(update) });
      for (const warning of update.newWarnings) warnings.add(`warning: ${printableLine(warning)}`);
      if (update.waitingFor !== null && update.waitingFor !== waitedFor)
        terminal.note(terminal.errColors.dim(`Waiting: ${printableLine(update.waitingFor)}.`));
      waitedFor = update.waitingFor;
    }
    return step.value ?? (await host.call(getJobStatus, { job_id: job }, { library }));
  } finally {
    line?.end();
    warnings.end();
  }
}

async function pause({ host, job, library, terminal }: FollowOptions): Promise<void> {
  terminal.note(terminal.errColors.dim("Pausing at the next checkpoint. Press Ctrl-C again to stop at once."));
  try {
    await host.call(pauseJob, { job_id: job }, { library });
  } catch (error) {
    const reason = isSpacedriveError(error) ? error.message : String(error);
    terminal.note(`The job is not paused: ${printableLine(reason)} Press Ctrl-C again to stop at once.`);
  }
}

/** `1,204 items  5.6 MB`, without what a job does not count. */
export function figuresOf({ metrics }: { readonly metrics: JobMetrics }): string {
  const parts = [
    metrics.items > 0 ? formatCount(metrics.items, "item") : "",
    metrics.bytes > 0 ? formatBytes(metrics.bytes) : "",
  ];
  return parts.filter((part) => part !== "").join("  ");
}
