import { defineQuery } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createCountingEngine } from "./counting-engine.js";
import { createMeeting } from "./meeting.js";
import { createTestHost, operation, rejection, type TestHost } from "./plugin-host.js";
import { handler, job, relay, watGuest } from "./wat-guest.js";

const PERMISSIONS = { methods: ["test.", "a:", "b:", "c:"] };

/** `ping` answers, `meet` waits for others in it, `hold` for `test.hold`, `count` computes, `cross` pings extension "b"; the job `work` meets, `crosses` pings "b". */
async function load(host: TestHost, ...ids: string[]): Promise<void> {
  const guest = await watGuest(
    (t) => `
      ${relay(t, "query_ping_v1", "query:test.ping.v1")}
      ${relay(t, "query_meet_v1", "query:test.meet.v1")}
      ${relay(t, "query_hold_v1", "query:test.hold.v1")}
      ${relay(t, "query_cross_v1", "query:b:ping.v1")}
      ${handler(
        "query_count_v1",
        `(local $i i64) (local.set $i (i64.const 20000000))
         (loop $l (br_if $l (i64.ne (i64.const 0) (local.tee $i (i64.sub (local.get $i) (i64.const 1))))))
         (call $block ${t("1")})`,
      )}
      ${job("execute_work", `(drop (call $call ${t("query:test.meet.v1")} (i32.const 0) ${t("{}")})) (i32.const 0)`)}
      ${job(
        "execute_crosses",
        `(drop (call $call ${t("query:test.meet.v1")} (i32.const 0) ${t("{}")}))
         (global.set $reply (call $call ${t("query:b:ping.v1")} (i32.const 0) ${t('{"message":"x"}')}))
         (call $complete (global.get $job) (i32.add (global.get $reply) (i32.const 4)) (i32.load (global.get $reply)))
         (i32.const 0)`,
      )}`,
  );
  const manifest = {
    permissions: PERMISSIONS,
    operations: ["ping", "meet", "hold", "cross", "count"].map((name) => operation(name)),
    jobs: ["work", "crosses"].map((name) => ({ name, export: `execute_${name}` })),
  };
  for (const id of ids) {
    await host.write(id, guest, manifest);
    await host.plugins.load(id);
  }
}

/** A query `test.hold` that answers when it is let. */
function addHold(host: TestHost): { readonly begun: Promise<void>; readonly end: () => void } {
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<null>();
  host.wire.register(
    defineQuery({
      name: "test.hold",
      scope: "host",
      input: z.unknown(),
      output: z.null(),
      run: () => (begun.resolve(), end.promise),
    }),
  );
  return { begun: begun.promise, end: () => end.resolve(null) };
}

const ping = (host: TestHost, id: string): Promise<unknown> => host.call(`query:${id}:ping.v1`, { message: "x" });

