/**
 * One parent and very many children on a real database: how long, how much memory, and whether the loop is held.
 *
 *     node tooling/bench/src/many-children.ts [children=100000] [unsynced]
 *
 * `unsynced` leaves the disk's flushes out, which are most of it: what remains is the platform's own work.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { defineJob, JobManager, jobOperations, SqliteDatabase, SqliteJobStore } from "@spacedrive/jobs";
import { createLibraryId, createWire } from "@spacedrive/wire";
import { z } from "zod";

const BATCH = 1_000;
const total = Number(process.argv[2] ?? 100_000);

const folder = await mkdtemp(join(tmpdir(), "many-children-"));
const library = createLibraryId();
const database = SqliteDatabase.open(join(folder, "library.db"));
if (process.argv[3] === "unsynced") database.read((tx) => tx.get("PRAGMA synchronous=OFF"));
const libraries = {
  has: (id: string) => id === library,
  transaction: <T>(_library: unknown, work: Parameters<typeof database.transaction<T>>[0]) =>
    database.transaction(work),
};
const wire = createWire([], { libraries });
const jobs = new JobManager({ wire });
for (const operation of jobOperations(jobs)) wire.register(operation);

const child = defineJob({ type: "bench.child", state: z.object({ n: z.int() }), run: () => {} });
let rssMost = 0;
let spawnedAt = 0;
const parent = defineJob({
  type: "bench.parent",
  state: z.object({ spawned: z.int() }),
  async run(ctx, state) {
    while (state.spawned < total) {
      const params = Array.from({ length: Math.min(BATCH, total - state.spawned) }, (_, n) => ({
        n: state.spawned + n,
      }));
      await ctx.call("action:jobs.spawn_many.input.v1", { job_type: child.type, params });
      state.spawned += params.length;
      await ctx.checkpoint(state);
      if (state.spawned >= total) {
        spawnedAt = performance.now();
        ctx.suspendUntil(state, { children: "ended" });
      }
    }
  },
});
jobs.register(parent);
jobs.register(child);
await jobs.attach(library, new SqliteJobStore(database, library));

const rssBefore = process.memoryUsage.rss();
const watch = setInterval(() => {
  rssMost = Math.max(rssMost, process.memoryUsage.rss());
}, 50);
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const began = performance.now();
const job = await jobs.dispatch(parent, { spawned: 0 }, { library });
const done = await job.done();
const ended = performance.now();
delay.disable();
clearInterval(watch);
const counted = performance.now();
const counts = await jobs.countChildren(job.id);
const countMs = performance.now() - counted;

const line = (what: string, value: string): void => void process.stdout.write(`${what.padEnd(38)} ${value}\n`);
line("parent", `${done.status}, attempt ${done.attempt}, children ${JSON.stringify(counts)}`);
line("spawned (children started meanwhile)", `${((spawnedAt - began) / 1_000).toFixed(2)} s`);
line("all ended, parent woken", `${((ended - began) / 1_000).toFixed(2)} s`);
line("jobs per second", Math.round((total / (ended - began)) * 1_000).toString());
line("memory over its start, at most", `${Math.round((rssMost - rssBefore) / 1_048_576)} MB`);
line(
  "loop delay p50 / p99 / max",
  [delay.percentile(50), delay.percentile(99), delay.max].map((ns) => `${(ns / 1e6).toFixed(1)} ms`).join(" / "),
);
line("counting the children", `${countMs.toFixed(1)} ms`);

await jobs.close();
await database.close();
await rm(folder, { recursive: true });
