import type { JobRecord } from "./job.js";
import { isEnded } from "./transitions.js";

/** Why a job that could run does not, for people; null where nothing is in its way. `handler`: what its type lacks, or null. */
export function waitingFor(job: JobRecord, handler: (type: string) => string | null): string | null {
  if (job.unreadable === true && !isEnded(job.status)) return "its cancel: its stored row cannot be read";
  if (job.status === "queued") {
    if (job.notBefore === null) return handler(job.type);
    return `its next attempt at ${timeText(job.notBefore)}, after ${job.error?.code ?? "a failure"}`;
  }
  if (job.status !== "suspended" || job.wake === null) return null;
  const { at, due, children, event } = job.wake.condition;
  const parts = [
    ...(children === null ? [] : [children === "all" ? "its children" : `${children.length} of its children`]),
    ...(event === null ? [] : [`event ${event.name}`]),
    ...[at, due].flatMap((time) => (time === null ? [] : [timeText(time)])),
  ];
  return parts.join(" or ");
}

function timeText(time: number): string {
  // Beyond what a Date can hold it is a number.
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
}
