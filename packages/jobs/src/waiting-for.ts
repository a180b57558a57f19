import type { JobRecord } from "./job.js";
import { isEnded } from "./transitions.js";

/** Where a job waits. */
export interface JobHostView {
  /** Its host goes on only with what it is told to, and was not told of this one. */
  readonly isLeft: boolean;
  /** What a type of jobs lacks to start, or null. */
  readonly lackOf: (type: string) => string | null;
}

/** Why a job that could run does not, for people; null where nothing is in its way. */
export function waitingFor(job: JobRecord, { isLeft, lackOf }: JobHostView): string | null {
  if (job.unreadable === true && !isEnded(job.status)) return "its cancel: its stored row cannot be read";
  if (job.status === "queued") {
    if (isLeft) return "to be resumed";
    if (job.notBefore === null) return lackOf(job.type);
    return `its next attempt at ${timeText(job.notBefore)}, after ${job.error?.code ?? "a failure"}`;
  }
  if (job.status !== "suspended" || job.wake === null) return null;
  const { at, due, children, event } = job.wake.condition;
  const parts = [
    ...(children === null ? [] : [children === "all" ? "its children" : `${children.length} of its children`]),
    ...(event === null ? [] : [`event ${event.name}`]),
    ...[at, due].flatMap((time) => (time === null ? [] : [timeText(time)])),
  ];
  return `${parts.join(" or ")}${isLeft ? ", once it is resumed" : ""}`;
}

function timeText(time: number): string {
  // Beyond what a Date can hold it is a number.
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
}
