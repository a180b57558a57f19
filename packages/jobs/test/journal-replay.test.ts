import { createLibraryId, defineAction, defineQuery, SpacedriveError } from "@spacedrive/wire";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { APPEND, APPEND_HOST, createWorld, type JournalHost, READ, SEND, startHost } from "./journal-host.js";
import { COMPLETED, FAILED, INTERRUPTED, type ScriptedAttempt } from "./scripted-job.js";

async function begin(host: JournalHost, params: unknown = 0): Promise<ScriptedAttempt> {
  await host.manager.dispatch("test.job", params, { library: host.world.library });
  return host.script.next();
}

/** Ends the attempt as a job does that has seen its interrupt, and starts the next. */
async function pauseAndResume(host: JournalHost, attempt: ScriptedAttempt): Promise<ScriptedAttempt> {
  const paused = host.manager.pause(attempt.context.id);
  attempt.end(INTERRUPTED);
  await paused;
  await host.manager.resume(attempt.context.id);
  return host.script.next();
}

function read({ context }: ScriptedAttempt, what: string): Promise<unknown> {
  return context.call(READ, { what });
}

function append({ context }: ScriptedAttempt, text: string): Promise<unknown> {
  return context.call(APPEND, { text });
}

const DENIED = "PERMISSION_DENIED";

test("a resumed job is answered what it was answered, and does nothing twice", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed);
  const answers = [
    await read(first, "a"),
    await append(first, "one"),
    await read(first, "b"),
    await append(first, "two"),
  ];
  world.value = "changed since";

  await using host = await startHost(world);
  const second = await host.script.next();
  expect(second.context.attempt).toBe(2);
  expect([
    await read(second, "a"),
    await append(second, "one"),
    await read(second, "b"),
    await append(second, "two"),
  ]).toEqual(answers);
  expect(host.ran).toEqual([]);
  expect(await append(second, "three")).toEqual({ row: 3 });
  second.end(COMPLETED);
  expect(await (await host.manager.get(second.context.id)).done()).toMatchObject({ status: "completed", warnings: [] });
  expect(host.effects()).toEqual(["one", "two", "three"]);
});

test("what was read after the last effect is read anew", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed);
  await append(first, "one");
  await read(first, "a");
  world.value = "changed since";
  await using host = await startHost(world);
  const second = await host.script.next();
  await append(second, "one");
  expect(await read(second, "a")).toMatchObject({ value: "changed since" });
});

test("a checkpoint covers the calls before it: they are not answered again, and their records are gone", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed);
  await append(first, "one");
  await first.context.checkpoint("1");
  await append(first, "two");
  expect(await killed.store.records(first.context.id, 0)).toMatchObject([{ place: [2] }]);

  await using host = await startHost(world);
  const second = await host.script.next();
  expect(second.state).toBe("1");
  expect(await append(second, "two")).toEqual({ row: 2 });
  expect(await append(second, "one")).toEqual({ row: 3 });
  expect(host.effects()).toEqual(["one", "two", "one"]);
});

test("calls match whatever the order of their keys, and with or without a version as they were asked", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed);
  await first.context.callJson("query:test.read", '{"what":"a","more":{"x":1,"y":[1]}}', world.library);
  await append(first, "one");
  await using host = await startHost(world);
  const second = await host.script.next();
  await second.context.callJson("query:test.read", '{ "more": {"y":[1],"x":1}, "what":"a" }', world.library);
  await append(second, "one");
  expect(host.ran).toEqual([]);
});

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
  const { libraries } = host.wire;
  const run = libraries.transaction?.bind(libraries);
  const [committed, durable] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  libraries.transaction = async (id, work) => {
    const value = await run?.(id, work);
    committed.resolve();
    await durable.promise;
    // Proof: it is what the work answered.
    return value as Awaited<ReturnType<typeof work>>;
  };
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
  const { libraries } = host.wire;
  const run = libraries.transaction?.bind(libraries);
  const [committed, durable] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  libraries.transaction = async (id, work) => {
    const value = await run?.(id, work);
    committed.resolve();
    await durable.promise;
    // Proof: it is what the work answered.
    return value as Awaited<ReturnType<typeof work>>;
  };
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

