import type { JobView } from "../host/job-view.js";
import { displayWidth, fitWidth } from "../terminal/display-width.js";
import { formatFields, formatTable } from "../terminal/table.js";
import { formatBytes } from "../terminal/quantity.js";
import type { ListedJob } from "./find-job.js";

/** Of a state and a result, in characters. */
const MOST_SHOWN = 1_000;

/** A job of a list as `--json` prints it. */
export function jobToJson(job: ListedJob["job"], library: string): Readonly<Record<string, unknown>> {
  const { job_type, failure, ...rest } = job;
  return { ...rest, type: job_type, library, error: failure };
}

/** How much of an id a narrow list has: ids are random, and every command takes the start of one. */
const SHORT_ID = 8;

/**
 * The list of `sdx jobs ls`, in lines of at most `columns`. Where the whole does not fit, what tells most stays: a short id, how
 * the job stands, its type and its message.
 */
export function jobsTable(jobs: readonly ListedJob[], columns: number): string[] {
  const whole = wholeTable(jobs);
  if (whole.every((line) => displayWidth(line) <= columns)) return whole;
  const narrow = formatTable(
    ["ID", "STATUS", "DONE", "TYPE", "MESSAGE"],
    jobs.map(({ job }) => [
      job.job_id.slice(0, SHORT_ID),
      job.status,
      `${Math.floor(job.progress * 100)}%`,
      job.job_type,
      messageOf(job),
    ]),
  );
  return narrow.map((line) => fitWidth(line, columns));
}

function wholeTable(jobs: readonly ListedJob[]): string[] {
  return formatTable(
    ["ID", "TYPE", "STATUS", "DONE", "UPDATED", "LIBRARY", "MESSAGE"],
    jobs.map(({ job, library }) => [
      job.job_id,
      job.job_type,
      job.status,
      `${Math.floor(job.progress * 100)}%`,
      timeOf(job.updated_at),
      library.name,
      messageOf(job),
    ]),
  );
}

function messageOf({ failure, waiting_for, message }: ListedJob["job"]): string {
  return failure?.message ?? waiting_for ?? message;
}

/** The page of `sdx jobs show`, without the timeline. */
export function jobPage(job: JobView, library: string): string[] {
  const fields: [string, string][] = [
    ["id", job.job_id],
    ["type", job.extension_version === null ? job.job_type : `${job.job_type} (${job.extension_version})`],
    ["library", library],
    ["status", job.waiting_for === null ? job.status : `${job.status}: ${job.waiting_for}`],
    ["progress", `${Math.floor(job.progress * 100)}%  ${job.message}`],
    ["counted", `${job.metrics.items} items, ${formatBytes(job.metrics.bytes)}`],
    ["checkpoints", `${job.checkpoint}`],
    ["attempts", `${job.attempt}`],
    ["created", timeOf(job.created_at)],
  ];
  if (job.parent !== null) fields.push(["parent", job.parent]);
  if (job.started_at !== null) fields.push(["started", timeOf(job.started_at)]);
  if (job.ended_at !== null) fields.push(["ended", timeOf(job.ended_at)]);
  if (job.failure !== null) fields.push(["error", `${job.failure.message} (${job.failure.code})`]);
  if (isThere(job.state)) fields.push(["state", shortened(job.state)]);
  if (isThere(job.result)) fields.push(["result", shortened(job.result)]);
  const times = new Map<string, number>();
  for (const warning of job.warnings) times.set(warning, (times.get(warning) ?? 0) + 1);
  for (const [warning, count] of times) fields.push(["warning", count === 1 ? warning : `${warning} (${count} times)`]);
  return formatFields(fields);
}

/** As JSON, cut where it would push the rest of the page off the screen. */
function shortened(value: unknown): string {
  const text = JSON.stringify(value);
  if (text.length <= MOST_SHOWN) return text;
  return `${text.slice(0, MOST_SHOWN)}… (${formatBytes(Buffer.byteLength(text))}; --json has all of it)`;
}

function isThere(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}
