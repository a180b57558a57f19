import { createLibraryId, defineQuery } from "@spacedrive/wire";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { append, begin, read } from "./journal-calls.js";
import { APPEND, createWorld, READ, startHost } from "./journal-host.js";
import { COMPLETED, FAILED, INTERRUPTED } from "./scripted-job.js";

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