describe("an extension's job", () => {
  function gate(host: JournalHost, refused: () => boolean, code: "PERMISSION_DENIED" | "RATE_LIMITED"): void {
    const refuse = (): void => {
      if (!refused()) return;
      throw new SpacedriveError(code, "refused", { details: { retry_after_ms: 7 } });
    };
    host.wire.registerGate("finance", {
      authorize: code === DENIED ? refuse : () => {},
      limit: code === DENIED ? () => {} : refuse,
    });
  }

  async function beginFinance(host: JournalHost): Promise<ScriptedAttempt> {
    await host.manager.dispatch("finance:job", 0, { library: host.world.library });
    return host.script.next();
  }

  test.each(["PERMISSION_DENIED", "RATE_LIMITED"] as const)(
    "that was refused with %s and then committed is refused and answered again, whatever is allowed now",
    async (code) => {
      await using world = await createWorld();
      await using killed = await startHost(world, { extension: "finance" });
      let refused = true;
      gate(killed, () => refused, code);
      const first = await beginFinance(killed);
      await expect(append(first, "one")).rejects.toMatchObject({ code });
      refused = false;
      expect(await append(first, "instead")).toEqual({ row: 1 });

      await using host = await startHost(world, { extension: "finance" });
      gate(host, () => false, code);
      const second = await host.script.next();
      await expect(append(second, "one")).rejects.toMatchObject({
        code,
        message: "refused",
        retryable: code === "RATE_LIMITED",
        details: { retry_after_ms: 7 },
      });
      expect(await append(second, "instead")).toEqual({ row: 1 });
      expect(host.effects()).toEqual(["instead"]);
    },
  );

  test.each(["PERMISSION_DENIED", "RATE_LIMITED"] as const)(
    "that was allowed is answered again where it would now be refused with %s; what it asks anew is refused",
    async (code) => {
      await using world = await createWorld();
      await using killed = await startHost(world, { extension: "finance" });
      gate(killed, () => false, code);
      const first = await beginFinance(killed);
      await append(first, "one");
      await using host = await startHost(world, { extension: "finance" });
      gate(host, () => true, code);
      const second = await host.script.next();
      expect(await append(second, "one")).toEqual({ row: 1 });
      await expect(append(second, "two")).rejects.toMatchObject({ code });
      expect(host.effects()).toEqual(["one"]);
    },
  );

  test("is answered again where the operation is gone since, and told again that one was not there", async () => {
    await using world = await createWorld();
    await using killed = await startHost(world);
    const vanishing = defineAction({
      name: "test.vanishing",
      scope: "library",
      input: z.object({}),
      output: z.object({ done: z.boolean() }),
      prepare: () => null,
      commit: (tx) => (tx.run("INSERT INTO effects VALUES ('vanishing')"), { done: true }),
    });
    const first = await begin(killed);
    await expect(first.context.call("action:test.vanishing", {})).rejects.toMatchObject({ code: "NOT_FOUND" });
    const registration = killed.wire.register(vanishing);
    expect(await first.context.call("action:test.vanishing", {})).toEqual({ done: true });
    registration.unregister();

    await using host = await startHost(world);
    const second = await host.script.next();
    await expect(second.context.call("action:test.vanishing", {})).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await second.context.call("action:test.vanishing", {})).toEqual({ done: true });
    expect(host.effects()).toEqual(["vanishing"]);
  });
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

test("a retry of a failed job does nothing twice, and what it failed on can succeed", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const first = await begin(host);
  await append(first, "one");
  await expect(first.context.call("query:test.not_there", {})).rejects.toMatchObject({ code: "NOT_FOUND" });
  first.end(FAILED);
  const job = await host.manager.get(first.context.id);
  expect((await job.done()).status).toBe("failed");
  host.wire.register(
    defineQuery({
      name: "test.not_there",
      scope: "library",
      input: z.object({}),
      output: z.string(),
      run: () => "now",
    }),
  );
  await host.manager.retry(job.id);
  const second = await host.script.next();
  expect(await append(second, "one")).toEqual({ row: 1 });
  expect(await second.context.call("query:test.not_there", {})).toBe("now");
  second.end(COMPLETED);
  expect((await job.done()).status).toBe("completed");
  expect(host.effects()).toEqual(["one"]);
  expect(await host.store.records(job.id, 0)).toEqual([]);
});