describe("the instances at work in a host", () => {
  it("are bounded over all extensions and libraries, and every call has its turn", async () => {
    await using engine = createCountingEngine();
    const meeting = createMeeting(3);
    // Of four places, three are for calls.
    await using host = await createTestHost({ engine, maxInstancesAtWork: 4 });
    host.wire.register(meeting.operation);
    await load(host, "a", "b", "c");
    const calls = ["a", "b", "c"].flatMap((id) =>
      [host.library, host.otherLibrary].map((library) => host.call(`query:${id}:meet.v1`, {}, library)),
    );
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ met: true })));
    expect(meeting.most()).toBe(3);
  });

  it("push out those without work, so that all of them together are no more", async () => {
    await using engine = createCountingEngine();
    const meeting = createMeeting(2);
    await using host = await createTestHost({ engine, maxInstancesAtWork: 3, maxIdleInstances: 3 });
    host.wire.register(meeting.operation);
    await load(host, "a", "b", "c");
    for (const id of ["a", "b", "c"]) await ping(host, id);
    expect(engine.live()).toBe(3);
    const work = await host.jobs.dispatch("a:work", {}, { library: host.library });
    await expect.poll(() => meeting.most()).toBe(1);
    await expect.poll(() => engine.live()).toBe(3);
    // The youngest has stayed.
    expect([engine.live("b"), engine.live("c")]).toEqual([1, 1]);
    await host.call("query:test.meet.v1");
    expect((await work.done()).status).toBe("completed");
  });

  it("are passed on by an extension whose calls never end", async () => {
    await using host = await createTestHost({ maxInstancesAtWork: 2 });
    await load(host, "a", "b");
    let left = 40;
    const greedy = Array.from({ length: left }, () => host.call("query:a:count.v1").then(() => left--));
    expect(await ping(host, "b")).toEqual({ echo: "x" });
    expect(left).toBeGreaterThan(0);
    await Promise.all(greedy);
  });

  it("leave none to a call that another instance waits for: it is BUSY, and answered where there is one", async () => {
    await using host = await createTestHost({ maxInstancesAtWork: 4 });
    await load(host, "a", "b");
    expect(await host.call("query:a:cross.v1", { message: "x" })).toEqual({ echo: "x" });
    await using full = await createTestHost({ maxInstancesAtWork: 2 });
    await load(full, "a", "b");
    expect(await rejection(full.call("query:a:cross.v1", { message: "x" }))).toMatchObject({
      code: "BUSY",
      retryable: true,
      message: expect.stringMatching(/"b".*maxInstancesAtWork/),
    });
    expect(await ping(full, "b")).toEqual({ echo: "x" });
  });

  it("are jobs' as well: one more waits, and is kept as it was where it is paused", async () => {
    const meeting = createMeeting(2);
    await using host = await createTestHost({ maxInstancesAtWork: 2 });
    host.wire.register(meeting.operation);
    await load(host, "a", "b");
    const first = await host.jobs.dispatch("a:work", {}, { library: host.library });
    await expect.poll(() => meeting.most()).toBe(1);
    const second = await host.jobs.dispatch("b:work", {}, { library: host.library });
    await expect.poll(async () => (await second.record()).status).toBe("running");
    // Calls have a place of their own.
    expect(await ping(host, "a")).toEqual({ echo: "x" });
    expect(meeting.most()).toBe(1);
    expect((await host.jobs.pause(second.id)).status).toBe("paused");
    await host.jobs.resume(second.id);
    await host.call("query:test.meet.v1");
    expect((await first.done()).status).toBe("completed");
    await expect.poll(async () => (await second.record()).status).toBe("running");
    // The second is in it now, or will be.
    await Promise.allSettled([host.call("query:test.meet.v1")]);
    expect((await second.done()).status).toBe("completed");
  });

  it("that a job waits for are BUSY to it where there is none, and it lives", async () => {
    const meeting = createMeeting(2);
    await using host = await createTestHost({ maxInstancesAtWork: 2 });
    host.wire.register(meeting.operation);
    const hold = addHold(host);
    await load(host, "a", "b", "c");
    // The place for calls is taken before the job asks for it.
    const held = host.call("query:c:hold.v1");
    await hold.begun;
    const work = await host.jobs.dispatch("a:crosses", {}, { library: host.library });
    await host.call("query:test.meet.v1");
    expect(JSON.parse((await work.done()).result ?? "")).toMatchObject({ code: "BUSY", retryable: true });
    hold.end();
    await held;
    const again = await host.jobs.dispatch("a:crosses", {}, { library: host.library });
    await host.call("query:test.meet.v1");
    expect(await again.done()).toMatchObject({ status: "completed", result: '{"echo":"x"}' });
  });

  it("are not waited for any more by what is unloaded", async () => {
    await using host = await createTestHost({ maxInstancesAtWork: 2 });
    const hold = addHold(host);
    await load(host, "a", "b");
    const held = host.call("query:a:hold.v1");
    await hold.begun;
    const waiting = rejection(ping(host, "b"));
    const bare = rejection(host.plugins.call("b", "nothing"));
    await host.plugins.unload("b");
    expect([(await waiting).code, (await bare).code]).toEqual(["UNLOADED", "UNLOADED"]);
    hold.end();
    expect(await held).toBeNull();
    expect(await ping(host, "a")).toEqual({ echo: "x" });
  });
});
