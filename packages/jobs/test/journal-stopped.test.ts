import { defineAction } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import { append, begin, pauseAndResume, read } from "./journal-calls.js";
import { createWorld, type JournalHost, startHost } from "./journal-host.js";
import { INTERRUPTED } from "./scripted-job.js";

/** Has the next effects wait, once they are committed, until they are to be durable. */
function holdDurability({ wire: { libraries } }: JournalHost): {
  readonly committed: PromiseWithResolvers<void>;
  readonly durable: PromiseWithResolvers<void>;
} {
  const run = libraries.transaction?.bind(libraries);
  const [committed, durable] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  libraries.transaction = async (id, work) => {
    const value = await run?.(id, work);
    committed.resolve();
    await durable.promise;
    // Proof: it is what the work answered.
    return value as Awaited<ReturnType<typeof work>>;
  };
  return { committed, durable };
}

test("a guest stopped while an action prepares: its late commit is void", async () => {
  await using world = await createWorld();
  const prepared = Promise.withResolvers<void>();
  await using host = await startHost(world);
  host.wire.register(
    defineAction({
      name: "test.slow",
      scope: "library",
      input: z.object({}),
      output: z.object({}),
      prepare: () => prepared.promise,
      commit: (tx) => (tx.run("INSERT INTO effects VALUES ('late')"), {}),
    }),
  );
  const first = await begin(host);
  const call = first.context.call("action:test.slow", {}).catch((error: unknown) => error);
  const paused = host.manager.pause(first.context.id);
  // Past its deadline the attempt is stopped; the guest does not even answer.
  host.clock.advance(11_000);
  await paused;
  expect(await call).toMatchObject({ code: "CANCELLED" });
  prepared.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(host.effects()).toEqual([]);
  expect(await host.store.records(first.context.id, 0)).toEqual([]);
});

test("an attempt that is stopped while its action becomes durable has not ended before it is", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { committed, durable } = holdDurability(host);
  const first = await begin(host);
  const call = append(first, "one");
  await committed.promise;
  let over = false;
  const paused = host.manager.pause(first.context.id).then(() => (over = true));
  host.clock.advance(11_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(over).toBe(false);
  durable.resolve();
  expect(await call).toEqual({ row: 1 });
  await paused;
  await host.manager.resume(first.context.id);
  expect(await append(await host.script.next(), "one")).toEqual({ row: 1 });
  expect(host.effects()).toEqual(["one"]);
});

test("an action that became durable as its attempt was stopped is covered by the checkpoint that this still makes", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { committed, durable } = holdDurability(host);
  const first = await begin(host);
  const call = append(first, "tick");
  await committed.promise;
  const paused = host.manager.pause(first.context.id);
  host.clock.advance(10_000);
  durable.resolve();
  expect(await call).toEqual({ row: 1 });
  await first.context.checkpoint('"after the first tick"');
  first.end(INTERRUPTED);
  expect(await paused).toMatchObject({ state: '"after the first tick"', consumed: 1 });
  await host.manager.resume(first.context.id);
  expect(await append(await host.script.next(), "tick")).toEqual({ row: 2 });
});

test("an attempt that the store no longer calls the running one commits nothing", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const stale = await begin(killed);
  await using host = await startHost(world);
  const second = await host.script.next();
  await expect(append(stale, "by the dead")).rejects.toMatchObject({ code: "JOB_NOT_RUNNING" });
  await expect(stale.context.checkpoint("1")).rejects.toMatchObject({ code: "JOB_NOT_RUNNING" });
  expect(host.effects()).toEqual([]);
  expect(await append(second, "by the living")).toEqual({ row: 1 });
});

test("a pause while the journal is being replayed waits for its end, and costs nothing", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const first = await begin(host);
  await append(first, "one");
  await append(first, "two");
  const second = await pauseAndResume(host, first);
  const told: string[] = [];
  second.context.onInterrupt((interrupt) => told.push(interrupt));
  const paused = host.manager.pause(second.context.id);
  expect(second.context.interrupt()).toBe("none");
  await append(second, "one");
  expect(second.context.interrupt()).toBe("none");
  expect(told).toEqual([]);
  await append(second, "two");
  expect(second.context.interrupt()).toBe("pause");
  expect(told).toEqual(["pause"]);
  await second.context.checkpoint("2");
  second.end(INTERRUPTED);
  expect(await paused).toMatchObject({ status: "paused", state: "2", consumed: 2 });
  await host.manager.resume(second.context.id);
  const third = await host.script.next();
  expect(await append(third, "three")).toEqual({ row: 3 });
  expect(host.effects()).toEqual(["one", "two", "three"]);
});

test("a listener that comes while the journal is being replayed is told of a pause at its end", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const first = await begin(host);
  await append(first, "one");
  const second = await pauseAndResume(host, first);
  const paused = host.manager.pause(second.context.id);
  const told: string[] = [];
  second.context.onInterrupt((interrupt) => told.push(interrupt));
  expect(told).toEqual([]);
  await append(second, "one");
  expect(told).toEqual(["pause"]);
  second.end(INTERRUPTED);
  await paused;
});

test("two pauses in a row, each before the job has caught up, change nothing", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const first = await begin(host);
  await read(first, "a");
  await append(first, "one");
  await append(first, "two");
  const second = await pauseAndResume(host, first);
  await read(second, "a");
  const third = await pauseAndResume(host, second);
  await read(third, "a");
  await append(third, "one");
  const fourth = await pauseAndResume(host, third);
  await read(fourth, "a");
  expect(await append(fourth, "one")).toEqual({ row: 1 });
  expect(await append(fourth, "two")).toEqual({ row: 2 });
  expect(await append(fourth, "three")).toEqual({ row: 3 });
  expect(host.effects()).toEqual(["one", "two", "three"]);
  expect(fourth.context.attempt).toBe(4);
});

test("cancel while replaying is told at once, ends the job, and leaves no record", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const first = await begin(host);
  await append(first, "one");
  await append(first, "two");
  const second = await pauseAndResume(host, first);
  const told: string[] = [];
  second.context.onInterrupt((interrupt) => told.push(interrupt));
  const cancelled = host.manager.cancel(second.context.id);
  expect(second.context.interrupt()).toBe("cancel");
  expect(told).toEqual(["cancel"]);
  await expect(append(second, "one")).rejects.toMatchObject({ code: "CANCELLED" });
  second.end(INTERRUPTED);
  expect(await cancelled).toMatchObject({ status: "cancelled" });
  expect(await host.store.records(second.context.id, 0)).toEqual([]);
  expect(host.effects()).toEqual(["one", "two"]);
});