describe("what a job reads again", () => {
  test("because it no longer knows it, is read anew and ends no replay: a checkpoint in the midst of a listing", async () => {
    await using world = await createWorld();
    await using killed = await startHost(world);
    const first = await begin(killed);
    await read(first, "page");
    await append(first, "one");
    await first.context.checkpoint("1");
    const item = await read(first, "item two");
    await append(first, "two");
    await read(first, "item three");
    await append(first, "three");
    world.value = "changed since";

    await using host = await startHost(world);
    const second = await host.script.next();
    const pause = host.manager.pause(second.context.id);
    expect(await read(second, "rest of the page")).toMatchObject({ value: "changed since" });
    expect(await read(second, "item two")).toEqual(item);
    expect(await append(second, "two")).toEqual({ row: 2 });
    expect(second.context.interrupt()).toBe("none");
    await read(second, "item three");
    expect(await append(second, "three")).toEqual({ row: 3 });
    expect(second.context.interrupt()).toBe("pause");
    expect(host.ran).toEqual(["test.read rest of the page"]);
    const { entries } = await host.manager.history(second.context.id);
    const calls = entries.filter((entry) => entry.kind === "call").slice(-5);
    expect(calls.map(({ replayed }) => replayed)).toEqual([false, true, true, true, true]);
    await second.context.checkpoint("3");
    second.end(INTERRUPTED);
    expect(await pause).toMatchObject({ status: "paused", warnings: [] });
    expect(await host.store.records(second.context.id, 0)).toEqual([]);
    expect(host.effects()).toEqual(["one", "two", "three"]);
  });

  test("may come in another order, or not at all, before the action that follows it", async () => {
    await using world = await createWorld();
    await using killed = await startHost(world);
    const first = await begin(killed);
    for (const what of ["next page", "a", "b"]) await read(first, what);
    await append(first, "one");
    await read(first, "c");
    await append(first, "two");
    world.value = "changed since";

    await using host = await startHost(world);
    const second = await host.script.next();
    for (const what of ["b", "a"]) expect(await read(second, what)).toMatchObject({ value: "first" });
    expect(await append(second, "one")).toEqual({ row: 1 });
    expect(await read(second, "next page")).toMatchObject({ value: "changed since" });
    expect(await read(second, "c")).toMatchObject({ value: "first" });
    expect(await append(second, "two")).toEqual({ row: 2 });
    expect(await append(second, "three")).toEqual({ row: 3 });

    // And once more, over what this attempt has added.
    await using again = await startHost(world);
    const third = await again.script.next();
    for (const text of ["one", "two", "three"]) await append(third, text);
    third.end(COMPLETED);
    expect((await (await again.manager.get(third.context.id)).done()).warnings).toEqual([]);
    expect(again.effects()).toEqual(["one", "two", "three"]);
  });

  test("and a checkpoint before its action: what was not made again is still answered, once", async () => {
    await using world = await createWorld();
    await using killed = await startHost(world);
    const first = await begin(killed);
    await read(first, "a");
    await append(first, "one");
    await using killedAgain = await startHost(world);
    const second = await killedAgain.script.next();
    await read(second, "new");
    await second.context.checkpoint("1");
    await using host = await startHost(world);
    const third = await host.script.next();
    expect(await append(third, "one")).toEqual({ row: 1 });
    expect(await append(third, "one")).toEqual({ row: 2 });
  });
});

