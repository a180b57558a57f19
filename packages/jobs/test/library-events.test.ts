import { createLibraryId } from "@spacedrive/wire";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineJob, MAX_EVENT_NAMES, MAX_EVENT_PAYLOAD_BYTES, MemoryJobStore } from "../src/index.js";
import { openJobHost } from "./job-host.js";
import { begin } from "./journal-calls.js";
import { createWorld, type JournalHost, startHost } from "./journal-host.js";
import { COMPLETED, FAILED, type ScriptedAttempt, ScriptedJob } from "./scripted-job.js";
import { settled } from "./settled.js";

const WAKE_WHEN = "action:jobs.wake_when.input.v1";
const EMIT = "action:jobs.emit_event.input.v1";
const LAST = "query:jobs.last_event.v1";
const SUSPENDED = { kind: "suspended" } as const;

async function waitFor(attempt: ScriptedAttempt, when: object): Promise<void> {
  await attempt.context.call(WAKE_WHEN, when);
  await attempt.context.checkpoint('"waiting"');
  attempt.end(SUSPENDED);
  await settled();
}

function emit(host: JournalHost, name: string, payload?: unknown): Promise<number> {
  return host.manager.events.emit(name, { library: host.world.library, payload });
}

async function statusOf({ manager }: JournalHost, { context }: ScriptedAttempt): Promise<string> {
  return (await (await manager.get(context.id)).record()).status;
}

test("a job waits for an event without an instance, says so, and is woken once by the first one", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const attempt = await begin(host);
  await waitFor(attempt, { event: "app.ready" });
  const job = await host.manager.get(attempt.context.id);
  expect(await job.record()).toMatchObject({ status: "suspended", waitingFor: "event app.ready" });
  expect(await emit(host, "app.other")).toBe(1);
  expect(await statusOf(host, attempt)).toBe("suspended");
  expect(await emit(host, "app.ready", { files: 3 })).toBe(1);
  const woken = await host.script.next();
  expect([woken.state, woken.context.attempt]).toEqual(['"waiting"', 2]);
  expect(await emit(host, "app.ready")).toBe(2);
  await settled();
  expect(host.script.begun).toBe(0);
  expect(await woken.context.call(LAST, { name: "app.ready" })).toMatchObject({ number: 2, payload: null });
  woken.end(COMPLETED);
});

test("an event wakes all that wait for it, and tells them its payload and time", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const attempts = [await begin(host, "a"), await begin(host, "b"), await begin(host, "c")];
  for (const attempt of attempts) await waitFor(attempt, { event: "app.ready" });
  host.clock.advance(500);
  await emit(host, "app.ready", { __proto__: null, "": [1, "é"] });
  for (const _each of attempts) {
    const woken = await host.script.next();
    expect(await woken.context.call(LAST, { name: "app.ready" })).toEqual({
      number: 1,
      payload: { "": [1, "é"] },
      at_unix_ms: host.clock.now(),
    });
    woken.end(COMPLETED);
  }
});

test("an event between wake_when and the suspension queues the job at once; one before the call does not count", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  await emit(host, "app.ready");
  const attempt = await begin(host);
  await attempt.context.call(WAKE_WHEN, { event: "app.ready" });
  await attempt.context.checkpoint("1");
  await emit(host, "app.ready");
  attempt.end(SUSPENDED);
  const again = await host.script.next();
  await waitFor(again, { event: "app.ready" });
  expect(await statusOf(host, again)).toBe("suspended");
  await emit(host, "app.ready");
  (await host.script.next()).end(COMPLETED);
});

test("a job that names a number loses nothing that came after it", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  await emit(host, "app.ready");
  const attempt = await begin(host);
  const { number: after } = z
    .object({ number: z.int() })
    .parse(await attempt.context.call(LAST, { name: "app.ready" }));
  await emit(host, "app.ready");
  await waitFor(attempt, { event: { name: "app.ready", after } });
  const again = await host.script.next();
  await waitFor(again, { event: { name: "app.ready", after: 3 } });
  await emit(host, "app.ready");
  expect(await statusOf(host, again)).toBe("suspended");
  await emit(host, "app.ready");
  (await host.script.next()).end(COMPLETED);
});

test("of an event and a time the first to come wakes the job, and the other is over with it", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const timed = await begin(host);
  await waitFor(timed, { event: "app.ready", after_ms: 5_000 });
  const record = await (await host.manager.get(timed.context.id)).record();
  expect(record.waitingFor).toMatch(/^event app\.ready or 1970-/);
  host.clock.advance(5_000);
  const late = await host.script.next();
  await emit(host, "app.ready");
  expect(await statusOf(host, late)).toBe("running");
  await waitFor(late, { event: "app.ready", after_ms: 5_000 });
  await emit(host, "app.ready");
  const early = await host.script.next();
  host.clock.advance(60_000);
  await settled();
  expect(host.script.begun).toBe(0);
  early.end(COMPLETED);
});

