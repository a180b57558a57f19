import { defineAction } from "@spacedrive/wire";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { append, begin, pauseAndResume, read } from "./journal-calls.js";
import { APPEND_HOST, createWorld, type JournalHost, SEND, startHost } from "./journal-host.js";
import { COMPLETED, INTERRUPTED } from "./scripted-job.js";

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
    // It is counted in bytes.
    await first.context.checkpoint("2");
    world.padding = 0;
    world.value = "é".repeat(10_000);
    for (const what of ["a", "b"]) await read(first, what);
    await expect(read(first, "e")).rejects.toMatchObject(full);
    await first.context.checkpoint("3");
    await read(first, "e");
    expect(await append(first, "one")).toEqual({ row: 2 });
    // Replayed calls need no room.
    const second = await pauseAndResume(host, first);
    await read(second, "e");
    expect(await append(second, "one")).toEqual({ row: 2 });
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