describe("an action that differs from the recorded one", () => {
  test("is made; the job is warned once, queries are dropped, and each action still answers one equal call", async () => {
    await using world = await createWorld();
    await using host = await startHost(world);
    const first = await begin(host);
    await append(first, "one");
    await append(first, "twin");
    await read(first, "a");
    await append(first, "twin");
    world.value = "second";
    const second = await pauseAndResume(host, first);
    expect(await append(second, "twin")).toEqual({ row: 2 });
    expect(await read(second, "a")).toMatchObject({ value: "second" });
    expect(await append(second, "twin")).toEqual({ row: 3 });
    expect(await append(second, "twin")).toEqual({ row: 4 });
    expect(await append(second, "one")).toEqual({ row: 1 });
    second.end(COMPLETED);
    const { warnings } = await (await host.manager.get(second.context.id)).done();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/"action:test\.append".*another payload/);
    expect(host.effects()).toEqual(["one", "twin", "twin", "twin"]);
  });

  test("is forgotten at the next checkpoint: then an equal call is a new one", async () => {
    await using world = await createWorld();
    await using host = await startHost(world);
    const first = await begin(host);
    await append(first, "one");
    await append(first, "two");
    const second = await pauseAndResume(host, first);
    expect(await append(second, "two")).toEqual({ row: 2 });
    await second.context.checkpoint("1");
    expect(await append(second, "one")).toEqual({ row: 3 });
    expect(await append(second, "two")).toEqual({ row: 4 });
  });

  test("and a kill after it: the new calls are replayed in their order, and the old ones still answer once", async () => {
    await using world = await createWorld();
    await using killed = await startHost(world);
    const first = await begin(killed);
    await append(first, "one");
    await append(first, "two");
    await append(first, "three");
    await using killedAgain = await startHost(world);
    const second = await killedAgain.script.next();
    expect(await append(second, "one")).toEqual({ row: 1 });
    // Changed here: it makes "three" before anything else, and what is new.
    expect(await append(second, "three")).toEqual({ row: 3 });
    world.value = "read by the new code";
    await read(second, "new");
    expect(await append(second, "new")).toEqual({ row: 4 });
    world.value = "later";

    await using host = await startHost(world);
    const third = await host.script.next();
    expect(await append(third, "one")).toEqual({ row: 1 });
    expect(await append(third, "three")).toEqual({ row: 3 });
    expect(await read(third, "new")).toMatchObject({ value: "read by the new code" });
    expect(await append(third, "new")).toEqual({ row: 4 });
    expect(host.ran).toEqual([]);
    expect(await append(third, "two")).toEqual({ row: 2 });
    expect(await append(third, "three")).toEqual({ row: 5 });
    expect(third.context.interrupt()).toBe("none");
    third.end(COMPLETED);
    expect((await (await host.manager.get(third.context.id)).done()).warnings).toEqual([]);
  });
});

test("an effect that changed code has taken, and its next change again, still answers one call and no second", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const first = await begin(host);
  await append(first, "one");
  const second = await pauseAndResume(host, first);
  await append(second, "second's");
  expect(await append(second, "one")).toEqual({ row: 1 });
  await append(second, "effect");
  const third = await pauseAndResume(host, second);
  await append(third, "third's");
  expect(await append(third, "one")).toEqual({ row: 1 });
  await append(third, "another effect");
  const fourth = await pauseAndResume(host, third);
  await append(fourth, "fourth's");
  expect(await append(fourth, "one")).toEqual({ row: 1 });
  expect(await append(fourth, "one")).toEqual({ row: 7 });
});

describe("large query results", () => {
  test("are written without waiting for an effect, and replayed with it", async () => {
    await using world = await createWorld();
    world.padding = 600_000;
    await using killed = await startHost(world);
    const first = await begin(killed);
    await read(first, "a");
    expect(await killed.store.records(first.context.id, 0)).toHaveLength(0);
    const large = await read(first, "b");
    expect(await killed.store.records(first.context.id, 0)).toHaveLength(2);
    await append(first, "one");
    world.value = "later";
    await using host = await startHost(world);
    const second = await host.script.next();
    await read(second, "a");
    expect(await read(second, "b")).toEqual(large);
    expect(await append(second, "one")).toEqual({ row: 1 });
    expect(host.ran).toEqual([]);
  });

  test("that no effect followed are dropped when the job resumes", async () => {
    await using world = await createWorld();
    world.padding = 1_200_000;
    await using killed = await startHost(world);
    const first = await begin(killed);
    await append(first, "one");
    await read(first, "a");
    expect(await killed.store.records(first.context.id, 0)).toHaveLength(2);
    world.value = "later";
    await using host = await startHost(world);
    const second = await host.script.next();
    expect(await host.store.records(first.context.id, 0)).toHaveLength(1);
    await append(second, "one");
    expect(await read(second, "a")).toMatchObject({ value: "later" });
  });

  test("fill the journal: past its quota a call is JOURNAL_FULL until the job checkpoints, just below it is not", async () => {
    await using world = await createWorld();
    world.padding = 10_000;
    await using host = await startHost(world, { journalQuotaBytes: 40_000 });
    const first = await begin(host);
    for (const what of ["a", "b", "c", "d"]) await read(first, what);
    const full = { code: "JOURNAL_FULL", message: expect.stringContaining("Checkpoint first") };
    await expect(read(first, "e")).rejects.toMatchObject(full);
    await expect(append(first, "one")).rejects.toMatchObject(full);
    expect(host.effects()).toEqual([]);
    await first.context.checkpoint("1");
    await read(first, "e");
    expect(await append(first, "one")).toEqual({ row: 1 });
    // Replayed calls need no room.
    const second = await pauseAndResume(host, first);
    await read(second, "e");
    expect(await append(second, "one")).toEqual({ row: 1 });
  });
});

