import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { defineAction, defineQuery, type Operation, SpacedriveError } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import { begin } from "./journal-calls.js";
import { APPEND, createWorld, startHost, type World } from "./journal-host.js";
import type { ScriptedAttempt } from "./scripted-job.js";

const PASSWORD = "correct horse battery staple";

/** A query and an action whose answers, and the query's errors, are secrets. */
function secretOperations(asked: string[]): Operation[] {
  const input = z.object({ name: z.string() });
  return [
    defineQuery({
      name: "test.password",
      scope: "library",
      secret: true,
      input,
      output: z.object({ password: z.string() }),
      run(_ctx, { name }) {
        asked.push(name);
        if (name === "broken") throw new SpacedriveError("NOT_FOUND", `not ${PASSWORD}`);
        return { password: `${PASSWORD} ${asked.length}` };
      },
    }),
    defineAction({
      name: "test.make_password",
      scope: "library",
      secret: true,
      input,
      output: z.object({ password: z.string() }),
      prepare: (_ctx, { name }) => name,
      commit(tx, name) {
        asked.push(name);
        tx.run("INSERT INTO effects VALUES (?)", name);
        return { password: PASSWORD };
      },
    }),
  ];
}

function ask({ context }: ScriptedAttempt, name: string): Promise<unknown> {
  return context.call("query:test.password", { name });
}

function make({ context }: ScriptedAttempt): Promise<unknown> {
  return context.call("action:test.make_password", { name: "mine" });
}

async function onDisk(world: World): Promise<string> {
  const files = ["library.db", "library.db-wal"].map((name) => readFile(join(world.folder, name), "latin1"));
  return (await Promise.all(files)).join("");
}

test("what secret operations answer is recorded encrypted, their errors too, and replayed", async () => {
  await using world = await createWorld();
  const asked: string[] = [];
  const options = { recordKey: randomBytes(32), operations: secretOperations(asked) };
  await using killed = await startHost(world, options);
  const first = await begin(killed);
  const password = await ask(first, "mail");
  await expect(ask(first, "broken")).rejects.toMatchObject({ message: `not ${PASSWORD}` });
  const made = await make(first);
  const records = await killed.store.records(first.context.id, 0);
  expect(records.map(({ content }) => content.kind)).toEqual(["sealed", "sealed", "sealed"]);
  expect(records[0]?.call).toMatch(/^hmac-sha256:/);
  expect(await onDisk(world)).not.toContain(PASSWORD);

  await using host = await startHost(world, options);
  const second = await host.script.next();
  expect(await ask(second, "mail")).toEqual(password);
  await expect(ask(second, "broken")).rejects.toMatchObject({ code: "NOT_FOUND", message: `not ${PASSWORD}` });
  expect(await make(second)).toEqual(made);
  expect(asked).toEqual(["mail", "broken", "mine"]);
});

test("without a key a secret query is not recorded but asked again, and the calls behind it are replayed", async () => {
  await using world = await createWorld();
  const asked: string[] = [];
  const options = { operations: secretOperations(asked) };
  await using killed = await startHost(world, options);
  const first = await begin(killed);
  await ask(first, "mail");
  await first.context.call(APPEND, { text: "one" });
  expect(await onDisk(world)).not.toContain(PASSWORD);
  await using host = await startHost(world, options);
  const second = await host.script.next();
  expect(second.context.interrupt()).toBe("none");
  expect(await ask(second, "mail")).toEqual({ password: `${PASSWORD} 2` });
  expect(await second.context.call(APPEND, { text: "one" })).toEqual({ row: 1 });
  expect(host.ran).toEqual([]);
  expect(await host.store.records(second.context.id, 0)).toHaveLength(2);
});

test("without a key a secret action is refused to a job, before it does anything", async () => {
  await using world = await createWorld();
  await using host = await startHost(world, { operations: secretOperations([]) });
  const first = await begin(host);
  await expect(make(first)).rejects.toMatchObject({
    code: "OPERATION_FAILED",
    message: expect.stringContaining("recordKey"),
  });
  expect(host.effects()).toEqual([]);
});

test("a key of another length is refused at once", async () => {
  await using world = await createWorld();
  await expect(startHost(world, { recordKey: randomBytes(31) })).rejects.toMatchObject({ code: "INVALID_INPUT" });
});

test("under another key secret queries are asked again, and a secret action is not made again but refused", async () => {
  await using world = await createWorld();
  const asked: string[] = [];
  const operations = secretOperations(asked);
  await using killed = await startHost(world, { recordKey: randomBytes(32), operations });
  const first = await begin(killed);
  await ask(first, "mail");
  await first.context.call(APPEND, { text: "one" });
  await make(first);
  for (const recordKey of [randomBytes(32), null]) {
    await using host = await startHost(world, { recordKey, operations });
    const next = await host.script.next();
    expect(await ask(next, "mail")).toMatchObject({ password: expect.stringContaining(PASSWORD) });
    expect(await next.context.call(APPEND, { text: "one" })).toEqual({ row: 1 });
    await expect(make(next)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
    expect(host.effects()).toEqual(["one", "mine"]);
    expect((await host.manager.list())[0]?.warnings).toEqual([]);
  }
  expect(asked).toEqual(["mail", "mine", "mail", "mail"]);
});

test("an encrypted answer opens only in its own record: moved to another call or job, the query is asked again", async () => {
  await using world = await createWorld();
  const asked: string[] = [];
  const options = { recordKey: randomBytes(32), operations: secretOperations(asked) };
  await using killed = await startHost(world, options);
  const jobs = [await begin(killed), await begin(killed)] as const;
  for (const job of jobs) {
    await ask(job, "mail");
    await ask(job, "bank");
    await job.context.call(APPEND, { text: "an effect" });
  }
  const [mine, other] = jobs.map(({ context }) => context.id);
  await killed.database.transaction((tx) => {
    const from = "SELECT content FROM job_records r WHERE path = ''";
    const put = "UPDATE job_records SET content";
    // The first call is given what the other job was answered to an equal one, the second what the first was answered.
    tx.run(`${put} = (${from} AND job_id = ?1 AND number = 1) WHERE job_id = ?1 AND number = 2`, mine ?? "");
    tx.run(
      `${put} = (${from} AND job_id = ?2 AND number = 1) WHERE job_id = ?1 AND number = 1`,
      mine ?? "",
      other ?? "",
    );
  });
  await using host = await startHost(world, options);
  const again = [await host.script.next(), await host.script.next()];
  const attempt = again.find(({ context }) => context.id === mine) ?? again[0];
  expect(asked).toHaveLength(4);
  if (attempt === undefined) throw new Error("both jobs go on");
  expect(await ask(attempt, "mail")).toEqual({ password: `${PASSWORD} 5` });
  expect(await ask(attempt, "bank")).toEqual({ password: `${PASSWORD} 6` });
});
