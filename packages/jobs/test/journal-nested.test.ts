import { defineAction } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import { begin } from "./journal-calls.js";
import { APPEND, createWorld, type JournalHost, OUTER, READ, startHost } from "./journal-host.js";
import { COMPLETED, type ScriptedAttempt } from "./scripted-job.js";

function outer(
  { context }: ScriptedAttempt,
  lines: readonly string[],
  how: { readonly fails?: true; readonly blind?: true } = {},
): Promise<unknown> {
  return context.call(OUTER, { lines, ...how });
}

const LINES = ["a", "b", "c"];

/** The call is cut off in the middle: the host dies while its nth inner action is prepared. */
async function dieInside(
  host: JournalHost,
  attempt: ScriptedAttempt,
  lines: readonly string[],
  after: number,
  how: { readonly blind?: true } = {},
): Promise<void> {
  const reached = Promise.withResolvers<void>();
  const { libraries } = host.wire;
  const run = libraries.transaction?.bind(libraries);
  if (run === undefined) throw new Error("the host has databases");
  let committed = 0;
  libraries.transaction = async (id, work) => {
    if (committed++ < after) return run(id, work);
    reached.resolve();
    return new Promise(() => {});
  };
  outer(attempt, lines, how).catch(() => {});
  await reached.promise;
}

test("an action of another extension that was answered is answered from its own record", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed);
  const answer = await outer(first, ["a", "b"]);
  world.value = "later";
  await using host = await startHost(world);
  const second = await host.script.next();
  expect(await outer(second, ["a", "b"])).toEqual(answer);
  expect(host.ran).toEqual([]);
  expect(host.effects()).toEqual(["a", "b"]);
});

test("one that was cut off in the middle runs again, and the calls that it had made are replayed", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed);
  await first.context.call(APPEND, { text: "before" });
  await dieInside(killed, first, ["a", "b", "c"], 2);
  expect(killed.effects()).toEqual(["before", "a", "b"]);
  world.value = "later";

  await using host = await startHost(world);
  const second = await host.script.next();
  await second.context.call(APPEND, { text: "before" });
  expect(second.context.interrupt()).toBe("none");
  expect(await outer(second, ["a", "b", "c"])).toEqual({
    rows: [
      { value: "first", padding: "" },
      { row: 2 },
      { value: "first", padding: "" },
      { row: 3 },
      { value: "later", padding: "" },
      { row: 4 },
    ],
  });
  expect(host.ran).toEqual(["test.outer a,b,c", "test.read c", "test.append c"]);
  second.end(COMPLETED);
  const done = await (await host.manager.get(second.context.id)).done();
  expect(done).toMatchObject({ status: "completed", warnings: [] });
  expect(host.effects()).toEqual(["before", "a", "b", "c"]);
});

test("one whose first inner call has an effect is as safe: it stands on record before its inner calls do", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  await dieInside(killed, await begin(killed), LINES, 1, { blind: true });
  await using host = await startHost(world);
  await outer(await host.script.next(), LINES, { blind: true });
  expect(host.effects()).toEqual(LINES);
});

test("one that takes too long is over: what is still under way inside it commits nothing", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const prepared = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const inner = Promise.withResolvers<unknown>();
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
  host.wire.register(
    defineAction({
      name: "test.impatient",
      scope: "library",
      timeoutMs: 100,
      input: z.object({}),
      output: z.object({}),
      // It forgets to hand its signal on.
      async run({ caller, library, recorder }) {
        inner.resolve(
          host.wire.call("action:test.slow", {}, { caller, library, recorder }).catch((error: unknown) => error),
        );
        begun.resolve();
        return new Promise(() => {});
      },
    }),
  );
  const first = await begin(host);
  const call = first.context.call("action:test.impatient", {}).catch((error: unknown) => error);
  const innerCall = inner.promise;
  await begun.promise;
  await new Promise((resolve) => setImmediate(resolve));
  host.clock.advance(100);
  expect(await call).toMatchObject({ code: "TIMEOUT" });
  prepared.resolve();
  expect(await innerCall).toMatchObject({ code: "CANCELLED" });
  expect(await first.context.call(APPEND, { text: "next" })).toEqual({ row: 1 });
  expect(host.effects()).toEqual(["next"]);
});

