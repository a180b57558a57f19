import { defineQuery } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import { type HistoryEntry, MAX_HISTORY } from "../src/index.js";
import { createWorld, startHost } from "./journal-host.js";
import { openJobHost } from "./job-host.js";
import { COMPLETED, FAILED, INTERRUPTED, ScriptedJob } from "./scripted-job.js";
import { settled } from "./settled.js";
import { startJob } from "./start-job.js";

/** An entry in a word or two. */
function brief(entry: HistoryEntry): string {
  switch (entry.kind) {
    case "status":
      return `${entry.status} ${entry.attempt}${entry.code === null ? "" : ` ${entry.code}`}`;
    case "checkpoint":
      return `checkpoint ${entry.checkpoint} of ${entry.bytes} bytes`;
    case "call":
      return `${entry.method} ${entry.code ?? "ok"}${entry.replayed ? " again" : ""}`;
    case "warning":
      return `warning: ${entry.message}`;
    default:
      return entry satisfies never;
  }
}

test("a job's history tells its states, checkpoints, calls and warnings in their order, while it runs and after", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const job = await host.manager.dispatch("test.job", { a: 1 }, { library: world.library });
  const attempt = await host.script.next();
  const { context } = attempt;
  host.clock.advance(250);
  await context.call("query:test.read", {});
  await context.call("query:test.nothing", {}).catch(() => {});
  expect(await context.callJson("query:test.nothing", "{}", world.library)).toContain("NOT_FOUND");
  context.addWarning("odd");
  await context.checkpoint('"ä"');
  const told = [
    "queued 0",
    "running 1",
    "query:test.read ok",
    "query:test.nothing NOT_FOUND",
    "query:test.nothing NOT_FOUND",
    "warning: odd",
    "checkpoint 1 of 4 bytes",
  ];
  const running = await host.manager.history(job.id);
  expect(running.entries.map(brief)).toEqual(told);
  expect(running.entries[2]).toMatchObject({ kind: "call", at: host.clock.now(), durationMs: 0 });
  attempt.end(FAILED);
  await job.done();
  const ended = await host.manager.history(job.id);
  expect(ended.entries.map(brief)).toEqual([...told, "failed 1 JOB_FAILED"]);
  expect(ended).toMatchObject({ dropped: 0 });
  const user = { caller: { kind: "user" }, library: world.library } as const;
  const reply = await host.wire.call("query:jobs.history.v1", { job_id: job.id }, user);
  expect(reply).toMatchObject({
    dropped: 0,
    entries: expect.arrayContaining([expect.objectContaining({ duration_ms: 0 })]),
  });
});

test("a call's duration is what it took, and a repeated one says that it was answered from the journal", async () => {
  const gate = Promise.withResolvers<Record<string, never>>();
  const slow = defineQuery({
    name: "test.slow",
    scope: "library",
    input: z.object({}),
    output: z.object({}),
    run: () => gate.promise,
  });
  await using world = await createWorld();
  await using host = await startHost(world, { operations: [slow] });
  const { id } = await host.manager.dispatch("test.job", 0, { library: world.library });
  const { context } = await host.script.next();
  const call = context.call("query:test.slow", {});
  await settled();
  host.clock.advance(40);
  gate.resolve({});
  await call;
  await context.call("action:test.append", { text: "once" });
  expect((await host.manager.history(id)).entries.at(-2)).toMatchObject({ method: "query:test.slow", durationMs: 40 });
  await using second = await startHost(world, { operations: [slow] });
  const again = await second.script.next();
  await again.context.call("query:test.slow", {});
  await again.context.call("action:test.append", { text: "once" });
  const { entries } = await second.manager.history(id);
  expect(entries.map(brief).slice(-4)).toEqual([
    "queued 1",
    "running 2",
    "query:test.slow ok again",
    "action:test.append ok again",
  ]);
});

test("a flood of checkpoints, calls and warnings drives out neither each other nor attempts, pauses and failures", async () => {
  await using host = await openJobHost();
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  const job = await host.manager.dispatch("test.job", 0, { library: host.library });
  const first = await script.next();
  for (let n = 1; n <= MAX_HISTORY - 1; n++) await first.context.checkpoint("0");
  // With its beginning, which is kept with the job, that is one more than is kept.
  expect(await host.manager.history(job.id)).toMatchObject({ dropped: 0 });
  const pausing = host.manager.pause(job.id);
  first.end(INTERRUPTED);
  await pausing;
  await host.manager.resume(job.id);
  const second = await script.next();
  const { context } = second;
  context.addWarning("odd");
  for (let n = 1; n <= 1_000; n++) {
    await context.callJson("query:test.nothing", "{}", null);
    await context.checkpoint("0");
  }
  second.end(FAILED);
  await job.done();
  const { entries, dropped } = await host.manager.history(job.id);
  const of = (kind: HistoryEntry["kind"]): string[] => entries.filter((entry) => entry.kind === kind).map(brief);
  expect(of("status")).toEqual(["queued 0", "running 1", "paused 1", "queued 1", "running 2", "failed 2 JOB_FAILED"]);
  expect(of("warning")).toEqual(["warning: odd"]);
  const share = MAX_HISTORY / 5;
  expect(of("call").length).toBeGreaterThanOrEqual(share);
  const checkpoints = of("checkpoint");
  expect(checkpoints.length).toBeGreaterThanOrEqual(share);
  const made = MAX_HISTORY - 1 + 1_000;
  expect(checkpoints.at(-1)).toBe(`checkpoint ${made} of 1 bytes`);
  // All were there, with the first state.
  expect(entries.length + dropped).toBe(6 + 1 + made + 1_000);
  expect(entries.length).toBeLessThanOrEqual(MAX_HISTORY + 1);
  expect(entries.at(-1)).toMatchObject({ status: "failed" });
});

test("a job that never checkpoints holds a bounded past in memory, and counts what it let go", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host, 0);
  const { context } = attempt;
  for (let n = 0; n < 5_000; n++) await context.callJson("query:test.nothing", "{}", null);
  const running = await host.manager.history(job.id);
  expect(running.entries.length).toBeLessThanOrEqual(300);
  attempt.end(COMPLETED);
  await job.done();
  const { entries, dropped } = await host.manager.history(job.id);
  expect(entries.length + dropped).toBe(5_003);
});

test("what a job did is written with what is written anyway: no commit of its own, and not with each checkpoint", async () => {
  const commits: string[] = [];
  await using world = await createWorld();
  await using host = await startHost(world, {
    onTransaction: (kind, moment) => moment === "after" && commits.push(kind),
  });
  const job = await host.manager.dispatch("test.job", 0, { library: world.library });
  const attempt = await host.script.next();
  const { context } = attempt;
  for (let n = 0; n < 5; n++) {
    await context.call("query:test.read", {});
    await context.checkpoint("0");
  }
  const stored = async (): Promise<number> => (await host.store.history(job.id)).entries.length;
  expect(await stored()).toBe(1);
  host.clock.advance(1_000);
  await context.checkpoint("0");
  expect(await stored()).toBe(1 + 10);
  attempt.end(COMPLETED);
  await job.done();
  expect(commits.filter((kind) => kind === "checkpoint")).toHaveLength(6);
  expect(commits.filter((kind) => kind === "step")).toHaveLength(3);
});
