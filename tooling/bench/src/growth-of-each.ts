/** What the process grows by with each of so many, the first, which loads code, left out. In MB. */
export async function growthOfEach(count: number, add: () => Promise<unknown>): Promise<number[]> {
  await add();
  const before = process.memoryUsage.rss();
  for (let index = 0; index < count; index++) await add();
  return [(process.memoryUsage.rss() - before) / count / 1e6];
}
