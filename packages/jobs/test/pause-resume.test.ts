import { createJobId } from "@spacedrive/wire";
import { expect, test } from "vitest";
import type { Interrupt } from "../src/index.js";
import { openJobHost } from "./job-host.js";
import { COMPLETED, FAILED, INTERRUPTED, ScriptedJob } from "./scripted-job.js";
import { startJob } from "./start-job.js";

test("a pause interrupts at once, and the job resumes from the checkpoint that it made", async () => {
  await using host = await openJobHost();
  const { script, job, attempt } = await startJob(host);
  const seen: Interrupt[] = [];
  attempt.context.onInterrupt((interrupt) => seen.push(interrupt));

  const pausing = host.manager.pause(job.id);
  expect(attempt.context.interrupt()).toBe("pause");
  expect(attempt.context.signal.aborted).toBe(false);
  expect(seen).toEqual(["pause"]);
  await attempt.context.checkpoint('{"n":7}');
  attempt.end(INTERRUPTED);
  expect(await pausing).toMatchObject({ status: "paused", state: '{"n":7}', endedAt: null });

  expect(await host.manager.resume(job.id)).toMatchObject({ status: "queued" });
  const second = await script.next();
  expect([second.state, second.context.attempt]).toEqual(['{"n":7}', 2]);
  second.end(COMPLETED);
  expect((await job.done()).status).toBe("completed");
});

test("a listener that comes after the interrupt is told at once, and one that left is not", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const seen: string[] = [];
  attempt.context.onInterrupt(() => seen.push("left"))();
  const pausing = host.manager.pause(job.id);
  attempt.context.onInterrupt((interrupt) => seen.push(interrupt));
  expect(seen).toEqual(["pause"]);
  attempt.end(INTERRUPTED);
  await pausing;
});

test("a paused job returns to the report of its checkpoint", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  attempt.context.incrementItems(2);
  attempt.context.addWarning("kept");
  await attempt.context.checkpoint("1");
  attempt.context.incrementItems(5);
  attempt.context.addWarning("will be said again");
  const pausing = host.manager.pause(job.id);
  attempt.end(INTERRUPTED);
  expect(await pausing).toMatchObject({ metrics: { items: 2 }, warnings: ["kept"], attemptsSinceProgress: 0 });
});

test("a job that does not look is stopped at the deadline, and is paused at its last checkpoint", async () => {
  await using host = await openJobHost({ interruptDeadlineMs: 10_000 });
  const { job, attempt } = await startJob(host);
  await attempt.context.checkpoint("1");
  const pausing = host.manager.pause(job.id);
  host.clock.advance(9_999);
  expect(attempt.context.signal.aborted).toBe(false);
  host.clock.advance(1);
  expect(attempt.context.signal.aborted).toBe(true);
  expect((await job.record()).status).toBe("running");
  host.clock.advance(1_000);
  expect(await pausing).toMatchObject({ status: "paused", state: "1" });
  await expect(attempt.context.checkpoint("2")).rejects.toMatchObject({ code: "JOB_NOT_RUNNING" });
  expect((await job.record()).state).toBe("1");
});

test("an error after the deadline's abort is a pause, not a failure", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const pausing = host.manager.pause(job.id);
  host.clock.advance(10_000);
  attempt.end(FAILED);
  expect((await pausing).status).toBe("paused");
});

test("what a stopped job makes of the refusal of its calls is void: it neither checkpoints nor ends by it", async () => {
  await using host = await openJobHost();
  const { script, job, attempt } = await startJob(host);
  const pausing = host.manager.pause(job.id);
  host.clock.advance(10_000);
  await expect(attempt.context.call("query:test.ping", {})).rejects.toMatchObject({ code: "CANCELLED" });
  await expect(attempt.context.checkpoint('"without"')).rejects.toMatchObject({ code: "CANCELLED" });
  attempt.end(COMPLETED);
  expect(await pausing).toMatchObject({ status: "paused", state: '{"n":0}', checkpoint: 0 });
  await host.manager.resume(job.id);
  const again = await script.next();
  await expect(again.context.call("query:test.ping", {})).rejects.toMatchObject({ code: "NOT_FOUND" });
  again.end(COMPLETED);
  expect((await job.done()).status).toBe("completed");
});

test("a stopped job that was refused nothing still checkpoints, and what it was answered is covered", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const pausing = host.manager.pause(job.id);
  host.clock.advance(10_000);
  await attempt.context.checkpoint("7");
  attempt.end(INTERRUPTED);
  expect(await pausing).toMatchObject({ status: "paused", state: "7" });
});

