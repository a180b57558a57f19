import { AsyncLocalStorage } from "node:async_hooks";
import { defineQuery, type LibraryId, localUser } from "@spacedrive/wire";
import { VirtualClock } from "@spacedrive/wire/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createCountingEngine } from "./counting-engine.js";
import { GO, loadFinance, relayTo } from "./finance-extension.js";
import { goodGuest, GOOD } from "./good-extension.js";
import { createMeeting } from "./meeting.js";
import { createTestHost, operation, rejection, type TestHost } from "./plugin-host.js";
import { handler, relay, watGuest } from "./wat-guest.js";

const many = (host: TestHost, method: string, count: number): Promise<unknown[]> =>
  Promise.all(Array.from({ length: count }, () => host.call(method)));

describe("the instances of an extension", () => {
  it("are made on first use, and none is left of the load", async () => {
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine });
    await loadFinance(host, relayTo("query:test.ping.v1"));
    expect(engine.live()).toBe(0);
    await host.call(GO, { message: "x" });
    expect(engine.live("finance")).toBe(1);
    await host.call(GO, { message: "x" });
    // One for the load, one for both calls.
    expect(engine.started("finance")).toBe(2);
  });

  it("are given back after their time without work", async () => {
    const clock = new VirtualClock();
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine, clock, idleMs: 1_000 });
    await loadFinance(host, relayTo("query:test.ping.v1"));
    await host.call(GO, { message: "x" });
    clock.advance(999);
    expect(engine.live("finance")).toBe(1);
    await host.call(GO, { message: "x" });
    clock.advance(999);
    expect(engine.live("finance")).toBe(1);
    clock.advance(1);
    await expect.poll(() => engine.live("finance")).toBe(0);
    expect(await host.call(GO, { message: "back" })).toEqual({ echo: "back" });
  });

  it("that have nothing to do are kept up to a number over all extensions: the oldest go", async () => {
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine, maxIdleInstances: 2 });
    await loadFinance(host, relayTo("query:test.ping.v1"));
    const call = (library: LibraryId): Promise<unknown> => host.call(GO, { message: "x" }, library);
    await host.expectBystander();
    await call(host.library);
    expect(engine.live()).toBe(2);
    await call(host.otherLibrary);
    await expect.poll(() => engine.live()).toBe(2);
    expect(engine.live("bystander")).toBe(0);
    await host.expectBystander();
  });

  it("that have failed are not kept, and nobody's instance goes for them", async () => {
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine, maxIdleInstances: 1 });
    await loadFinance(host, () => handler("query_go_v1", "unreachable"));
    await host.expectBystander();
    expect((await rejection(host.call(GO))).code).toBe("GUEST_TRAPPED");
    await expect.poll(() => engine.live("finance")).toBe(0);
    await host.expectBystander();
    // The load's, and the one that still lives.
    expect(engine.started("bystander")).toBe(2);
  });

  it("none is kept where the number is 0", async () => {
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine, maxIdleInstances: 0 });
    await host.expectBystander();
    await expect.poll(() => engine.live()).toBe(0);
    await host.expectBystander();
  });

  it("serve calls one after another where nothing is set", async () => {
    const meeting = createMeeting(1);
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine });
    host.wire.register(meeting.operation);
    await loadFinance(host, relayTo("query:test.meet.v1"));
    await many(host, GO, 5);
    expect(meeting.most()).toBe(1);
    expect(engine.live("finance")).toBe(1);
  });

  it("serve calls on one library side by side up to their number, and others wait", async () => {
    const meeting = createMeeting(3);
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine, maxInstances: 3 });
    host.wire.register(meeting.operation);
    await loadFinance(host, relayTo("query:test.meet.v1"));
    expect(await many(host, GO, 9)).toEqual(Array.from({ length: 9 }, () => ({ met: true })));
    expect(meeting.most()).toBe(3);
    expect(engine.live("finance")).toBe(3);
    // And the load's.
    expect(engine.started("finance")).toBe(4);
  });

  it("have a number of their own where one is set for the extension", async () => {
    const meeting = createMeeting(2);
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine, extensions: { finance: { maxInstances: 2 } } });
    host.wire.register(meeting.operation);
    await loadFinance(host, relayTo("query:test.meet.v1"));
    await many(host, GO, 4);
    expect(meeting.most()).toBe(2);
    await many(host, "query:bystander:hello.v1", 4);
    expect(engine.live("bystander")).toBe(1);
  });

  it("are not shared by an extension whose name every object has", async () => {
    await using host = await createTestHost({ extensions: { finance: { maxInstances: 2 } } });
    await host.write("constructor", await goodGuest(), GOOD);
    await host.plugins.load("constructor");
    expect(await host.call("query:constructor:summary.v1")).toEqual({ total: 3 });
  });

  it("know in each call its own caller, job and library, side by side", async () => {
    await using host = await createTestHost({ maxInstances: 4 });
    const meeting = createMeeting(4);
    host.wire.register(meeting.operation);
    // It waits until all are inside, and only then asks who it is.
    await loadFinance(
      host,
      (t) => `(func (export "query_go_v1") (param i32 i32 i32 i32) (result i32)
        (drop (call $call ${t("query:test.meet.v1")} (i32.const 0) ${t("{}")}))
        (call $call ${t("query:test.whoami.v1")} (i32.const 0) ${t("{}")}))`,
    );
    const jobOf = (index: number): { id: never; type: string; attempt: number; library: LibraryId } => ({
      // Any UUID will do for the id of a job.
      id: `6f1c7bd4-5b0a-4a7e-9d53-0d2c1b1f8a1${index}` as never,
      type: `core.job${index}`,
      attempt: 1,
      library: host.library,
    });
    const answers = await Promise.all([
      host.call(GO),
      host.call(GO, {}, host.otherLibrary),
      ...[1, 2].map((index) =>
        host.wire.call(GO, {}, { caller: { kind: "job", job: jobOf(index) }, library: host.library }),
      ),
    ]);
    const caller = { kind: "extension", extension: "finance" };
    expect(answers).toEqual([
      { library: host.library, caller },
      { library: host.otherLibrary, caller },
      { library: host.library, caller: { ...caller, job: jobOf(1) } },
      { library: host.library, caller: { ...caller, job: jobOf(2) } },
    ]);
  });

  it("are served in the asynchronous context of their caller, and never in another's", async () => {
    const trace = new AsyncLocalStorage<string>();
    await using host = await createTestHost();
    host.wire.register(
      defineQuery({
        name: "test.trace",
        scope: "host",
        input: z.unknown(),
        output: z.unknown(),
        run: async () => [trace.getStore() ?? null],
      }),
    );
    await loadFinance(host, relayTo("query:test.trace.v1"));
    const traces = Array.from({ length: 5 }, (_, index) => `trace ${index}`);
    const answers = await Promise.all([
      ...traces.map((one) => trace.run(one, () => host.call(GO))),
      host.call(GO),
      ...traces.map((one) => trace.run(one, () => host.call(GO))),
    ]);
    const each = traces.map((one) => [one]);
    expect(answers).toEqual([...each, [null], ...each]);
  });

  it("log each line with the job on whose behalf they were called", async () => {
    await using host = await createTestHost();
    await loadFinance(
      host,
      (t) => `(func (export "query_go_v1") (param i32 i32 i32 i32) (result i32)
        (call $log (i32.const 1) ${t("here")}) (call $block ${t("1")}))`,
    );
    // Any UUID will do for the id of a job.
    const job = { id: host.otherLibrary as never, type: "core.index", attempt: 1, library: host.library };
    await host.wire.call(GO, {}, { caller: { kind: "job", job }, library: host.library });
    await host.call(GO);
    const fields = host.logs.filter(({ message }) => message === "here").map((line) => line.fields);
    expect(fields).toEqual([
      { extension: "finance", library: host.library, job: host.otherLibrary },
      { extension: "finance", library: host.library },
    ]);
  });

  it("are not waited for any more by a call that is given up while one starts", async () => {
    await using host = await createTestHost();
    const started = Promise.withResolvers<void>();
    host.wire.register({
      ...createMeeting(1).operation,
      handler: { run: () => (started.resolve(), new Promise(() => {})) },
    });
    // Its first plugin_init, at the load, comes back; the others wait for ever.
    await host.write(
      "finance",
      await watGuest(
        (t) => `
          (func (export "plugin_init")
            (if (i32.ne (i32.load8_u offset=4 (call $call ${t("query:test.turn.v1")} (i32.const 0) ${t("{}")})) (i32.const 49))
              (then (drop (call $call ${t("query:test.meet.v1")} (i32.const 0) ${t("{}")})))))
          ${relay(t, "query_go_v1", "query:test.ping.v1")}`,
      ),
      { permissions: { methods: ["test."] }, operations: [operation("go")] },
    );
    await host.plugins.load("finance");
    const giveUp = new AbortController();
    const call = host.wire.call(GO, {}, { caller: localUser, library: host.library, signal: giveUp.signal });
    const bare = host.plugins.call("finance", "plugin_init", { library: host.otherLibrary, signal: giveUp.signal });
    const outcomes = [call, bare].map(rejection);
    await started.promise;
    giveUp.abort();
    expect((await Promise.all(outcomes)).map(({ code }) => code)).toEqual(["CANCELLED", "CANCELLED"]);
  });
});
