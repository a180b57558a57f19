import { setTimeout as delay } from "node:timers/promises";

/**
 * What the process grows by with each of so many, the first, which loads code, left out. In MB.
 *
 * @param settleMs before each reading: what idles for a while gives back what it held for its start.
 */
export async function growthOfEach(count: number, settleMs: number, add: () => Promise<unknown>): Promise<number[]> {
  await add();
  await delay(settleMs);
  const before = process.memoryUsage.rss();
  for (let index = 0; index < count; index++) await add();
  await delay(settleMs);
  return [(process.memoryUsage.rss() - before) / count / 1e6];
}