test("a job that fails by itself while it is to pause has failed", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const pausing = host.manager.pause(job.id);
  attempt.end(FAILED);
  expect((await pausing).status).toBe("failed");
});

test("a job that ends just as it is to pause is completed", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const pausing = host.manager.pause(job.id);
  attempt.end(COMPLETED);
  expect((await pausing).status).toBe("completed");
});

test("pause, then resume before the job has looked: it goes on from the checkpoint that it makes", async () => {
  await using host = await openJobHost();
  const { script, job, attempt } = await startJob(host);
  const pausing = host.manager.pause(job.id);
  const resuming = host.manager.resume(job.id);
  await attempt.context.checkpoint("5");
  attempt.end(INTERRUPTED);
  expect((await pausing).status).toBe("queued");
  expect((await resuming).status).toBe("queued");
  const second = await script.next();
  expect([second.state, second.context.interrupt()]).toEqual(["5", "none"]);
});

test("pause, resume, pause before the job has looked: it is paused", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const orders = [host.manager.pause(job.id), host.manager.resume(job.id), host.manager.pause(job.id)];
  attempt.end(INTERRUPTED);
  for (const order of orders) expect((await order).status).toBe("paused");
});

test("two pauses at once are one, and a pause of a paused job changes nothing", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const orders = [host.manager.pause(job.id), host.manager.pause(job.id)];
  attempt.end(INTERRUPTED);
  const [first, second] = await Promise.all(orders);
  expect(first).toEqual(second);
  expect(await host.manager.pause(job.id)).toEqual(first);
});

test("a queued job can be paused, does not start then, and can be resumed", async () => {
  await using host = await openJobHost({ maxRunning: 1 });
  const { script, attempt } = await startJob(host);
  const waiting = await host.manager.dispatch("test.job", { n: 1 }, { library: host.library });
  expect((await host.manager.pause(waiting.id)).status).toBe("paused");
  attempt.end(COMPLETED);
  const third = await host.manager.dispatch("test.job", { n: 2 }, { library: host.library });
  const next = await script.next();
  expect(next.context.id).toBe(third.id);
  await host.manager.resume(waiting.id);
  next.end(COMPLETED);
  expect((await script.next()).state).toBe('{"n":1}');
});

test("resume of a queued or running job changes nothing", async () => {
  await using host = await openJobHost({ maxRunning: 1 });
  const { job, attempt } = await startJob(host);
  const waiting = await host.manager.dispatch("test.job", {}, { library: host.library });
  expect((await host.manager.resume(job.id)).status).toBe("running");
  expect((await host.manager.resume(waiting.id)).status).toBe("queued");
  expect(attempt.context.interrupt()).toBe("none");
});

test("a job that cannot be resumed is not paused, running or queued", async () => {
  await using host = await openJobHost({ maxRunning: 1 });
  const { job, attempt } = await startJob(host, {}, new ScriptedJob({ resumable: false }));
  const waiting = await host.manager.dispatch("test.job", {}, { library: host.library });
  for (const id of [job.id, waiting.id]) {
    await expect(host.manager.pause(id)).rejects.toMatchObject({
      code: "INVALID_TRANSITION",
      message: expect.stringContaining("not resumable"),
    });
  }
  expect(attempt.context.interrupt()).toBe("none");
});

test("an ended job is neither paused nor resumed, and an unknown one is not found", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  attempt.end(COMPLETED);
  await job.done();
  await expect(host.manager.pause(job.id)).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
  await expect(host.manager.resume(job.id)).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
  await expect(host.manager.pause(createJobId())).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a failed job is retried from its last checkpoint, and no other is", async () => {
  await using host = await openJobHost();
  const { script, job, attempt } = await startJob(host);
  await expect(host.manager.retry(job.id)).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
  attempt.context.incrementItems(1);
  await attempt.context.checkpoint("1");
  attempt.context.incrementItems(1);
  attempt.end(FAILED);
  await job.done();
  await expect(host.manager.resume(job.id)).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
  expect(await host.manager.retry(job.id)).toMatchObject({ status: "queued", error: null, metrics: { items: 1 } });
  const second = await script.next();
  expect(second.state).toBe("1");
  second.end(COMPLETED);
  await job.done();
  await expect(host.manager.retry(job.id)).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
});
