import { Arrivals } from "../src/arrivals.ts";
import { prepareExtism } from "../src/peer/extism.ts";
import { summarize } from "../src/statistics.ts";
for (const n of [50, 200, 500]) {
  const a = new Arrivals(n); const p = await (await prepareExtism(a.add))(); const all: number[] = [];
  for (let r = 0; r < 1000 / n + 1; r++) { await p.call("ping_loop", String(n)); await p.reset(); const t = a.take(); if (r) all.push(...t); }
  const s = summarize(all, "lower"); console.log(n, s.p50.toFixed(1), s.mean.toFixed(0), all.filter((x) => x > 1e5).length, all.length); await p.close();
}
process.exit(0);