describe('operations of scope "host"', () => {
  test("are recorded with their effect in the host's database, with the queries before them", async () => {
    await using world = await createWorld();
    await using killed = await startHost(world);
    const first = await begin(killed);
    await append(first, "one");
    await read(first, "a");
    await first.context.call(APPEND_HOST, { text: "in host" });
    await append(first, "two");
    world.value = "later";

    await using host = await startHost(world);
    const second = await host.script.next();
    await append(second, "one");
    expect(await read(second, "a")).toMatchObject({ value: "first" });
    expect(await second.context.call(APPEND_HOST, { text: "in host" })).toEqual({ row: 1 });
    await append(second, "two");
    expect(host.ran).toEqual([]);
    expect(host.effects()).toEqual(["one", "two", "in host"]);
  });

  test("count as progress, and their records go when the job ends, or at the next start", async () => {
    await using world = await createWorld();
    const rows = (host: JournalHost): unknown =>
      host.hostDatabase.read((reader) => reader.get("SELECT count(*) AS n FROM job_records")?.n);
    await using killed = await startHost(world);
    const first = await begin(killed);
    await first.context.call(APPEND_HOST, { text: "a" });
    expect((await killed.store.get(first.context.id))?.attemptsSinceProgress).toBe(0);
    await first.context.checkpoint("1");
    expect(rows(killed)).toBe(1);
    await using host = await startHost(world);
    expect(rows(host)).toBe(0);
    const second = await host.script.next();
    await second.context.call(APPEND_HOST, { text: "b" });
    expect(rows(host)).toBe(1);
    second.end(COMPLETED);
    await (await host.manager.get(second.context.id)).done();
    await host.manager.close();
    expect(rows(host)).toBe(0);
  });

  test("are gone with the job's end, also those that an earlier attempt's checkpoint covered", async () => {
    await using world = await createWorld();
    await using host = await startHost(world);
    const first = await begin(host);
    await first.context.call(APPEND_HOST, { text: "a" });
    await first.context.checkpoint("1");
    const second = await pauseAndResume(host, first);
    second.end(COMPLETED);
    await (await host.manager.get(second.context.id)).done();
    await host.manager.close();
    expect(host.hostDatabase.read((reader) => reader.get("SELECT count(*) AS n FROM job_records")?.n)).toBe(0);
  });

  test("are gone with a job that is cancelled while it rests", async () => {
    await using world = await createWorld();
    await using host = await startHost(world);
    const first = await begin(host);
    await first.context.call(APPEND_HOST, { text: "a" });
    const paused = host.manager.pause(first.context.id);
    first.end(INTERRUPTED);
    await paused;
    await host.manager.cancel(first.context.id);
    await host.manager.close();
    expect(host.hostDatabase.read((reader) => reader.get("SELECT count(*) AS n FROM job_records")?.n)).toBe(0);
  });

  test("without a place in the host's database are recorded after their effect", async () => {
    await using world = await createWorld();
    await using host = await startHost(world, { hostRecords: null });
    const first = await begin(host);
    await first.context.call(APPEND_HOST, { text: "a" });
    const second = await pauseAndResume(host, first);
    expect(await second.context.call(APPEND_HOST, { text: "a" })).toEqual({ row: 1 });
    expect(host.effects()).toEqual(["a"]);
  });
});

test("an effect outside of the databases has a key that is the same when it is repeated, and another for each call", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed);
  await append(first, "one");
  await read(first, "a");
  await first.context.call(SEND, { text: "hello" });
  // As if the host had died before it could write what came back.
  await killed.store.forget(first.context.id, 1, [[2], [3]]);
  await using host = await startHost(world);
  const second = await host.script.next();
  await append(second, "one");
  await read(second, "a");
  await second.context.call(SEND, { text: "hello" });
  await second.context.call(SEND, { text: "hello" });
  expect(world.sent).toHaveLength(3);
  expect(world.sent[1]).toBe(world.sent[0]);
  expect(world.sent[2]).not.toBe(world.sent[0]);
});

