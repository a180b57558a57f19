import { SpacedriveError } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import type { JobOutcome } from "../src/index.js";
import { begin } from "./journal-calls.js";
import { APPEND, createWorld, type JournalHost, startHost } from "./journal-host.js";
import { COMPLETED, FAILED, INTERRUPTED, type ScriptedAttempt, ScriptedJob } from "./scripted-job.js";
import { settled } from "./settled.js";

const TRAPPED: JobOutcome = { kind: "failed", error: new SpacedriveError("GUEST_TRAPPED", "unreachable") };

const reply = z.object({ job_id: z.string(), status: z.string().optional() });

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

test("a wake-up that is asked for again in a replay holds, whatever was checkpointed before", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed);
  await first.context.call(APPEND, { text: "one" });
  await first.context.call("action:jobs.wake_when", { after_ms: 1_000 });
  await using killedAgain = await startHost(world);
  const second = await killedAgain.script.next();
  await second.context.call(APPEND, { text: "one" });
  // Refused in the attempt before, or not yet due.
  await second.context.checkpoint('"one"');
  // It does not wait yet: its next start does not either.
  await using host = await startHost(world);
  const third = await host.script.next();
  expect(third.state).toBe('"one"');
  await third.context.call("action:jobs.wake_when", { after_ms: 1_000 });
  await third.context.checkpoint('"asleep"');
  third.end({ kind: "suspended" });
  const job = await host.manager.get(third.context.id);
  for await (const { status } of job.updates()) if (status === "suspended") break;
  host.clock.advance(1_000);
  (await host.script.next()).end(COMPLETED);
  expect(await job.done()).toMatchObject({ status: "completed", checkpoint: 2 });
  expect(host.effects()).toEqual(["one"]);
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

/** A job at work, and another one that it may order about. */
async function beginTwo(
  host: JournalHost,
): Promise<{ readonly first: ScriptedAttempt; readonly other: ScriptedAttempt; readonly others: ScriptedJob }> {
  const others = new ScriptedJob();
  host.manager.register("test.other", others);
  await host.manager.dispatch("test.other", 0, { library: host.world.library });
  return { first: await begin(host), other: await others.next(), others };
}

async function statusOf(host: JournalHost, { context }: ScriptedAttempt): Promise<string | undefined> {
  return (await host.store.get(context.id))?.status;
}

test("an order of a job to a running one stands when the answer comes, and is obeyed at its end", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { first, other, others } = await beginTwo(host);
  const job_id = other.context.id;
  expect(await order(first, "pause", { job_id })).toEqual({ job_id, status: "running" });
  expect(await host.store.get(job_id)).toMatchObject({ status: "running", ordered: "pause" });
  expect(other.context.interrupt()).toBe("pause");
  other.end(INTERRUPTED);
  await settled();
  expect(await host.store.get(job_id)).toMatchObject({ status: "paused", ordered: null });
  expect(await order(first, "resume", { job_id })).toEqual({ job_id, status: "queued" });
  const again = await others.next();
  expect(await order(first, "cancel", { job_id })).toEqual({ job_id, status: "running" });
  expect(again.context.signal.aborted).toBe(true);
  again.end(INTERRUPTED);
  await settled();
  expect(await statusOf(host, again)).toBe("cancelled");
  first.end(COMPLETED);
});

test("an order to pause is obeyed also where the job's extension goes before the job hears of it", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const others = new ScriptedJob();
  const registration = host.manager.register("test.other", others);
  const { id } = await host.manager.dispatch("test.other", 0, { library: world.library });
  const other = await others.next();
  const first = await begin(host);
  const pause = await host.manager.prepareOrder("pause", id, first.context.id);
  await host.database.transaction((tx) => pause.commitIn(tx));
  const unregistered = registration.unregister();
  other.end(INTERRUPTED);
  await unregistered;
  expect(await host.store.get(id)).toMatchObject({ status: "paused", ordered: null });
});

test("a job that orders itself is told so, and ends as it ordered", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const first = await begin(host);
  expect(await order(first, "pause", { job_id: first.context.id })).toMatchObject({ status: "running" });
  expect(first.context.interrupt()).toBe("pause");
  first.end(INTERRUPTED);
  await settled();
  expect(await statusOf(host, first)).toBe("paused");
});

test.each([
  ["pause", "paused"],
  ["cancel", "cancelled"],
] as const)(
  "a host that dies after an order to %s and before it is obeyed leaves it to the next one, once",
  async (what, status) => {
    await using world = await createWorld();
    await using killed = await startHost(world);
    const { first, other } = await beginTwo(killed);
    await other.context.checkpoint('"kept"');
    await order(first, what, { job_id: other.context.id });

    await using host = await startHost(world);
    const others = new ScriptedJob();
    host.manager.register("test.other", others);
    expect(await host.store.get(other.context.id)).toMatchObject({ status, ordered: null, state: '"kept"' });
    const second = await host.script.next();
    if (what === "pause") await host.manager.resume(other.context.id);
    // The call is answered from its record: what was resumed since is not paused again.
    expect(await order(second, what, { job_id: other.context.id })).toMatchObject({ status: "running" });
    await settled();
    expect(await statusOf(host, other)).toBe(what === "pause" ? "running" : status);
    expect(others.begun).toBe(what === "pause" ? 1 : 0);
    second.end(COMPLETED);
  },
);

