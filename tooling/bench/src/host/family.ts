import { monitorEventLoopDelay } from "node:perf_hooks";
import { type ChildCounts, defineJob } from "@spacedrive/jobs";
import { z } from "zod";
import { type NativeHost, openNativeHost } from "./native-host.ts";

/** Children that one call spawns; more are refused. */
const BATCH = 1_000;
const LOOK_MS = 20;

const child = defineJob({ type: "bench.child", state: z.object({ n: z.int() }), run: () => {} });

/** One job that spawns very many, is suspended until all of them have ended, and is woken once. */
const parent = defineJob({
  type: "bench.parent",
  state: z.object({ children: z.int(), spawned: z.int() }),
  async run(ctx, state) {
    while (state.spawned < state.children) {
      const batch = Math.min(BATCH, state.children - state.spawned);
      const params = Array.from({ length: batch }, (_, n) => ({ n: state.spawned + n }));
      await ctx.call("action:jobs.spawn_many.input.v1", { job_type: child.type, params });
      state.spawned += batch;
      await ctx.checkpoint(state);
      if (state.spawned === state.children) ctx.suspendUntil(state, { children: "ended" });
    }
  },
});

/** What one family took. */
export interface FamilyRun {
  readonly elapsedMs: number;
  /** What the process grew by, at most. */
  readonly grownBytes: number;
  /** Of the loop. */
  readonly delayP99Ms: number;
}

export function openFamilyHost(): Promise<NativeHost> {
  return openNativeHost([child, parent]);
}

/** Runs a parent with so many children to its end. */
export async function raiseFamily({ core, library }: NativeHost, children: number): Promise<FamilyRun> {
  const rssBefore = process.memoryUsage.rss();
  let most = rssBefore;
  const look = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), LOOK_MS);
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const from = performance.now();
  const job = await core.jobs.dispatch(parent, { children, spawned: 0 }, { library });
  const { status, attempt, error } = await job.done();
  const elapsedMs = performance.now() - from;
  delays.disable();
  clearInterval(look);
  if (status !== "completed") throw new Error(`the parent ended as ${status}: ${error?.message ?? "no reason"}`);
  if (attempt !== 2) throw new Error(`the parent was woken ${attempt - 1} times`);
  checkChildren(await core.jobs.countChildren(job.id), children);
  return {
    elapsedMs,
    grownBytes: Math.max(most, process.memoryUsage.rss()) - rssBefore,
    delayP99Ms: delays.percentile(99) / 1e6,
  };
}

function checkChildren(counts: ChildCounts, children: number): void {
  if (counts.completed !== children) throw new Error(`of ${children} children ended ${JSON.stringify(counts)}`);
}
