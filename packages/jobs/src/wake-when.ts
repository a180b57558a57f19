import { type JobId, SpacedriveError } from "@spacedrive/wire";
import type { WakeCondition } from "./job.js";

/** When a job is to be woken: as soon as one of these is so. */
export interface WakeWhen {
  /** Milliseconds since the epoch, by the wall clock: a clock that is set back puts it off. */
  readonly at?: number | undefined;
  /** From now. Not put off by a clock that is set back. */
  readonly afterMs?: number | undefined;
  /** All children of the job have ended, or all of these, up to {@link MAX_AWAITED}. */
  readonly children?: "ended" | readonly JobId[] | undefined;
}

/** Children that can be waited for by their ids. */
export const MAX_AWAITED = 1_000;

/** @throws SpacedriveError `INVALID_INPUT` where it names nothing to wait for, or no times. */
export function conditionOf(when: WakeWhen, type: string, steadyNow: number): WakeCondition {
  const { at = null, afterMs = null, children = null } = when;
  const refuse = (reason: string): never => {
    throw new SpacedriveError("INVALID_INPUT", `Job "${type}" cannot wait so: ${reason}`);
  };
  if (at === null && afterMs === null && children === null) refuse("name a time, or children.");
  if (at !== null && !Number.isSafeInteger(Math.round(at))) refuse(`${at} is no time.`);
  if (afterMs !== null && !(afterMs >= 0 && Number.isSafeInteger(Math.round(afterMs))))
    refuse(`${afterMs} ms is no wait.`);
  if (children !== null && children !== "ended" && children.length > MAX_AWAITED) {
    refuse(`at most ${MAX_AWAITED} children can be named; wait for all of them instead.`);
  }
  return {
    at: at === null ? null : Math.round(at),
    due: afterMs === null ? null : steadyNow + Math.round(afterMs),
    children: children === "ended" ? "all" : children,
  };
}
