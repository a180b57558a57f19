import { parseJobId } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineJob, type JobManager } from "../src/index.js";
import { createWorld, type JournalHost, startHost } from "./journal-host.js";
import { openJobHost } from "./job-host.js";
import { COMPLETED, FAILED, INTERRUPTED, ScriptedJob, type ScriptedAttempt } from "./scripted-job.js";
import { settled } from "./settled.js";

const SPAWN = "action:jobs.spawn.input.v1";
const SPAWN_MANY = "action:jobs.spawn_many.input.v1";
const WAKE_WHEN = "action:jobs.wake_when.input.v1";
const spawned = z.object({ job_id: z.string().transform(parseJobId) });
const spawnedMany = z.object({ job_ids: z.array(z.string().transform(parseJobId)) });
const SUSPENDED = { kind: "suspended" } as const;

type Host = Pick<JournalHost, "manager" | "world" | "script" | "clock" | "store">;

/** A parent at work, and a type for its children, whose attempts the test holds. */
async function startParent(host: Host): Promise<{ readonly parent: ScriptedAttempt; readonly children: ScriptedJob }> {
  const children = new ScriptedJob();
  host.manager.register("test.child", children);
  await host.manager.dispatch("test.job", 0, { library: host.world.library });
  return { parent: await host.script.next(), children };
}

async function spawnMany(parent: ScriptedAttempt, params: readonly unknown[]): Promise<readonly string[]> {
  const reply = await parent.context.call(SPAWN_MANY, { job_type: "test.child", params });
  return spawnedMany.parse(reply).job_ids;
}

async function statusOf(manager: JobManager, id: string): Promise<string> {
  return (await (await manager.get(parseJobId(id))).record()).status;
}

test("a parent waits for all its children without an instance, and is woken once by the end of the last", async () => {
  await using world = await createWorld();
  await using host = await startHost(world, { maxRunning: 3 });
  const { parent, children } = await startParent(host);
  await spawnMany(parent, [1, 2, 3]);
  await parent.context.call(WAKE_WHEN, { children: "ended" });
  await parent.context.checkpoint('"waiting"');
  parent.end(SUSPENDED);
  const attempts = [await children.next(), await children.next(), await children.next()];
  expect((await (await host.manager.get(parent.context.id)).record()).waitingFor).toBe("its children");
  expect(await host.manager.countChildren(parent.context.id)).toEqual({ running: 3 });
  attempts[0]?.end(COMPLETED);
  attempts[1]?.end(FAILED);
  await settled();
  expect(await statusOf(host.manager, parent.context.id)).toBe("suspended");
  const last = attempts[2]?.context.id;
  const cancelling = last === undefined ? null : host.manager.cancel(last);
  attempts[2]?.end(INTERRUPTED);
  await cancelling;
  const again = await host.script.next();
  expect([again.state, again.context.attempt]).toEqual(['"waiting"', 2]);
  expect(await host.manager.countChildren(parent.context.id)).toEqual({ completed: 1, failed: 1, cancelled: 1 });
  again.end(COMPLETED);
  await settled();
  expect(host.script.begun).toBe(0);
});

test("a parent waits for some of its children, in whichever order they end", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { parent, children } = await startParent(host);
  const ids = await spawnMany(parent, ["a", "b", "c", "d"]);
  await parent.context.call(WAKE_WHEN, { children: [ids[0], ids[2]] });
  parent.end(SUSPENDED);
  const attempts = new Map<string, ScriptedAttempt>();
  for (let n = 0; n < 4; n++) {
    const attempt = await children.next();
    attempts.set(attempt.context.id, attempt);
  }
  for (const at of [3, 2]) {
    attempts.get(ids[at] ?? "")?.end(COMPLETED);
    await settled();
    expect(await statusOf(host.manager, parent.context.id)).toBe("suspended");
  }
  attempts.get(ids[0] ?? "")?.end(COMPLETED);
  (await host.script.next()).end(COMPLETED);
  expect(await statusOf(host.manager, ids[1] ?? "")).toBe("running");
  attempts.get(ids[1] ?? "")?.end(COMPLETED);
});

test("children that ended before the parent is suspended wake it at once", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { parent, children } = await startParent(host);
  const ids = await spawnMany(parent, [1]);
  (await children.next()).end(COMPLETED);
  await settled();
  expect(await statusOf(host.manager, ids[0] ?? "")).toBe("completed");
  await parent.context.call(WAKE_WHEN, { children: ids });
  parent.end(SUSPENDED);
  (await host.script.next()).end(COMPLETED);
});

