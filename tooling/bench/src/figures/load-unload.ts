import { setTimeout as delay } from "node:timers/promises";
import { createWorkerEngine } from "@spacedrive/runtime";
import type { Contender, Figure } from "../figure.ts";
import { openCallHost } from "../host/open-host.ts";

const CYCLES = 10_000;
/** The first of them fill caches and heaps, and are not counted. */
const WARM_UP_CYCLES = 1_000;
const IDLE_MS = 100;

const subject: Contender = {
  name: "load and unload the bench's extension, over and over; handles and threads are compared as well",
  process: "fresh",
  async open(run) {
    const engine = createWorkerEngine({ keepThreadMs: IDLE_MS });
    const host = await openCallHost(() => {}, { engine });
    const cycles = async (count: number): Promise<void> => {
      for (let cycle = 0; cycle < count; cycle++) {
        await host.plugins.unload("bench");
        await host.plugins.load("bench");
      }
    };
    return {
      async round() {
        await cycles(run.scaled(WARM_UP_CYCLES));
        const before = await held();
        await cycles(run.scaled(CYCLES));
        const after = await held();
        if (after.handles !== before.handles)
          throw new Error(`handles: ${before.handles} before, ${after.handles} after`);
        return [Math.max(0.001, after.megabytes - before.megabytes)];
      },
      [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
    };
  },
};

/** What the process holds once what waits to be given back has been. */
async function held(): Promise<{ readonly handles: string; readonly megabytes: number }> {
  await delay(20 * IDLE_MS);
  const counts = new Map<string, number>();
  // Threads are among them, as workers and their ports.
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const handles = [...counts].map(([kind, count]) => `${count} ${kind}`).sort();
  return { handles: handles.join(", "), megabytes: process.memoryUsage.rss() / 1e6 };
}

export const figures: readonly Figure[] = [
  {
    name: "load-unload-10k",
    title: "what 10,000 loads and unloads make the process grow by",
    unit: "MB",
    better: "lower",
    targets: [{ kind: "at-most", value: 10 }],
    rounds: 1,
    warmUp: false,
    onRequest: "a minute or two",
    subject,
  },
];
