import type { Run } from "./figure.ts";

/** A quick run does a hundredth of everything, and at least one of it. */
export function createRun(quick: boolean): Run {
  return { quick, scaled: (count) => (quick ? Math.max(1, Math.ceil(count / 100)) : count) };
}
