import { SpacedriveError } from "./errors.js";

/** What an integrator may set a number to. */
export interface NumberRange {
  readonly least: number;
  /** Default: any finite number. */
  readonly most?: number;
  /** Default false: fractions are taken. */
  readonly whole?: boolean;
}

/** Milliseconds of a wait: a timer that is given more goes off at once. */
export const WAIT_MS: NumberRange = { least: 1, most: 2 ** 31 - 1 };

/** How many of a thing there may be. */
export const COUNT: NumberRange = { least: 0, most: Number.MAX_SAFE_INTEGER, whole: true };

/**
 * The number that an integrator set, if it is one that can be kept: `NaN` would make a limit that nothing ever reaches.
 *
 * @param what for the message: `PluginManager's idleMs`.
 * @throws SpacedriveError `INVALID_INPUT`.
 */
export function checkNumber(what: string, value: unknown, range: NumberRange): number {
  const { least, most = Number.MAX_VALUE, whole = false } = range;
  if (typeof value === "number" && value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  const shown = typeof value === "number" ? String(value) : `of type ${value === null ? "null" : typeof value}`;
  const kind = whole ? "a whole number" : "a number";
  const upTo = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`;
  throw new SpacedriveError(
    "INVALID_INPUT",
    `${what} is ${shown}, and must be ${kind} ${upTo}. Correct it, or leave it out.`,
  );
}
