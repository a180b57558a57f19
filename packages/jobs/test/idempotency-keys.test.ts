import { defineAction, type Operation, SpacedriveError } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import { begin } from "./journal-calls.js";
import { APPEND, createWorld, type JournalHost, READ, startHost, type World } from "./journal-host.js";
import type { ScriptedAttempt } from "./scripted-job.js";

const POST = "action:test.post";

interface Outside {
  /** The keys by which it was reached, in their order. */
  readonly keys: string[];
  answer: "well" | "badly" | "never";
}

/** Something outside of the databases that answers as the test says, once it has been reached. */
function post(outside: Outside): Operation {
  return defineAction({
    name: "test.post",
    scope: "library",
    input: z.object({ to: z.string() }),
    output: z.object({}),
    async run({ idempotencyKey }) {
      outside.keys.push(idempotencyKey);
      if (outside.answer === "badly") throw new SpacedriveError("BUSY", "not now");
      if (outside.answer === "never") await new Promise(() => {});
      return {};
    },
  });
}

function start(world: World, outside: Outside): Promise<JournalHost> {
  return startHost(world, { operations: [post(outside)] });
}

async function reach(outside: Outside, { context }: ScriptedAttempt, to = "ada"): Promise<string> {
  const before = outside.keys.length;
  const posted = context.call(POST, { to }).catch(() => {});
  if (outside.answer !== "never") await posted;
  while (outside.keys.length === before) await new Promise((resolve) => setImmediate(resolve));
  return outside.keys.at(-1) ?? "";
}

test("the key is the same where the queries before are asked more or less often than when the host died", async () => {
  await using world = await createWorld();
  const outside: Outside = { keys: [], answer: "never" };
  await using killed = await start(world, outside);
  const first = await begin(killed);
  for (const what of ["a", "b", "c"]) await first.context.call(READ, { what });
  const key = await reach(outside, first);
  await using host = await start(world, outside);
  const second = await host.script.next();
  await second.context.call(READ, { what: "c" });
  expect(await reach(outside, second)).toBe(key);
});

test("equal calls, whether they went well or failed, have keys of their own, the same at each repetition", async () => {
  await using world = await createWorld();
  const outside: Outside = { keys: [], answer: "well" };
  await using killed = await start(world, outside);
  const first = await begin(killed);
  const one = await reach(outside, first);
  await first.context.call(APPEND, { text: "between" });
  outside.answer = "badly";
  await reach(outside, first);
  outside.answer = "never";
  const two = await reach(outside, first);
  expect(two).not.toBe(one);
  await using host = await start(world, outside);
  const second = await host.script.next();
  await second.context.call(POST, { to: "ada" });
  await second.context.call(APPEND, { text: "between" });
  await second.context.call(POST, { to: "ada" }).catch(() => {});
  expect(await reach(outside, second)).toBe(two);
  expect(outside.keys.filter((key) => key === one)).toHaveLength(1);
});

test("a checkpoint, another payload and another job each make another key", async () => {
  await using world = await createWorld();
  const outside: Outside = { keys: [], answer: "well" };
  await using host = await start(world, outside);
  const attempt = await begin(host);
  await reach(outside, attempt);
  await reach(outside, attempt, "bob");
  await attempt.context.checkpoint("1");
  await reach(outside, attempt);
  await attempt.context.checkpoint("2");
  await reach(outside, attempt);
  await reach(outside, await begin(host));
  expect(new Set(outside.keys).size).toBe(5);
});

test("the calls that are made to answer a call have keys that go with its own", async () => {
  await using world = await createWorld();
  const outside: Outside = { keys: [], answer: "well" };
  const relay = defineAction({
    name: "test.relay",
    scope: "library",
    input: z.object({ reads: z.array(z.string()), to: z.array(z.string()) }),
    output: z.object({}),
    async run({ caller, library, signal, recorder }, { reads, to }) {
      const options = { caller, library, signal, recorder };
      for (const what of [...reads, ...extra]) await hosts.at(-1)?.wire.call(READ, { what }, options);
      for (const each of to) await hosts.at(-1)?.wire.call(POST, { to: each }, options);
      return {};
    },
  });
  let extra = ["more"];
  const hosts: JournalHost[] = [];
  const startBoth = async (): Promise<JournalHost> => {
    const started = await startHost(world, { operations: [post(outside), relay] });
    hosts.push(started);
    return started;
  };
  await using killed = await startBoth();
  const first = await begin(killed);
  const input = { reads: ["x"], to: ["ada"] };
  const RELAY = "action:test.relay";
  await first.context.call(RELAY, input);
  outside.answer = "never";
  void first.context.call(RELAY, input).catch(() => {});
  while (outside.keys.length < 2) await new Promise((resolve) => setImmediate(resolve));
  expect(new Set(outside.keys).size).toBe(2);
  await using next = await startBoth();
  const second = await next.script.next();
  await second.context.call(RELAY, input);
  extra = [];
  outside.answer = "well";
  await second.context.call(RELAY, input);
  expect(outside.keys).toHaveLength(3);
  expect(outside.keys[2]).toBe(outside.keys[1]);
});
