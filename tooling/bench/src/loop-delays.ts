import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { Contender } from "./figure.ts";

/** How often the monitor looks: that long a turn takes which nothing is late for. */
const LOOK_MS = 1;
/** Samples that stand for a round: one for each thousandth of its delays. */
const QUANTILES = 1_000;

/** The delays of the loop meanwhile, in milliseconds, the time between two looks included. */
export async function delaysDuring(work: () => Promise<unknown>): Promise<number[]> {
  const delays = monitorEventLoopDelay({ resolution: LOOK_MS });
  delays.enable();
  await work();
  delays.disable();
  const share = 100 / QUANTILES;
  const quantiles = Array.from({ length: QUANTILES - 1 }, (_, index) => delays.percentile((index + 1) * share) / 1e6);
  return [...quantiles, delays.max / 1e6];
}

/** What the loop is late by while nothing is done: what the timer and the machine do by themselves. */
export const idleLoop: Contender = {
  name: "delays of an idle loop",
  async open(run) {
    return {
      round: () => delaysDuring(() => delay(run.scaled(1_000))),
      async [Symbol.asyncDispose]() {},
    };
  },
};