test("a host that dies between the checkpoint and the suspension lets the job wait on, not run ahead", async () => {
  await using world = await createWorld();
  const first = await startHost(world);
  const { parent } = await startParent(first);
  await parent.context.call(WAKE_WHEN, { after_ms: 60_000 });
  await parent.context.checkpoint('"after the wait"');
  await using second = await startHost(world);
  await settled();
  expect(second.script.begun).toBe(0);
  expect(await statusOf(second.manager, parent.context.id)).toBe("suspended");
  second.clock.advance(60_000);
  const again = await second.script.next();
  expect(again.state).toBe('"after the wait"');
  again.end(COMPLETED);
  await first[Symbol.asyncDispose]();
});

test("a host that dies before that checkpoint repeats the attempt, which is answered as before and waits as before", async () => {
  await using world = await createWorld();
  const first = await startHost(world);
  const { parent } = await startParent(first);
  const ids = await spawnMany(parent, [1, 2]);
  await parent.context.call(WAKE_WHEN, { after_ms: 60_000 });
  await using second = await startHost(world);
  second.manager.register("test.child", new ScriptedJob());
  const again = await second.script.next();
  expect(again.state).toBe("0");
  expect(await spawnMany(again, [1, 2])).toEqual(ids);
  await again.context.call(WAKE_WHEN, { after_ms: 60_000 });
  await again.context.checkpoint("1");
  again.end(SUSPENDED);
  await settled();
  expect(await statusOf(second.manager, again.context.id)).toBe("suspended");
  expect(await second.manager.countChildren(again.context.id)).toEqual({ running: 2 });
  second.clock.advance(60_000);
  (await second.script.next()).end(COMPLETED);
  await first[Symbol.asyncDispose]();
});

test("the end of the last child while no host knows of its parent is not lost", async () => {
  await using world = await createWorld();
  const first = await startHost(world);
  const { parent, children } = await startParent(first);
  await spawnMany(parent, [1]);
  await parent.context.call(WAKE_WHEN, { children: "ended" });
  parent.end(SUSPENDED);
  const child = await children.next();
  await settled();
  const closing = first.manager.close();
  child.end(COMPLETED);
  await closing;
  expect((await first.store.get(parent.context.id))?.status).toBe("queued");
  await using second = await startHost(world);
  (await second.script.next()).end(COMPLETED);
  await first[Symbol.asyncDispose]();
});

test("a job that thinks better of its wake-up and checkpoints on is not suspended by a crash", async () => {
  await using world = await createWorld();
  const first = await startHost(world);
  const { parent } = await startParent(first);
  await parent.context.call(WAKE_WHEN, { after_ms: 60_000 });
  await parent.context.checkpoint("1");
  await parent.context.checkpoint("2");
  await using second = await startHost(world);
  const again = await second.script.next();
  expect(again.state).toBe("2");
  again.end(COMPLETED);
  await first[Symbol.asyncDispose]();
});

test("a cancelled parent takes its children and theirs with it", async () => {
  await using world = await createWorld();
  await using host = await startHost(world, { maxRunning: 2 });
  const { parent, children } = await startParent(host);
  const ids = await spawnMany(parent, [1, 2, 3]);
  const child = await children.next();
  const grandchild = spawned.parse(await child.context.call(SPAWN, { job_type: "test.child", params: 9 })).job_id;
  const cancelling = host.manager.cancel(parent.context.id);
  parent.end(INTERRUPTED);
  await cancelling;
  await settled();
  child.end(INTERRUPTED);
  // One may have begun when the parent's place became free: it is given up.
  await settled();
  host.clock.advance(1_000);
  for (const id of [...ids, grandchild]) {
    expect((await (await host.manager.get(parseJobId(id))).done()).status).toBe("cancelled");
  }
});

test("children that a dead host had yet to cancel are cancelled by the next", async () => {
  await using world = await createWorld();
  const first = await startHost(world, { maxRunning: 1 });
  const { parent } = await startParent(first);
  const ids = await spawnMany(parent, [1, 2]);
  const closing = first.manager.cancel(parent.context.id);
  // The cancel is stored, and what follows from it is not.
  first.store.liveChildren = () => new Promise<never>(() => {});
  parent.end(INTERRUPTED);
  await closing;
  await using second = await startHost(world);
  for (const id of ids) expect((await (await second.manager.get(parseJobId(id))).done()).status).toBe("cancelled");
});

test("a child that is retried by hand after its parent was cancelled is its own from then on, also at the next start", async () => {
  await using world = await createWorld();
  const first = await startHost(world);
  const { parent, children } = await startParent(first);
  const [failed = ""] = await spawnMany(parent, [1]);
  (await children.next()).end(FAILED);
  const id = parseJobId(failed);
  await (await first.manager.get(id)).done();
  const cancelling = first.manager.cancel(parent.context.id);
  parent.end(INTERRUPTED);
  await cancelling;
  await first.manager.retry(id);
  await children.next();
  await settled();
  expect(await statusOf(first.manager, failed)).toBe("running");
  await using second = await startHost(world);
  const again = new ScriptedJob();
  second.manager.register("test.child", again);
  const attempt = await again.next();
  await settled();
  expect(attempt.context.interrupt()).toBe("none");
  attempt.end(COMPLETED);
  expect((await (await second.manager.get(id)).done()).status).toBe("completed");
});

