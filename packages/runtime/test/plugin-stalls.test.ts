import { defineJob } from "@spacedrive/jobs";
import { defineQuery, localUser } from "@spacedrive/wire";
import { VirtualClock } from "@spacedrive/wire/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createCountingEngine } from "./counting-engine.js";
import { GO, loadFinance } from "./finance-extension.js";
import { createTestHost, operation, rejection, type TestHost } from "./plugin-host.js";
import { handler, relay } from "./wat-guest.js";

const PING = "query:finance:ping.v1";
const COUNT = "query:finance:count.v1";

/** `go` waits for `test.wait`, `count` computes, `ping` answers. */
async function load(host: TestHost): Promise<void> {
  await loadFinance(
    host,
    (t) => `
      ${relay(t, "query_go_v1", "query:test.wait.v1")}
      ${relay(t, "query_ping_v1", "query:test.ping.v1")}
      ${handler(
        "query_count_v1",
        `(local $i i64) (local.set $i (i64.const 300000000))
         (loop $l (br_if $l (i64.ne (i64.const 0) (local.tee $i (i64.sub (local.get $i) (i64.const 1))))))
         (call $block ${t("1")})`,
      )}`,
    { more: ["ping", "count"].map((name) => operation(name)) },
  );
}

/** The integrator's own operation, for which `go` waits. */
function addWait(host: TestHost, run: () => Promise<unknown>): void {
  host.wire.register(
    defineQuery({
      name: "test.wait",
      scope: "library",
      input: z.unknown(),
      output: z.unknown(),
      timeoutMs: 10_000,
      run,
    }),
  );
}

/** `go` waits for a native job, which calls the extension back. */
function addJobThatCallsBack(host: TestHost): void {
  host.jobs.register(
    "test.back",
    defineJob({
      type: "test.back",
      state: z.object({}),
      result: z.unknown(),
      run: (ctx) => ctx.call(PING, { message: "back" }),
    }),
  );
  addWait(host, async () => {
    const work = await host.jobs.dispatch("test.back", {}, { library: host.library });
    const { status, result, error } = await work.done();
    return { status, result: result ?? null, code: error?.code ?? null };
  });
}

describe("an operation that waits for a job which calls back into the extension that called it", () => {
  it("is answered: the call gets an instance of its own once nobody else could go on", async () => {
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine, stallMs: 50 });
    addJobThatCallsBack(host);
    await load(host);
    expect(await host.call(GO)).toEqual({ status: "completed", result: '{"echo":"back"}', code: null });
    await expect.poll(() => engine.live("finance")).toBe(1);
  });

  it("is answered also behind other calls that wait, however many", async () => {
    await using host = await createTestHost({ stallMs: 500 });
    addJobThatCallsBack(host);
    await load(host);
    const go = host.call(GO);
    const others = Array.from({ length: 30 }, () => host.call(PING, { message: "x" }));
    expect(await go).toMatchObject({ status: "completed" });
    expect(await Promise.all(others)).toEqual(others.map(() => ({ echo: "x" })));
  });

  it("where no instance is left is told BUSY, and soon", async () => {
    await using host = await createTestHost({ stallMs: 50, maxExtraInstances: 0 });
    // Not a job, whose call would be tried again: a worker of the host's own, of which nobody knows for whom it works.
    const asked = Promise.withResolvers<void>();
    const outcome = rejection(asked.promise.then(() => host.call(PING, { message: "back" })));
    addWait(host, async () => {
      asked.resolve();
      return (await outcome).code;
    });
    await load(host);
    expect(await host.call(GO)).toBe("BUSY");
    expect(await outcome).toMatchObject({ code: "BUSY", retryable: true });
  });
});

describe("a call behind instances that all wait for the host", () => {
  /** `go` waits until it is let go on. */
  async function stalled(options: Parameters<typeof createTestHost>[0]): Promise<{
    readonly host: TestHost;
    readonly clock: VirtualClock;
    readonly go: Promise<unknown>;
    readonly letGo: () => void;
  }> {
    const clock = new VirtualClock();
    const host = await createTestHost({ clock, stallMs: 1_000, ...options });
    const inside = Promise.withResolvers<void>();
    const letGo = Promise.withResolvers<string>();
    addWait(host, () => (inside.resolve(), letGo.promise));
    await load(host);
    const go = host.call(GO);
    await inside.promise;
    return { host, clock, go, letGo: () => letGo.resolve("went on") };
  }

  it("waits in the queue until they have waited for stallMs, and not longer", async () => {
    await using engine = createCountingEngine();
    const { host, clock, go, letGo } = await stalled({ engine });
    await using _host = host;
    const started = engine.started("finance");
    const ping = host.call(PING, { message: "x" });
    clock.advance(999);
    await host.expectBystander();
    expect(engine.started("finance")).toBe(started);
    clock.advance(1);
    expect(await ping).toEqual({ echo: "x" });
    expect(engine.started("finance")).toBe(started + 1);
    letGo();
    expect(await go).toBe("went on");
  });

  it("is BUSY then where no instance is left, with all that wait beside it", async () => {
    const { host, clock, go, letGo } = await stalled({ maxExtraInstances: 0 });
    await using _host = host;
    const outcomes = [1, 2, 3].map(() => rejection(host.call(PING, { message: "x" })));
    await host.expectBystander();
    clock.advance(1_000);
    for (const outcome of await Promise.all(outcomes)) {
      expect(outcome).toMatchObject({
        code: "BUSY",
        retryable: true,
        message: expect.stringMatching(/"finance".*1000 ms.*maxExtraInstances/),
      });
    }
    letGo();
    expect(await go).toBe("went on");
  });

  it("waits on where one of them computes", async () => {
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine, stallMs: 1 });
    await load(host);
    const computing = host.call(COUNT);
    const ping = host.call(PING, { message: "x" });
    expect(await Promise.all([computing, ping])).toEqual([1, { echo: "x" }]);
    // The load's, and the one that served both.
    expect(engine.started("finance")).toBe(2);
  });

  it("leaves when it is given up, and no timer behind", async () => {
    const { host, clock, go, letGo } = await stalled({});
    await using _host = host;
    const giveUp = new AbortController();
    const call = host.wire.call(
      PING,
      { message: "x" },
      { caller: localUser, library: host.library, signal: giveUp.signal },
    );
    giveUp.abort();
    expect((await rejection(call)).code).toBe("CANCELLED");
    letGo();
    await go;
    await host.plugins.close();
    expect(clock.pending).toBe(0);
  });
});

describe("an instance beyond those that calls can wait for", () => {
  it("goes when its call is over, also where calls wait", async () => {
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine, stallMs: 60_000 });
    // Nobody's: they can queue, while `go` holds the only instance and calls back.
    const asked = Promise.withResolvers<void>();
    const others = Array.from({ length: 5 }, () => asked.promise.then(() => host.call(PING, { message: "x" })));
    let answered = 0;
    for (const other of others) void other.then(() => answered++);
    addWait(host, async () => {
      asked.resolve();
      await host.expectBystander();
      const back = await host.call(PING, { message: "back" });
      await expect.poll(() => engine.live("finance")).toBe(1);
      // The extra one served no other call.
      expect(answered).toBe(0);
      return back;
    });
    await load(host);
    expect(await host.call(GO)).toEqual({ echo: "back" });
    expect(await Promise.all(others)).toEqual(others.map(() => ({ echo: "x" })));
    // The load's, the one that waited, and the extra one.
    expect(engine.started("finance")).toBe(3);
  });
});
