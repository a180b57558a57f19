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
  const dropped = history?.dropped ?? 0;
  const missing = dropped > 0 ? [`  … ${formatCount(dropped, "entry", "entries")} not kept`] : [];
  const runs = runsOf(entries);
  const lines = runs.map((run) => [sinceFirst(run[0].at - first.at), textOfRun(run)] as const);
  const width = Math.max(...lines.map(([time]) => time.length));
  const shown = lines.map(([time, text]) => `  ${time.padStart(width)}  ${printableLine(text)}`);
  // What is let go is of the kinds that come in floods, and the first of them.
  const gap = Math.max(
    0,
    runs.findIndex(([{ kind }]) => kind !== "status"),
  );
  return [
    `timeline, from ${new Date(first.at).toISOString().replace("T", " ").replace("Z", "")}`,
    ...shown.slice(0, gap),
    ...missing,
    ...shown.slice(gap),
  ];
}

/** Entries between two states beyond which they are not told one by one. */
const MOST_SINGLE = 40;

/** One or more entries that are told in a line. */
type Run = readonly [Entry, ...Entry[]];

/** What came between two states; where that is more than a reader takes in, what is alike in it is told together. */
function runsOf(entries: readonly Entry[]): Run[] {
  const runs: [Entry, ...Entry[]][] = [];
  const states = entries.flatMap(({ kind }, index) => (kind === "status" ? [index] : []));
  for (const [begin, end] of [0, ...states].map((from, n) => [from, states[n] ?? entries.length] as const)) {
    const stretch = entries.slice(begin, end);
    // The last that it may join: any of a long stretch, else the one before.
    const from = runs.length;
    for (const entry of stretch) {
      const near = stretch.length > MOST_SINGLE ? runs.slice(from) : runs.slice(-1);
      const run = near.find(([first]) => isAlike(first, entry));
      if (run !== undefined) run.push(entry);
      else runs.push([entry]);
    }
  }
  return runs;
}

function isAlike(a: Entry, b: Entry): boolean {
  if (a.kind === "checkpoint") return b.kind === "checkpoint";
  if (a.kind === "warning") return b.kind === "warning" && a.message === b.message;
  if (a.kind !== "call" || b.kind !== "call") return false;
  return a.method === b.method && a.code === b.code && a.replayed === b.replayed;
}

function textOfRun(run: Run): string {
  const [first] = run;
  const last = run.at(-1) ?? first;
  if (last === first) return textOf(first);
  const during = spanText(Math.max(0, last.at - first.at));
  if (first.kind !== "checkpoint" || last.kind !== "checkpoint")
    return `${run.length} × ${textOf(first)}, in ${during}`;
  const sizes = run.flatMap((entry) => (entry.kind === "checkpoint" ? [entry.bytes] : []));
  const [least, most] = [formatBytes(Math.min(...sizes)), formatBytes(Math.max(...sizes))];
  const size = least === most ? least : `${least} to ${most}`;
  return `checkpoints ${first.checkpoint} to ${last.checkpoint}, ${size}, in ${during}`;
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
  return ms < 0 ? `-${formatDuration(-ms)}` : `+${spanText(ms)}`;
}

function spanText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : formatDuration(ms);
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