test("an effect outside of the databases is repeated as the call that it was, whatever can be read since", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed);
  const dies = Promise.withResolvers<void>();
  killed.wire.register(
    defineAction({
      name: "test.charge",
      scope: "host",
      input: z.object({ amount: z.unknown() }),
      output: z.object({}),
      async run({ idempotencyKey }, { amount }) {
        world.sent.push(`${JSON.stringify(amount)} ${idempotencyKey}`);
        dies.resolve();
        return new Promise<never>(() => {});
      },
    }),
  );
  const amount = await read(first, "price");
  first.context.call("action:test.charge", { amount }).catch(() => {});
  await dies.promise;

  world.value = "changed since";
  await using host = await startHost(world);
  host.wire.register(
    defineAction({
      name: "test.charge",
      scope: "host",
      input: z.object({ amount: z.unknown() }),
      output: z.object({}),
      run: ({ idempotencyKey }, { amount: again }) => (
        world.sent.push(`${JSON.stringify(again)} ${idempotencyKey}`), {}
      ),
    }),
  );
  const second = await host.script.next();
  await second.context.call("action:test.charge", { amount: await read(second, "price") });
  expect(world.sent).toHaveLength(2);
  expect(world.sent[1]).toBe(world.sent[0]);
});

test("an effect outside of the databases keeps its key where changed code repeats it in another turn", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed);
  await append(first, "one");
  await first.context.call(SEND, { text: "hello" });
  // As if the host had died before it could write what came back.
  const [, sent] = await killed.store.records(first.context.id, 0);
  if (sent === undefined) throw new Error("the call is on record");
  await killed.store.record(first.context.id, 1, [{ ...sent, content: { kind: "open" } }]);
  await using killedAgain = await startHost(world);
  const second = await killedAgain.script.next();
  await append(second, "new");
  await second.context.call(SEND, { text: "hello" });
  expect(world.sent).toHaveLength(2);
  expect(world.sent[1]).toBe(world.sent[0]);
});

test("an effect outside of the databases that was recorded is not repeated", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed);
  const answer = await first.context.call(SEND, { text: "hello" });
  await using host = await startHost(world);
  const second = await host.script.next();
  expect(await second.context.call(SEND, { text: "hello" })).toEqual(answer);
  expect(world.sent).toHaveLength(1);
});

test("a recorded call counts as progress: a host that dies after one each time does not fail the job", async () => {
  await using world = await createWorld();
  await using disposables = new AsyncDisposableStack();
  for (let attempt = 1; attempt <= 7; attempt++) {
    const host = disposables.use(await startHost(world));
    const running = attempt === 1 ? await begin(host) : await host.script.next();
    for (let n = 1; n <= attempt; n++) expect(await append(running, `line ${n}`)).toEqual({ row: n });
  }
});

test("inside a job actions go to the job's own library; queries may go to others", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { context } = await begin(host);
  const other = createLibraryId();
  expect(await context.callJson(APPEND, '{"text":"x"}', other)).toContain("LIBRARY_ACCESS_DENIED");
  expect(await context.callJson(READ, "{}", other)).toContain("LIBRARY_NOT_FOUND");
  expect(host.effects()).toEqual([]);
});

test("two jobs on one library at once keep their calls apart", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const [a, b] = [await begin(killed, "a"), await begin(killed, "b")];
  await Promise.all([append(a, "same"), append(b, "same")]);
  await Promise.all([append(a, "of a"), append(b, "of b")]);
  await using host = await startHost(world);
  const again = [await host.script.next(), await host.script.next()];
  const [a2, b2] = again[0]?.state === '"a"' ? again : again.reverse();
  if (a2 === undefined || b2 === undefined) throw new Error("two attempts were expected");
  await Promise.all([append(a2, "same"), append(b2, "same")]);
  await Promise.all([append(a2, "of a"), append(b2, "of b")]);
  expect(host.ran).toEqual([]);
  expect(host.effects().toSorted()).toEqual(["of a", "of b", "same", "same"]);
  expect(await append(a2, "more of a")).toEqual({ row: 5 });
});
