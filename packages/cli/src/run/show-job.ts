import type { Job, JobManager } from "@spacedrive/jobs";
import type { Terminal } from "../terminal/terminal.js";
import { followJob } from "./follow-job.js";
import { exitCodeOf, reportJob, resultLine, updateLine } from "./report-job.js";

/** Follows a job to its end or pause, for people or as JSON lines, and answers the exit code that says how it went. */
export async function showJob(jobs: JobManager, job: Job, terminal: Terminal, json: boolean): Promise<number> {
  const end = await followJob({
    job,
    jobs,
    label: job.type,
    terminal,
    ...(json ? { onUpdate: (update) => terminal.print(updateLine(update)) } : {}),
  });
  if (json) terminal.print(resultLine(end));
  if (!json || end.status === "paused") reportJob(end, terminal);
  return exitCodeOf(end);
}
