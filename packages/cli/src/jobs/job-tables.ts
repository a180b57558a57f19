import type { JobInfo } from "@spacedrive/jobs";
import { parseJson } from "@spacedrive/wire";
import { formatFields, formatTable } from "../terminal/table.js";
import { formatBytes } from "../terminal/quantity.js";

/** A job as `--json` prints it: every field of its record, in snake_case, with state and result as the JSON they are. */
export function jobToJson(job: JobInfo, library: string): Readonly<Record<string, unknown>> {
  return {
    job_id: job.id,
    type: job.type,
    library,
    status: job.status,
    waiting_for: job.waitingFor,
    progress: job.progress,
    message: job.message,
    metrics: { bytes: job.metrics.bytes, items: job.metrics.items },
    checkpoint: job.checkpoint,
    attempt: job.attempt,
    warnings: job.warnings,
    error: job.error === null ? null : { code: job.error.code, message: job.error.message },
    state: job.state === null ? null : parseJson(job.state, "the job's state"),
    result: job.result === null ? null : parseJson(job.result, "the job's result"),
    created_at: job.createdAt,
    updated_at: job.updatedAt,
    started_at: job.startedAt,
    ended_at: job.endedAt,
  };
}

/** The list of `sdx jobs ls`. */
export function jobsTable(jobs: readonly JobInfo[], libraryName: (job: JobInfo) => string): string[] {
  return formatTable(
    ["ID", "TYPE", "STATUS", "DONE", "UPDATED", "LIBRARY", "MESSAGE"],
    jobs.map((job) => [
      job.id,
      job.type,
      job.status,
      `${Math.floor(job.progress * 100)}%`,
      timeOf(job.updatedAt),
      libraryName(job),
      job.error?.message ?? job.waitingFor ?? job.message,
    ]),
  );
}

/** The page of `sdx jobs show`. */
export function jobPage(job: JobInfo, library: string): string[] {
  const fields: [string, string][] = [
    ["id", job.id],
    ["type", job.extensionVersion === null ? job.type : `${job.type} (${job.extensionVersion})`],
    ["library", library],
    ["status", job.waitingFor === null ? job.status : `${job.status}: ${job.waitingFor}`],
    ["progress", `${Math.floor(job.progress * 100)}%  ${job.message}`],
    ["counted", `${job.metrics.items} items, ${formatBytes(job.metrics.bytes)}`],
    ["checkpoints", `${job.checkpoint}`],
    ["attempts", `${job.attempt}`],
    ["created", timeOf(job.createdAt)],
  ];
  if (job.startedAt !== null) fields.push(["started", timeOf(job.startedAt)]);
  if (job.endedAt !== null) fields.push(["ended", timeOf(job.endedAt)]);
  if (job.error !== null) fields.push(["error", `${job.error.message} (${job.error.code})`]);
  if (job.state !== null) fields.push(["state", job.state]);
  if (job.result !== null) fields.push(["result", job.result]);
  for (const warning of job.warnings) fields.push(["warning", warning]);
  return formatFields(fields);
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}
