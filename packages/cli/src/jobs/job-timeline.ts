import type { JobView } from "../host/job-view.js";
import { printableLine } from "../terminal/printable.js";
import { formatBytes, formatCount, formatDuration } from "../terminal/quantity.js";
import type { JobHistory } from "./job-history.js";

type Entry = NonNullable<JobHistory["entries"][number]>;

/** What a job's own record tells of its time. */
type Times = Pick<JobView, "attempt" | "created_at" | "ended_at" | "failure" | "started_at" | "status" | "updated_at">;

/** What a job did and what became of it, a line each: the time of the first, and how long after it the others came. */
export function jobTimeline(job: Times, history: JobHistory | null): string[] {
  const entries = history?.entries.filter((entry) => entry !== null) ?? entriesOfRecord(job);
  const [first] = entries;
  if (first === undefined) return [];
  const missing =
    history !== null && history.dropped > 0 ? [`  … ${formatCount(history.dropped, "entry", "entries")} not kept`] : [];
  const lines = entries.map((entry) => [sinceFirst(entry.at - first.at), textOf(entry)] as const);
  const width = Math.max(...lines.map(([time]) => time.length));
  return [
    `timeline, from ${new Date(first.at).toISOString().replace("T", " ").replace("Z", "")}`,
    ...missing,
    ...lines.map(([time, text]) => `  ${time.padStart(width)}  ${printableLine(text)}`),
  ];
}

/** All that a host without a history knows. */
function entriesOfRecord(job: Times): Entry[] {
  const entry = (at: number, status: Times["status"], attempt: number, failure: Times["failure"] = null): Entry => {
    return { kind: "status", at, status, attempt, code: failure?.code ?? null, message: failure?.message ?? "" };
  };
  const entries = [entry(job.created_at, "queued", 0)];
  if (job.started_at !== null) entries.push(entry(job.started_at, "running", job.attempt));
  if (job.status !== "queued" && job.status !== "running")
    entries.push(entry(job.ended_at ?? job.updated_at, job.status, job.attempt, job.failure));
  return entries;
}

/** A clock that was set back makes it negative. */
function sinceFirst(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  return `+${ms < 1000 ? `${Math.round(ms)} ms` : formatDuration(ms)}`;
}

function textOf(entry: Entry): string {
  switch (entry.kind) {
    case "status": {
      const attempt = entry.status === "running" ? `, attempt ${entry.attempt}` : "";
      const reason = entry.code === null ? "" : `: ${entry.message} (${entry.code})`;
      return `${entry.status}${attempt}${reason}`;
    }
    case "checkpoint":
      return `checkpoint ${entry.checkpoint}, ${formatBytes(entry.bytes)}`;
    case "call": {
      const outcome = entry.code === null ? "" : `, ${entry.code}`;
      return `${entry.method}${outcome}, ${entry.replayed ? "from the journal" : `${entry.duration_ms.toFixed(1)} ms`}`;
    }
    case "warning":
      return `warning: ${entry.message}`;
    default:
      return entry satisfies never;
  }
}
