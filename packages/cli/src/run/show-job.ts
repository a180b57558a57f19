import type { JobId, LibraryId } from "@spacedrive/wire";
import { isEnded } from "@spacedrive/jobs";
import { EXIT } from "../exit-code.js";
import { hintedCommand } from "../host/hinted-command.js";
import type { HostAccess } from "../host/host-access.js";
import type { Terminal } from "../terminal/terminal.js";
import { followJob } from "./follow-job.js";
import { exitCodeOf, reportJob, resultLine, updateLine } from "./report-job.js";

/** A job to be shown. */
export interface ShownJob {
  readonly id: JobId;
  readonly type: string;
  readonly library: LibraryId;
}

/** Follows a job to its end or pause, for people or as JSON lines, and answers the exit code that says how it went. */
export async function showJob(host: HostAccess, job: ShownJob, terminal: Terminal, json: boolean): Promise<number> {
  const end = await followJob({
    host,
    job: job.id,
    library: job.library,
    label: job.type,
    terminal,
    ...(json ? { onUpdate: (update) => terminal.print(updateLine(update)) } : {}),
  });
  if (json) terminal.print(resultLine(end));
  if (host.runningIn !== null && !isEnded(end.status) && end.status !== "paused") {
    terminal.note(
      `The job goes on in the process with pid ${host.runningIn}. To follow it again: ${hintedCommand(`jobs resume ${job.id}`, host.place)}`,
    );
    return EXIT.interrupted;
  }
  if (!json || end.status === "paused") reportJob(end, host.place, terminal);
  return exitCodeOf(end);
}
