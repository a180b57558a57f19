import { type JobId, SpacedriveError } from "@spacedrive/wire";
import type { WakeCondition } from "./job.js";
import { checkEventName } from "./library-event.js";
import { MAX_DELAY_MS, MAX_UNIX_MS } from "./time-limits.js";

/** When a job is to be woken: as soon as one of these is so. */
export interface WakeWhen {
  /** Milliseconds since the epoch, by the wall clock: a clock that is set back puts it off. */
  readonly at?: number | undefined;
  /** From now, at most `MAX_DELAY_MS`. Not put off by a clock that is set back. */
  readonly afterMs?: number | undefined;
  /** All children of the job have ended, or all of these of its children, up to {@link MAX_AWAITED}. */
  readonly children?: "ended" | readonly JobId[] | undefined;
  /**
   * An event of the library, by its full name: one that is emitted from now on, or one with a number above `after`, also where it
   * has been emitted already.
   */
  readonly event?: string | { readonly name: string; readonly after?: number | undefined } | undefined;
}

/** Children that can be waited for by their ids. */
export const MAX_AWAITED = 1_000;

/** The number of the last event of the name that it waits for: what comes after it counts. */
export async function lastEventOf(
  when: WakeWhen,
  store: { lastEvent(name: string): Promise<{ readonly number: number } | null> },
): Promise<number> {
  const name = eventOf(when);
  return name === null ? 0 : ((await store.lastEvent(name))?.number ?? 0);
}

function eventOf({ event }: WakeWhen): string | null {
  if (event === undefined) return null;
  return typeof event === "string" ? event : event.name;
}

/**
 * @param now the manager's time, and the number of the last event of the name that is waited for.
 * @throws SpacedriveError `INVALID_INPUT` where it names nothing to wait for, or no times.
 */
export function conditionOf(
  when: WakeWhen,
  type: string,
  now: { readonly steady: number; readonly lastEvent: number },
): WakeCondition {
  const { at = null, afterMs = null, children = null } = when;
  const name = eventOf(when);
  const { after = now.lastEvent } = typeof when.event === "object" ? when.event : {};
  const refuse = (reason: string): never => {
    throw new SpacedriveError("INVALID_INPUT", `Job "${type}" cannot wait so: ${reason}`);
  };
  if (at === null && afterMs === null && children === null && name === null) {
    refuse("name a time, children, or an event.");
  }
  if (at !== null && !(Math.abs(at) <= MAX_UNIX_MS)) {
    refuse(`${at} is no time; one is at most ${MAX_UNIX_MS} ms from 1970.`);
  }
  if (afterMs !== null && !(afterMs >= 0 && afterMs <= MAX_DELAY_MS)) {
    refuse(`${afterMs} ms is no wait; one is from 0 to ${MAX_DELAY_MS} ms, a hundred years.`);
  }
  if (children !== null && children !== "ended" && children.length > MAX_AWAITED) {
    refuse(`at most ${MAX_AWAITED} children can be named; wait for all of them instead.`);
  }
  if (name !== null) checkEventName(name);
  if (!(Number.isSafeInteger(after) && after >= 0)) refuse(`${after} is no number of an event.`);
  return {
    at: at === null ? null : Math.round(at),
    due: afterMs === null ? null : now.steady + Math.round(afterMs),
    children: children === "ended" ? "all" : children,
    event: name === null ? null : { name, after },
  };
}
