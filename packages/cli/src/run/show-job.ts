import type { Job, JobManager } from "@spacedrive/jobs";
import type { Place } from "../host/hinted-command.js";
import type { Terminal } from "../terminal/terminal.js";
import { followJob } from "./follow-job.js";
import { exitCodeOf, reportJob, resultLine, updateLine } from "./report-job.js";

export interface ShowOptions {
  readonly jobs: JobManager;
  readonly job: Job;
  /** Where the commands that are hinted at work. */
  readonly place: Place;
  readonly json: boolean;
}

/** Follows a job to its end or pause, for people or as JSON lines, and answers the exit code that says how it went. */
export async function showJob({ jobs, job, place, json }: ShowOptions, terminal: Terminal): Promise<number> {
  const end = await followJob({
    job,
    jobs,
    label: job.type,
    terminal,
    ...(json ? { onUpdate: (update) => terminal.print(updateLine(update)) } : {}),
  });
  if (json) terminal.print(resultLine(end));
  if (!json || end.status === "paused") reportJob(end, place, terminal);
  return exitCodeOf(end);
}
