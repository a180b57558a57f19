import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import type { JobUpdate } from "../src/index.js";
import { openJobHost } from "./job-host.js";
import { COMPLETED, INTERRUPTED } from "./scripted-job.js";
import { startJob } from "./start-job.js";

async function nextOf(updates: AsyncGenerator<JobUpdate, void>): Promise<JobUpdate> {
  const { value } = await updates.next();
  if (value === undefined) throw new Error("the updates have ended");
  return value;
}

async function collect(updates: AsyncIterable<JobUpdate>): Promise<JobUpdate[]> {
  const collected: JobUpdate[] = [];
  for await (const update of updates) collected.push(update);
  return collected;
}

test("shows how a job stands at once, then each change, and ends with its end", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const updates = job.updates();
  expect(await nextOf(updates)).toMatchObject({
    id: job.id,
    status: "running",
    progress: 0,
    attempt: 1,
    checkpoint: 0,
  });
  attempt.context.reportProgress(0.5, "half");
  expect(await nextOf(updates)).toMatchObject({ progress: 0.5, message: "half" });
  await attempt.context.checkpoint("1");
  expect(await nextOf(updates)).toMatchObject({ checkpoint: 1 });
  attempt.end(COMPLETED);
  expect(await nextOf(updates)).toMatchObject({ status: "completed", progress: 1 });
  expect(await updates.next()).toEqual({ done: true, value: undefined });
});

test("what is said again is no update", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const updates = job.updates();
  await nextOf(updates);
  attempt.context.addWarning("odd");
  expect(await nextOf(updates)).toMatchObject({ newWarnings: ["odd"] });
  for (const progress of [0.5, 0.5]) attempt.context.reportProgress(progress, "half");
  expect(await nextOf(updates)).toMatchObject({ message: "half" });
  const next = nextOf(updates);
  attempt.context.reportProgress(0.5, "half");
  await new Promise((resolve) => setImmediate(resolve));
  attempt.context.reportProgress(0.6, "more");
  expect(await next).toMatchObject({ message: "more", newWarnings: [] });
  attempt.end(COMPLETED);
});

test("changes that come faster than they are taken are one update", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const updates = job.updates();
  await nextOf(updates);
  for (let n = 1; n <= 1_000; n++) attempt.context.reportProgress(n / 1_000, `step ${n}`);
  attempt.context.incrementItems(7);
  expect(await nextOf(updates)).toMatchObject({ progress: 1, message: "step 1000", metrics: { items: 7 } });
  attempt.end(COMPLETED);
  expect((await nextOf(updates)).status).toBe("completed");
});

test("each warning is shown as new once to each iterator", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  attempt.context.addWarning("a");
  const first = job.updates();
  expect(await nextOf(first)).toMatchObject({ warningCount: 1, newWarnings: ["a"] });
  attempt.context.addWarning("b");
  attempt.context.addWarning("c");
  expect(await nextOf(first)).toMatchObject({ warningCount: 3, newWarnings: ["b", "c"] });
  expect(await nextOf(job.updates())).toMatchObject({ newWarnings: ["a", "b", "c"] });
  attempt.end(COMPLETED);
  expect(await nextOf(first)).toMatchObject({ warningCount: 3, newWarnings: [] });
});

test("ends where the job is paused, and a new iterator follows it on", async () => {
  await using host = await openJobHost();
  const { job, attempt, script } = await startJob(host);
  const statuses: string[] = [];
  const watched = (async () => {
    for await (const { status } of job.updates()) statuses.push(status);
  })();
  const pausing = host.manager.pause(job.id);
  attempt.end(INTERRUPTED);
  await pausing;
  await watched;
  expect(statuses.at(-1)).toBe("paused");
  await host.manager.resume(job.id);
  (await script.next()).end(COMPLETED);
  const last: string[] = [];
  for await (const { status } of job.updates()) last.push(status);
  expect(last.at(-1)).toBe("completed");
});

test("a job that has ended has one update", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  attempt.end(COMPLETED);
  await job.done();
  const again = await host.manager.get(job.id);
  const seen = await collect(again.updates());
  expect(seen.map(({ status }) => status)).toEqual(["completed"]);
});

test("can be left at any time", async () => {
  await using host = await openJobHost();
  const { job } = await startJob(host);
  const controller = new AbortController();
  const updates = job.updates({ signal: controller.signal });
  await nextOf(updates);
  const waiting = updates.next();
  controller.abort();
  expect((await waiting).done).toBe(true);
  for await (const update of job.updates()) {
    expect(update.status).toBe("running");
    break;
  }
});

test("ends when the manager closes, and done() says that the job goes on another time", async () => {
  const host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const seen = collect(job.updates());
  const done = job.done();
  done.catch(() => {});
  const closing = host.manager.close();
  attempt.end(INTERRUPTED);
  await closing;
  expect((await seen).at(-1)?.status).toBe("queued");
  await expect(done).rejects.toMatchObject({ code: "CLOSED" });
  await expect(job.record()).rejects.toMatchObject({ code: "CLOSED" });
});

test("a cancelled queued job is done at once for who waits for it", async () => {
  await using host = await openJobHost({ maxRunning: 1 });
  await startJob(host);
  const waiting = await host.manager.dispatch("test.job", {}, { library: host.library });
  const done = waiting.done();
  await host.manager.cancel(waiting.id);
  expect((await done).status).toBe("cancelled");
});

test("a process lives as long as it waits for a job that does nothing but wait, and no longer", async () => {
  const program = `
    import { createLibraryId, createWire } from "@spacedrive/wire";
    import { defineJob, JobManager, MemoryJobStore } from "@spacedrive/jobs";
    import { z } from "zod";
    const library = createLibraryId();
    const jobs = new JobManager({ wire: createWire() });
    const nap = defineJob({
      type: "test.nap",
      state: z.boolean(),
      run: (ctx, rested) => (rested ? undefined : ctx.suspendUntil(true, { afterMs: 50 })),
    });
    jobs.register(nap);
    await jobs.attach(library, new MemoryJobStore());
    const { status } = await (await jobs.dispatch(nap, false, { library })).done();
    process.stdout.write(status);
    await jobs.dispatch(nap, false, { library });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { cwd: import.meta.dirname });
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(output).toBe("completed");
});
