import { describe, expect, test } from "vitest";
import { append, begin, pauseAndResume, read } from "./journal-calls.js";
import { createWorld, startHost } from "./journal-host.js";
import { COMPLETED } from "./scripted-job.js";

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