test("an event that a job emits is emitted once, however often its attempt is repeated", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed, "emits");
  expect(await first.context.call(EMIT, { name: "app.ready", payload: 1 })).toEqual({ number: 1 });
  await using host = await startHost(world);
  const second = await host.script.next();
  expect(await second.context.call(EMIT, { name: "app.ready", payload: 1 })).toEqual({ number: 1 });
  expect(await second.context.call(EMIT, { name: "app.ready", payload: 1 })).toEqual({ number: 2 });
  second.end(COMPLETED);
});

test("a host that dies while a job waits, or before it runs what an event has woken, leaves both to the next one", async () => {
  await using world = await createWorld();
  await using first = await startHost(world);
  await waitFor(await begin(first), { event: "app.ready" });
  await using second = await startHost(world);
  await settled();
  expect(second.script.begun).toBe(0);
  // As the transaction of an action that is durable, and whose process dies before it can say so.
  const { store, database } = second;
  const event = { name: "app.ready", payload: null, at: second.clock.now(), maxNames: 9 };
  const { woken } = await database.transaction((tx) => store.emitIn(tx, event));
  expect(woken).toHaveLength(1);
  await settled();
  expect(second.script.begun).toBe(0);
  await using third = await startHost(world);
  (await third.script.next()).end(COMPLETED);
});

test("a host that dies between the checkpoint and the suspension does not lose the event of that moment", async () => {
  await using world = await createWorld();
  await using first = await startHost(world);
  const attempt = await begin(first);
  await attempt.context.call(WAKE_WHEN, { event: "app.ready" });
  await attempt.context.checkpoint('"after"');
  await emit(first, "app.ready");
  await using second = await startHost(world);
  const again = await second.script.next();
  expect(again.state).toBe('"after"');
  again.end(COMPLETED);
});

test("a job that fails once it has asked for its wake-up, and is retried, waits as it asked", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const attempt = await begin(host);
  await attempt.context.call(WAKE_WHEN, { event: "app.ready" });
  attempt.end(FAILED);
  await settled();
  await host.manager.retry(attempt.context.id);
  const again = await host.script.next();
  await waitFor(again, { event: "app.ready" });
  expect(await statusOf(host, again)).toBe("suspended");
  await emit(host, "app.ready");
  const woken = await host.script.next();
  woken.end(FAILED);
  await settled();
  await host.manager.retry(attempt.context.id);
  (await host.script.next()).end(COMPLETED);
});

test("a job that is paused while it waits is queued when it is resumed, where the event has come", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const attempt = await begin(host);
  await waitFor(attempt, { event: "app.ready" });
  const { id } = attempt.context;
  await host.manager.pause(id);
  expect((await host.manager.resume(id)).status).toBe("suspended");
  await host.manager.pause(id);
  await emit(host, "app.ready");
  expect(await statusOf(host, attempt)).toBe("paused");
  expect((await host.manager.resume(id)).status).toBe("queued");
  (await host.script.next()).end(COMPLETED);
});

test("a native job waits for an event with suspendUntil, also where the store joins no transaction", async () => {
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  await using host = await openJobHost({ store, library });
  const listener = defineJob({
    type: "test.listener",
    state: z.object({ heard: z.int() }),
    result: z.int(),
    run: (ctx, { heard }) =>
      heard < 2 ? ctx.suspendUntil({ heard: heard + 1 }, { event: "app.ready", afterMs: 60_000 }) : heard,
  });
  host.manager.register(listener);
  await host.manager.events.emit("app.ready", { library });
  const job = await host.manager.dispatch(listener, { heard: 0 }, { library });
  for (const number of [2, 3]) {
    await settled();
    expect(await job.record()).toMatchObject({ status: "suspended" });
    expect(await host.manager.events.emit("app.ready", { library, payload: number })).toBe(number);
  }
  expect(await job.done()).toMatchObject({ status: "completed", result: "2", attempt: 3 });
  expect(await host.manager.events.last("app.ready", library)).toMatchObject({ number: 3, payload: "3" });
});

test("an event whose waiting job has just ended, and does not know it yet, still wakes it", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const attempt = await begin(host);
  await attempt.context.call(WAKE_WHEN, { event: "app.ready" });
  await attempt.context.checkpoint("1");
  const emitted: Promise<number>[] = [];
  const update = host.store.update.bind(host.store);
  // In one commit with the suspension, right behind it.
  host.store.update = (...given) => {
    const updated = update(...given);
    emitted.push(emit(host, "app.ready"));
    host.store.update = update;
    return updated;
  };
  attempt.end(SUSPENDED);
  (await host.script.next()).end(COMPLETED);
  expect(await Promise.all(emitted)).toEqual([1]);
});

