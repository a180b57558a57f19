import { defineQuery, localUser, type OperationContext } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createCountingEngine } from "./counting-engine.js";
import { createMeeting } from "./meeting.js";
import { createTestHost, operation, rejection, type TestHost } from "./plugin-host.js";
import { handler, job, relay, type Text, watGuest } from "./wat-guest.js";

const PERMISSIONS = { methods: ["test.", "alice:", "bob:"] };

/** Loads an extension whose operations call others: by operation, the method that it relays to. */
async function load(
  host: TestHost,
  id: string,
  relays: Readonly<Record<string, string>>,
  more: { readonly body?: (text: Text) => string; readonly manifest?: object } = {},
): Promise<void> {
  const guest = await watGuest(
    (t) => `
      ${Object.entries(relays)
        .map(([name, method]) => relay(t, `query_${name}_v1`, method))
        .join("\n")}
      ${more.body?.(t) ?? ""}`,
  );
  const operations = Object.keys(relays).map((name) => operation(name));
  await host.write(id, guest, { permissions: PERMISSIONS, operations, ...more.manifest });
  await host.plugins.load(id);
}

/** The integrator's own operation `test.back`. */
function addBack(host: TestHost, run: (ctx: OperationContext) => Promise<unknown>): void {
  host.wire.register(
    defineQuery({
      name: "test.back",
      scope: "library",
      input: z.unknown(),
      output: z.unknown(),
      timeoutMs: 10_000,
      run,
    }),
  );
}

/**
 * An operation that leaves behind a call to alice, made once what called it is over. The answer checks that this call waits while
 * alice's instance is busy.
 */
function addLateCall(host: TestHost): () => Promise<void> {
  host.wire.register(createMeeting(2).operation);
  const over = Promise.withResolvers<void>();
  let late: Promise<unknown> = Promise.resolve();
  addBack(host, async () => {
    late = over.promise.then(() => host.call("query:alice:ping.v1", { message: "late" }));
    return "begun";
  });
  return async () => {
    // Busy until somebody else comes.
    const busy = host.call("query:alice:meet.v1");
    over.resolve();
    await host.call("query:test.meet.v1");
    expect(await busy).toEqual({ met: true });
    expect(await late).toEqual({ echo: "late" });
  };
}

const BACK = "query:test.back.v1";
const PING = "query:test.ping.v1";

describe("an operation that calls back into the extension that called it", () => {
  it.each([
    ["as the local user", (host: TestHost) => host.call("query:alice:ping.v1", { message: "back" })],
    [
      "as the extension itself",
      (host: TestHost) =>
        host.wire.call(
          "query:alice:ping.v1",
          { message: "back" },
          { caller: { kind: "extension", extension: "alice" }, library: host.library },
        ),
    ],
  ])("%s is answered by another instance", async (_who, callBack) => {
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine });
    addBack(host, () => callBack(host));
    await load(host, "alice", { go: BACK, ping: PING });
    expect(await host.call("query:alice:go.v1")).toEqual({ echo: "back" });
    // The extra instance is not kept.
    await expect.poll(() => engine.live("alice")).toBe(1);
  });

  it("by a bare export is answered, too", async () => {
    await using host = await createTestHost();
    addBack(host, () => host.plugins.call("alice", "seven", { library: host.library }));
    await load(host, "alice", { go: BACK }, { body: () => '(func (export "seven") (result i32) (i32.const 7))' });
    expect(await host.call("query:alice:go.v1")).toBe(7);
  });

  it("where no instance is left is BUSY at once, and may be tried again", async () => {
    await using host = await createTestHost({ maxExtraInstances: 0 });
    addBack(host, () => host.call("query:alice:ping.v1", { message: "back" }));
    await load(host, "alice", { go: BACK, ping: PING });
    expect(await rejection(host.call("query:alice:go.v1"))).toMatchObject({
      code: "BUSY",
      retryable: true,
      message: expect.stringContaining('"alice"'),
    });
    expect(await host.call("query:alice:ping.v1", { message: "x" })).toEqual({ echo: "x" });
  });

  it("takes an instance of its own that is idle", async () => {
    const meeting = createMeeting(2);
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine, maxInstances: 2, maxExtraInstances: 0 });
    host.wire.register(meeting.operation);
    addBack(host, () => host.call("query:alice:ping.v1", { message: "back" }));
    await load(host, "alice", { go: BACK, ping: PING, meet: "query:test.meet.v1" });
    await Promise.all([host.call("query:alice:meet.v1"), host.call("query:alice:meet.v1")]);
    const started = engine.started("alice");
    expect(await host.call("query:alice:go.v1")).toEqual({ echo: "back" });
    expect(engine.started("alice")).toBe(started);
  });

  it("leaves the memory of the instance that waits as it was", async () => {
    await using host = await createTestHost();
    addBack(host, () => host.call("query:alice:scribble.v1"));
    await load(
      host,
      "alice",
      {},
      {
        manifest: { operations: [operation("go"), operation("scribble")] },
        body: (t) => `
          ${handler(
            "query_go_v1",
            `(i32.store8 (i32.const 16) (i32.const 49))
             (drop (call $call ${t(BACK)} (i32.const 0) ${t("{}")}))
             (call $block (i32.const 16) (i32.const 1))`,
          )}
          ${handler("query_scribble_v1", `(memory.fill (i32.const 16) (i32.const 57) (i32.const 64)) (call $block (i32.const 16) (i32.const 1))`)}`,
      },
    );
    expect(await host.call("query:alice:scribble.v1")).toBe(9);
    expect(await host.call("query:alice:go.v1")).toBe(1);
  });

  it("once that call is over waits for an instance like everybody", async () => {
    await using host = await createTestHost({ maxExtraInstances: 0 });
    const expectItWaits = addLateCall(host);
    await load(host, "alice", { go: BACK, ping: PING, meet: "query:test.meet.v1" });
    expect(await host.call("query:alice:go.v1")).toBe("begun");
    await expectItWaits();
  });

  it("once the job that called it is over waits like everybody, too", async () => {
    await using host = await createTestHost({ maxExtraInstances: 0 });
    const expectItWaits = addLateCall(host);
    await load(host, "alice", { ping: PING, meet: "query:test.meet.v1" });
    const begin = (t: Text): string => `(drop (call $call ${t(BACK)} (i32.const 0) ${t("{}")})) (i32.const 0)`;
    await load(
      host,
      "bob",
      {},
      { body: (t) => job("execute_begin", begin(t)), manifest: { jobs: [{ name: "begin", export: "execute_begin" }] } },
    );
    const begun = await host.jobs.dispatch("bob:begin", {}, { library: host.library });
    await begun.done();
    await expectItWaits();
  });
});

