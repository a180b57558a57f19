import { expect, test } from "vitest";
import { z } from "zod";
import { createWorld, type JournalHost, startHost } from "./journal-host.js";
import { COMPLETED, FAILED, INTERRUPTED, type ScriptedAttempt, ScriptedJob } from "./scripted-job.js";

const reply = z.object({ job_id: z.string(), status: z.string().optional() });

async function begin(host: JournalHost): Promise<ScriptedAttempt> {
  await host.manager.dispatch("test.job", "parent", { library: host.world.library });
  return host.script.next();
}

async function order({ context }: ScriptedAttempt, what: string, input: object): Promise<z.output<typeof reply>> {
  return reply.parse(await context.call(`action:jobs.${what}`, input));
}

test("a job dispatched by a job is dispatched once, and is its child", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed);
  const dispatched = await order(first, "dispatch", { job_type: "test.child" }).catch((error: unknown) => error);
  expect(dispatched).toMatchObject({ code: "NOT_FOUND" });
  killed.manager.register("test.child", new ScriptedJob());
  const child = await order(first, "dispatch", { job_type: "test.child" });

  await using host = await startHost(world);
  host.manager.register("test.child", new ScriptedJob());
  const second = await host.script.next();
  await expect(order(second, "dispatch", { job_type: "test.child" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await order(second, "dispatch", { job_type: "test.child" })).toEqual(child);
  expect(await host.manager.list({ type: "test.child" })).toMatchObject([
    { id: child.job_id, parent: second.context.id },
  ]);
  const another = await order(second, "dispatch", { job_type: "test.child" });
  expect(another.job_id).not.toBe(child.job_id);
});

test("a job retried by a job is retried once, also where it failed again since", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const children = new ScriptedJob();
  host.manager.register("test.child", children);
  const child = await host.manager.dispatch("test.child", 0, { library: world.library });
  (await children.next()).end(FAILED);
  await child.done();
  const first = await begin(host);
  expect(await order(first, "retry", { job_id: child.id })).toEqual({ job_id: child.id, status: "queued" });
  (await children.next()).end(FAILED);
  await child.done();
  const paused = host.manager.pause(first.context.id);
  first.end(INTERRUPTED);
  await paused;
  await host.manager.resume(first.context.id);
  const second = await host.script.next();
  expect(await order(second, "retry", { job_id: child.id })).toEqual({ job_id: child.id, status: "queued" });
  expect(await child.record()).toMatchObject({ status: "failed", attempt: 2 });
});

test("a job that failed after it had asked for its wake-up sleeps when it is retried", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const first = await begin(host);
  await first.context.call("action:jobs.wake_when", { after_ms: 1_000 });
  first.end(FAILED);
  const job = await host.manager.get(first.context.id);
  await job.done();
  await host.manager.retry(job.id);
  const second = await host.script.next();
  await second.context.call("action:jobs.wake_when", { after_ms: 1_000 });
  await second.context.checkpoint('"asleep"');
  second.end({ kind: "suspended" });
  for await (const { status } of job.updates()) if (status === "suspended") break;
  host.clock.advance(1_000);
  const third = await host.script.next();
  expect(third.state).toBe('"asleep"');
  third.end(COMPLETED);
  expect(await job.done()).toMatchObject({ status: "completed", wake: null });
});

test("a resting job that a job pauses, resumes or cancels stands so with the record of the call", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  // Nobody registers its type: it waits.
  const waiting = new ScriptedJob();
  const registration = host.manager.register("test.child", waiting);
  const first = await begin(host);
  await registration.unregister();
  const child = await host.store.list({}, 1);
  expect(child).toHaveLength(1);
  const blocked = host.manager.register("test.child", waiting);
  const job = await host.manager.dispatch("test.child", 0, { library: world.library });
  const attempt = await waiting.next();
  const released = blocked.unregister();
  attempt.end(INTERRUPTED);
  await released;
  for (const [what, status] of [
    ["pause", "paused"],
    ["pause", "paused"],
    ["resume", "queued"],
    ["cancel", "cancelled"],
    ["cancel", "cancelled"],
  ] as const) {
    expect(await order(first, what, { job_id: job.id })).toEqual({ job_id: job.id, status });
    expect((await host.store.get(job.id))?.status).toBe(status);
  }
  expect(await host.store.records(first.context.id, 0)).toHaveLength(5);
  await expect(order(first, "resume", { job_id: job.id })).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
});

test("a running job that a job pauses is paused when the answer comes; one that orders itself does not wait", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const children = new ScriptedJob();
  host.manager.register("test.child", children);
  const first = await begin(host);
  const { job_id } = await order(first, "dispatch", { job_type: "test.child" });
  const child = await children.next();
  child.context.onInterrupt(() => child.end(INTERRUPTED));
  expect(await order(first, "pause", { job_id })).toEqual({ job_id, status: "paused" });
  expect(await order(first, "pause", { job_id: first.context.id })).toMatchObject({ status: "running" });
  expect(first.context.interrupt()).toBe("pause");
  first.end(COMPLETED);
});