test("a host that dies in the transaction of an order has given none", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world, {
    onTransaction: (kind, moment) => {
      if (kind === "action" && moment === "inside") throw new Error("the host dies here");
    },
  });
  const { first, other } = await beginTwo(killed);
  const { context } = first;
  await expect(context.call("action:jobs.cancel", { job_id: other.context.id })).rejects.toMatchObject({
    code: "OPERATION_FAILED",
  });
  expect(other.context.interrupt()).toBe("none");
  await using host = await startHost(world);
  host.manager.register("test.other", new ScriptedJob());
  await settled();
  expect(await statusOf(host, other)).toBe("running");
  await host.script.next();
});

test("a cancel that the next host obeys takes the job's children along, and wakes its parent", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const { first, other } = await beginTwo(killed);
  killed.manager.register("test.child", new ScriptedJob());
  const { job_id: child } = await order(other, "dispatch", { job_type: "test.child" });
  await order(first, "cancel", { job_id: other.context.id });
  await using host = await startHost(world);
  await settled();
  expect(await host.manager.list({ type: "test.child" })).toMatchObject([{ id: child, status: "cancelled" }]);
  await host.script.next();
});

test("an order to a job that ends by itself is void, and one whose attempt merely ends is obeyed", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { first, other, others } = await beginTwo(host);
  await order(first, "pause", { job_id: other.context.id });
  other.end(COMPLETED);
  await settled();
  expect(await host.store.get(other.context.id)).toMatchObject({ status: "completed", ordered: null });

  for (const [outcome, status] of [
    [{ kind: "suspended", state: "1", until: { afterMs: 60_000 } }, "paused"],
    [TRAPPED, "paused"],
    [FAILED, "failed"],
  ] as const) {
    await host.manager.dispatch("test.other", 0, { library: world.library });
    const next = await others.next();
    await order(first, "pause", { job_id: next.context.id });
    next.end(outcome);
    await settled();
    expect(await host.store.get(next.context.id)).toMatchObject({ status, ordered: null });
  }
  first.end(COMPLETED);
});

test("a resume by a job takes a standing pause back", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { first, other, others } = await beginTwo(host);
  const { id } = other.context;
  await order(first, "pause", { job_id: id });
  expect(await order(first, "resume", { job_id: id })).toEqual({ job_id: id, status: "running" });
  expect(await host.store.get(id)).toMatchObject({ ordered: null });
  // It may have seen the interrupt: it goes on in another attempt.
  other.end(INTERRUPTED);
  expect((await others.next()).context.interrupt()).toBe("none");
  first.end(COMPLETED);
});

test("a resume by somebody else does so, too", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { first, other, others } = await beginTwo(host);
  await order(first, "pause", { job_id: other.context.id });
  const resumed = host.manager.resume(other.context.id);
  await settled();
  other.end(INTERRUPTED);
  expect(await resumed).toMatchObject({ status: "queued", ordered: null });
  await others.next();
  first.end(COMPLETED);
});

test("a resume that comes while the pause is being written queues the job again", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { first, other, others } = await beginTwo(host);
  const { id } = other.context;
  const update = host.store.update.bind(host.store);
  const resumed: Promise<unknown>[] = [];
  host.store.update = (job, step, history) => {
    host.store.update = update;
    return update(
      job,
      (stored) => {
        queueMicrotask(() => resumed.push(host.manager.resume(id)));
        return step(stored);
      },
      history,
    );
  };
  const paused = host.manager.pause(id);
  other.end(INTERRUPTED);
  await paused;
  expect(await Promise.all(resumed)).toMatchObject([{ status: "queued" }]);
  (await others.next()).end(COMPLETED);
  first.end(COMPLETED);
});

test("a cancel stands over a pause and a resume, and a job that cannot be paused is not ordered to", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { first, other } = await beginTwo(host);
  const { id } = other.context;
  await order(first, "cancel", { job_id: id });
  await order(first, "pause", { job_id: id });
  await order(first, "resume", { job_id: id });
  expect(await host.store.get(id)).toMatchObject({ ordered: "cancel" });
  await expect(order(first, "retry", { job_id: id })).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
  other.end(INTERRUPTED);
  await settled();
  expect(await statusOf(host, other)).toBe("cancelled");

  const brittle = new ScriptedJob({ resumable: false });
  host.manager.register("test.brittle", brittle);
  await host.manager.dispatch("test.brittle", 0, { library: world.library });
  const { context } = await brittle.next();
  await expect(order(first, "pause", { job_id: context.id })).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
  expect(await host.store.get(context.id)).toMatchObject({ ordered: null });
});

test("two jobs that order each other do not wait for each other", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { first, other } = await beginTwo(host);
  await Promise.all([
    order(first, "pause", { job_id: other.context.id }),
    order(other, "pause", { job_id: first.context.id }),
  ]);
  for (const attempt of [first, other]) attempt.end(INTERRUPTED);
  await settled();
  expect([await statusOf(host, first), await statusOf(host, other)]).toEqual(["paused", "paused"]);
});

test("a host that closes obeys what stands, instead of queueing the job again", async () => {
  await using world = await createWorld();
  const host = await startHost(world);
  const { first, other } = await beginTwo(host);
  await order(first, "cancel", { job_id: other.context.id });
  const closed = host[Symbol.asyncDispose]();
  for (const attempt of [first, other]) attempt.end(INTERRUPTED);
  await closed;
  await using next = await startHost(world);
  expect(await statusOf(next, other)).toBe("cancelled");
});