describe("an extension that calls another's operation", () => {
  it("gets what the callee may, and not what it may itself", async () => {
    await using host = await createTestHost();
    await load(host, "alice", { go: "query:bob:ping.v1" }, { manifest: { permissions: { methods: ["bob:"] } } });
    await load(host, "bob", { ping: PING }, { manifest: { permissions: { methods: ["test.ping"] } } });
    expect(await host.call("query:alice:go.v1", { message: "x" })).toEqual({ echo: "x" });
  });

  it("does not lend the callee its own permissions", async () => {
    await using host = await createTestHost();
    await load(
      host,
      "alice",
      { go: "query:bob:ping.v1" },
      { manifest: { permissions: { methods: ["bob:", "test."] } } },
    );
    await load(host, "bob", { ping: PING }, { manifest: { permissions: { methods: [] } } });
    expect(await rejection(host.call("query:alice:go.v1", { message: "x" }))).toMatchObject({
      code: "PERMISSION_DENIED",
      message: expect.stringContaining('"bob" may not call'),
    });
  });

  it("is stopped below the depth limit, with an error that says so; at the limit it is answered", async () => {
    await using host = await createTestHost({ maxCallDepth: 3, maxExtraInstances: 8 });
    await load(host, "alice", { one: PING, two: "query:alice:one.v1", three: "query:bob:two.v1" });
    await load(host, "bob", { two: "query:alice:two.v1", one: "query:alice:one.v1", four: "query:alice:three.v1" });
    expect(await host.call("query:bob:two.v1", { message: "x" })).toEqual({ echo: "x" });
    expect(await rejection(host.call("query:alice:three.v1", { message: "x" }))).toMatchObject({
      code: "BUSY",
      retryable: false,
      message: expect.stringMatching(/"alice".*3 calls.*maxCallDepth.*in a circle/),
      details: { max_call_depth: 3 },
    });
  });

  it("has its callee stopped at its own deadline", async () => {
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine });
    await load(
      host,
      "alice",
      { go: "query:bob:loop.v1" },
      {
        body: (t) => `(func (export "go") (drop (call $call ${t("query:bob:loop.v1")} (i32.const 0) ${t("{}")})))`,
      },
    );
    await load(
      host,
      "bob",
      {},
      {
        manifest: { operations: [operation("loop", { scope: "host" })] },
        body: () => handler("query_loop_v1", "(loop $l (br $l)) (i32.const 0)"),
      },
    );
    expect((await rejection(host.plugins.call("alice", "go", { timeoutMs: 200 }))).code).toBe("TIMEOUT");
    await expect.poll(() => engine.live("bob")).toBe(0);
  });

  it("has it stopped then also behind an operation that passes no signal on", async () => {
    await using host = await createTestHost();
    const back = Promise.withResolvers<unknown>();
    addBack(host, () => {
      // As an integrator may: by nobody's name, and without ctx.signal.
      const call = host.wire.call("query:bob:loop.v1", {}, { caller: localUser, library: host.library });
      void call.catch(back.resolve);
      return call;
    });
    await load(
      host,
      "alice",
      {},
      {
        body: (t) => `(func (export "go") (drop (call $call ${t(BACK)} (i32.const 0) ${t("{}")})))`,
      },
    );
    await load(
      host,
      "bob",
      {},
      {
        manifest: { operations: [operation("loop")] },
        body: () => handler("query_loop_v1", "(loop $l (br $l)) (i32.const 0)"),
      },
    );
    const call = host.plugins.call("alice", "go", { library: host.library, timeoutMs: 200 });
    expect((await rejection(call)).code).toBe("TIMEOUT");
    expect(await back.promise).toMatchObject({ code: "TIMEOUT", message: expect.stringContaining('"bob"') });
  });

  it.each([8, 1, 0])("while that calls it never deadlocks, with %i extra instances", async (maxExtraInstances) => {
    await using host = await createTestHost({ maxExtraInstances });
    const meeting = createMeeting(2);
    host.wire.register(meeting.operation);
    // Both are inside, each with the only instance, before either calls the other.
    const crossing = (t: Text, other: string): string =>
      handler(
        "query_go_v1",
        `(drop (call $call ${t("query:test.meet.v1")} (i32.const 0) ${t("{}")}))
         (call $call ${t(`query:${other}:ping.v1`)} (i32.const 0) (local.get $input) (local.get $input_length))`,
      );
    for (const [id, other] of [
      ["alice", "bob"],
      ["bob", "alice"],
    ] as const) {
      const operations = [operation("go"), operation("ping")];
      await load(host, id, { ping: PING }, { body: (t) => crossing(t, other), manifest: { operations } });
    }
    const outcomes: unknown[] = [];
    for (let round = 0; round < 5; round++) {
      const calls = ["alice", "bob"].map((id) => host.call(`query:${id}:go.v1`, { message: id }));
      const settled = await Promise.allSettled(calls);
      for (const one of settled) outcomes.push(one.status === "fulfilled" ? one.value : one.reason.code);
    }
    const answered = Array.from({ length: 5 }, () => [{ echo: "alice" }, { echo: "bob" }]).flat();
    // Who is refused is free again: the other may then get its answer.
    const refusals = maxExtraInstances > 0 ? [] : ["BUSY"];
    outcomes.forEach((outcome, index) => expect([answered[index], ...refusals]).toContainEqual(outcome));
    expect(outcomes.includes("BUSY")).toBe(maxExtraInstances === 0);
  });

  it("from a job does not wait for the job's own extension, either", async () => {
    await using host = await createTestHost();
    await load(
      host,
      "alice",
      { ping: PING, back: "query:bob:back.v1" },
      {
        manifest: { jobs: [{ name: "work", export: "execute_work" }] },
        body: (t) =>
          job(
            "execute_work",
            `(global.set $reply (call $call ${t("query:bob:back.v1")} (i32.const 0) ${t('{"message":"x"}')}))
           (call $complete (global.get $job) (i32.add (global.get $reply) (i32.const 4)) (i32.load (global.get $reply)))
           (i32.const 0)`,
          ),
      },
    );
    await load(host, "bob", { back: "query:alice:ping.v1" });
    const work = await host.jobs.dispatch("alice:work", {}, { library: host.library });
    expect(await work.done()).toMatchObject({ status: "completed", result: '{"echo":"x"}' });
  });

  it("from plugin_init in every instance does not start instances without end", async () => {
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine, maxCallDepth: 4 });
    await load(
      host,
      "bob",
      { back: "query:alice:ping.v1" },
      {
        manifest: { operations: [operation("back", { scope: "host" })] },
      },
    );
    await load(
      host,
      "alice",
      {},
      {
        manifest: { operations: [operation("ping", { scope: "host" })] },
        body: (t) => `
        (func (export "plugin_init") (drop (call $call ${t("query:bob:back.v1")} (i32.const 0) ${t("{}")})))
        ${handler("query_ping_v1", `(call $block ${t("1")})`)}`,
      },
    );
    expect(await host.call("query:alice:ping.v1")).toBe(1);
    expect(engine.started("alice")).toBeLessThan(6);
    await host.expectBystander();
  });
});