test("one that was cut off twice goes on from where it was the second time", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  await dieInside(killed, await begin(killed), ["a", "b", "c"], 1);
  await using killedAgain = await startHost(world);
  await dieInside(killedAgain, await killedAgain.script.next(), ["a", "b", "c"], 1);
  expect(killedAgain.effects()).toEqual(["a", "b"]);
  await using host = await startHost(world);
  await outer(await host.script.next(), ["a", "b", "c"]);
  expect(host.effects()).toEqual(["a", "b", "c"]);
});

test("a pause waits until the inner calls, too, have been made again", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  await dieInside(killed, await begin(killed), ["a", "b"], 1);
  await using host = await startHost(world);
  const second = await host.script.next();
  const told: string[] = [];
  second.context.onInterrupt(() => told.push(host.ran.join(", ")));
  const paused = host.manager.pause(second.context.id);
  expect(second.context.interrupt()).toBe("none");
  await outer(second, ["a", "b"]);
  expect(told).toEqual(["test.outer a,b"]);
  second.end({ kind: "interrupted" });
  await paused;
});

test("one that failed after its inner calls had effects fails again, and leaves them as they are", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed);
  await expect(outer(first, ["a"], { fails: true })).rejects.toMatchObject({ code: "OPERATION_FAILED" });
  await first.context.call(APPEND, { text: "after" });
  await using host = await startHost(world);
  const second = await host.script.next();
  await expect(outer(second, ["a"], { fails: true })).rejects.toMatchObject({ code: "OPERATION_FAILED" });
  await second.context.call(APPEND, { text: "after" });
  expect(host.ran).toEqual([]);
  expect(host.effects()).toEqual(["a", "after"]);
});

test("one that failed after its inner calls had effects fails again also where changed code makes it in another turn", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  const first = await begin(killed);
  await expect(outer(first, ["a"], { fails: true })).rejects.toMatchObject({ code: "OPERATION_FAILED" });
  await first.context.call(APPEND, { text: "after" });
  for (const text of ["new", "newer"]) {
    await using host = await startHost(world);
    const next = await host.script.next();
    await next.context.call(APPEND, { text });
    await expect(outer(next, ["a"], { fails: true })).rejects.toMatchObject({ code: "OPERATION_FAILED" });
    await next.context.call(APPEND, { text: `${text} and after` });
    expect(host.ran).toEqual([`test.append ${text}`, `test.append ${text} and after`]);
  }
});

test("one that was cut off and that changed code calls elsewhere still makes none of its effects twice", async () => {
  await using world = await createWorld();
  await using killed = await startHost(world);
  await dieInside(killed, await begin(killed), LINES, 1);
  await using killedAgain = await startHost(world);
  const second = await killedAgain.script.next();
  await second.context.call(APPEND, { text: "new" });
  await dieInside(killedAgain, second, LINES, 1);
  expect(killedAgain.effects()).toEqual(["a", "new", "b"]);
  await using host = await startHost(world);
  const third = await host.script.next();
  await third.context.call(APPEND, { text: "new" });
  await outer(third, LINES);
  expect(host.ran).toEqual(["test.outer a,b,c", "test.read c", "test.append c"]);
  expect(host.effects()).toEqual(["a", "new", "b", "c"]);
});

test("what an answered call only read is not written with the effects after it", async () => {
  await using world = await createWorld();
  const hosts: JournalHost[] = [];
  const look = defineAction({
    name: "test.look",
    scope: "library",
    input: z.object({}),
    output: z.object({}),
    async run({ caller, library, signal, recorder }) {
      for (const what of ["x", "y"]) {
        await hosts[0]?.wire.call(READ, { what }, { caller, library, signal, recorder });
      }
      // Failed, it has had no effect that would have been written at once.
      throw new Error("nothing to be seen");
    },
  });
  await using host = await startHost(world, { operations: [look] });
  hosts.push(host);
  const { context } = await begin(host);
  await expect(context.call("action:test.look", {})).rejects.toMatchObject({ code: "OPERATION_FAILED" });
  expect(host.ran).toEqual(["test.read x", "test.read y"]);
  await context.call(APPEND, { text: "effect" });
  const records = await host.store.records(context.id, 0);
  expect(records.map(({ place }) => place)).toEqual([[1], [2]]);
});