describe("what is refused", () => {
  test.each([
    "",
    "ready",
    "App.ready",
    "app..ready",
    ".ready",
    "app.ready.",
    "__proto__",
    "app.__proto__",
    "app.ready\n",
    ":ready",
    "finance:",
    "finance:_x",
    "Finance:x",
    "host:x",
    "finance:a b",
    "finance:a:b",
    "finance:\0",
    `app.${"x".repeat(125)}`,
    `finance:${"x".repeat(129)}`,
    `${"x".repeat(1_000_000)}:x`,
  ])("a name of no event: %j", async (name) => {
    await using host = await openJobHost();
    const { events } = host.manager;
    const refused = expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringMatching(/^.{1,600}$/s) });
    await expect(events.emit(name, { library: host.library })).rejects.toThrow(refused);
    await expect(events.last(name, host.library)).rejects.toThrow(refused);
  });

  test.each(["app.ready", "a.b.c_1", `app.${"x".repeat(124)}`, "finance:x", "finance:constructor", "finance:A.b-c_1"])(
    "not: %s",
    async (name) => {
      await using host = await openJobHost();
      expect(await host.manager.events.last(name, host.library)).toBeNull();
      expect(await host.manager.events.emit(name, { library: host.library })).toBe(1);
      expect(await host.manager.events.last(name, host.library)).toMatchObject({ name, number: 1, payload: null });
    },
  );

  test("a payload above its limit, and one that is no JSON", async () => {
    await using host = await openJobHost();
    const { library, manager } = host;
    const most = "x".repeat(MAX_EVENT_PAYLOAD_BYTES - 2);
    expect(await manager.events.emit("app.ready", { library, payload: most })).toBe(1);
    const emitted = manager.events.emit("app.ready", { library, payload: `${most}x` });
    await expect(emitted).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    for (const payload of [1n, () => {}]) {
      await expect(manager.events.emit("app.ready", { library, payload })).rejects.toMatchObject({
        code: "INVALID_INPUT",
      });
    }
    await expect(manager.events.emit("app.ready", { library: createLibraryId() })).rejects.toMatchObject({
      code: "LIBRARY_NOT_FOUND",
    });
  });

  test("more names than the library keeps of one extension, or of the host", async () => {
    await using host = await openJobHost();
    const { library, manager } = host;
    for (const owner of ["finance:e", "app.e"]) {
      for (let n = 0; n < MAX_EVENT_NAMES; n++) await manager.events.emit(`${owner}${n}`, { library });
      await expect(manager.events.emit(`${owner}x`, { library })).rejects.toMatchObject({ code: "EVENTS_FULL" });
      expect(await manager.events.emit(`${owner}0`, { library })).toBe(2);
    }
    expect(await manager.events.emit("mail:e", { library })).toBe(1);
  });

  test.each([
    [{ event: "ready" }],
    [{ event: { name: "app.ready", after: -1 } }],
    [{ event: { name: "app.ready", after: 0.5 } }],
    [{}],
  ])("a job that waits for %j", async (when) => {
    await using world = await createWorld();
    await using host = await startHost(world);
    const attempt = await begin(host);
    await expect(attempt.context.call(WAKE_WHEN, when)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    attempt.end(COMPLETED);
  });
});

test("the names of one extension are not those of another, in the same library", async () => {
  await using host = await openJobHost();
  host.manager.register("test.job", new ScriptedJob());
  const { library, manager } = host;
  await manager.events.emit("finance:x", { library });
  expect(await manager.events.last("mail:x", library)).toBeNull();
});

test("an extension's job emits and awaits its own events by their bare names, and awaits the host's", async () => {
  await using world = await createWorld();
  await using host = await startHost(world, { extension: "finance" });
  host.wire.registerGate("finance", { authorize() {}, limit() {} });
  await host.manager.dispatch("finance:job", 0, { library: world.library });
  let attempt = await host.script.next();
  for (const event of ["imported", "finance:imported", "app.ready"]) {
    await waitFor(attempt, { event });
    await emit(host, event === "imported" ? "finance:imported" : event);
    attempt = await host.script.next();
  }
  expect(await attempt.context.call(EMIT, { name: "imported" })).toEqual({ number: 3 });
  expect(await attempt.context.call(LAST, { name: "finance:imported" })).toMatchObject({ number: 3 });
  expect(await attempt.context.call(LAST, { name: "nothing" })).toEqual({ number: 0, payload: null, at_unix_ms: 0 });
  const denied = { code: "PERMISSION_DENIED" };
  await expect(attempt.context.call(EMIT, { name: "app.ready" })).rejects.toMatchObject(denied);
  await expect(attempt.context.call(EMIT, { name: "mail:arrived" })).rejects.toMatchObject(denied);
  await expect(attempt.context.call(LAST, { name: "mail:arrived" })).rejects.toMatchObject(denied);
  await expect(attempt.context.call(WAKE_WHEN, { event: "mail:arrived" })).rejects.toMatchObject(denied);
  await expect(attempt.context.call(WAKE_WHEN, { event: { name: "mail:x", after: 0 } })).rejects.toMatchObject(denied);
  attempt.end(COMPLETED);
});