test("a parent that completes or fails leaves its children at work", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { parent, children } = await startParent(host);
  const [id = ""] = await spawnMany(parent, [1]);
  parent.end(FAILED);
  await settled();
  expect(await statusOf(host.manager, id)).toBe("running");
  (await children.next()).end(COMPLETED);
});

test("only a running job spawns and waits, and only for its own children", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { parent } = await startParent(host);
  const stranger = await host.manager.dispatch("test.child", 0, { library: world.library });
  const user = { caller: { kind: "user" }, library: world.library } as const;
  for (const [method, input] of [
    [SPAWN, { job_type: "test.child" }],
    [SPAWN_MANY, { job_type: "test.child", params: [1] }],
    [WAKE_WHEN, { after_ms: 1 }],
  ] as const) {
    await expect(host.wire.call(method, input, user)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  }
  for (const input of [{}, { after_ms: -1 }, { children: [] }, { children: [stranger.id] }, { children: "all" }]) {
    await expect(parent.context.call(WAKE_WHEN, input)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  }
  const unknown = { children: ["00000000-0000-4000-8000-000000000000"] };
  await expect(parent.context.call(WAKE_WHEN, unknown)).rejects.toMatchObject({ code: "NOT_FOUND" });
  parent.end(COMPLETED);
});

test("a native job fans out and gathers", async () => {
  await using world = await createWorld();
  const square = defineJob({
    type: "test.square",
    state: z.object({ n: z.int() }),
    result: z.int(),
    run: (_ctx, { n }) => n * n,
  });
  const sum = defineJob({
    type: "test.sum",
    state: z.object({ upTo: z.int(), children: z.array(z.string()).default([]) }),
    result: z.int(),
    async run(ctx, { upTo, children }) {
      if (children.length === 0) {
        for (let n = 1; n <= upTo; n++) children.push(await ctx.spawn(square, { n }, { priority: n }));
        ctx.suspendUntil({ upTo, children }, { children: "ended" });
      }
      let total = 0;
      for (const job_id of children) {
        total += z.object({ result: z.int() }).parse(await ctx.call("query:jobs.get_status.v1", { job_id })).result;
      }
      return total;
    },
  });
  await using host = await startHost(world, { job: sum });
  host.manager.register(square);
  const job = await host.manager.dispatch(sum, { upTo: 10 }, { library: world.library });
  expect(await job.done()).toMatchObject({ status: "completed", result: "385", attempt: 2 });
});

test("an extension with a long queue leaves places to the others", async () => {
  await using host = await openJobHost({ maxRunning: 5, maxRunningPerExtension: 4 });
  const { manager, library } = host;
  const [greedy, modest] = [new ScriptedJob({ extension: "greedy" }), new ScriptedJob({ extension: "modest" })];
  manager.register("greedy:job", greedy);
  manager.register("modest:job", modest);
  for (let n = 0; n < 50; n++) await manager.dispatch("greedy:job", n, { library });
  for (let n = 0; n < 4; n++) await greedy.next();
  for (let n = 0; n < 2; n++) await manager.dispatch("modest:job", n, { library });
  // Its jobs are younger than those that wait, and go first while fewer of them run.
  const running = manager.contexts.list().slice(0, 2);
  for (const { id } of running) manager.contexts.find(id, "greedy");
  const ended = running.map(({ id }) => manager.cancel(id));
  host.clock.advance(1_000);
  await Promise.all(ended);
  await modest.next();
  await modest.next();
  expect(manager.contexts.list().filter(({ type }) => type === "modest:job")).toHaveLength(2);
});

test("a child that comes after its parent was cancelled is cancelled, too, whatever is ordered meanwhile", async () => {
  await using host = await openJobHost();
  const { library, manager } = host;
  const script = new ScriptedJob();
  manager.register("test.job", script);
  const parent = await manager.dispatch("test.job", 0, { library });
  const cancelling = manager.cancel(parent.id);
  (await script.next()).end(INTERRUPTED);
  await cancelling;
  const child = await manager.dispatch("test.job", 0, { library, parent: parent.id });
  manager.pause(child.id).catch(() => {});
  await settled();
  // It may have begun; then its attempt is stopped.
  host.clock.advance(2_000);
  expect(await child.done()).toMatchObject({ status: "cancelled" });
});
