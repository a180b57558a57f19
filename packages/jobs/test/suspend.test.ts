import { createJobId, createLibraryId } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineJob, type JobOutcome, type JobRecord, MemoryJobStore } from "../src/index.js";
import { type JobHost, openJobHost } from "./job-host.js";
import { COMPLETED, INTERRUPTED, ScriptedJob } from "./scripted-job.js";
import { settled } from "./settled.js";

function sleep(afterMs: number, state = '"slept"'): JobOutcome {
  return { kind: "suspended", state, until: { afterMs } };
}

async function startScript(host: JobHost): Promise<ScriptedJob> {
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  return script;
}

test("a suspended job has given its place back, and goes on from its state once its time has come", async () => {
  await using host = await openJobHost({ maxRunning: 1 });
  const script = await startScript(host);
  const { library, manager, clock } = host;
  const sleeper = await manager.dispatch("test.job", "sleeper", { library });
  const other = await manager.dispatch("test.job", "other", { library });
  const attempt = await script.next();
  attempt.context.incrementItems(3);
  attempt.end(sleep(60_000));
  (await script.next()).end(COMPLETED);
  await other.done();
  expect(await sleeper.record()).toMatchObject({
    status: "suspended",
    state: '"slept"',
    checkpoint: 1,
    metrics: { items: 3 },
    waitingFor: expect.stringMatching(/^1970-/),
  });
  expect(manager.contexts.list()).toEqual([]);
  clock.advance(59_999);
  await settled();
  expect(script.begun).toBe(0);
  clock.advance(1);
  const second = await script.next();
  expect([second.state, second.context.attempt]).toEqual(['"slept"', 2]);
  second.end(COMPLETED);
  expect(await sleeper.done()).toMatchObject({ status: "completed", metrics: { items: 3 }, wake: null });
});

test("what is already so when a job is suspended queues it at once", async () => {
  await using host = await openJobHost();
  const script = await startScript(host);
  const { library, manager, clock } = host;
  await manager.dispatch("test.job", 0, { library });
  const conditions = [{ afterMs: 0 }, { at: clock.now() }, { at: 0 }, { children: "ended" }] as const;
  for (const until of conditions) (await script.next()).end({ kind: "suspended", state: "1", until });
  (await script.next()).end(COMPLETED);
});

test("the first of several conditions wakes a job, and wakes it once", async () => {
  await using host = await openJobHost();
  const script = await startScript(host);
  const { library, manager, clock } = host;
  const job = await manager.dispatch("test.job", 0, { library });
  const until = { at: clock.now() + 5_000, afterMs: 5_000 };
  (await script.next()).end({ kind: "suspended", state: "1", until });
  await settled();
  clock.advance(5_000);
  const attempt = await script.next();
  clock.advance(60_000);
  await settled();
  expect(script.begun).toBe(0);
  attempt.end(COMPLETED);
  expect(await job.done()).toMatchObject({ attempt: 2 });
});

test("a job that ends as suspended and asked for no wake-up has failed, and says so", async () => {
  await using host = await openJobHost();
  const script = await startScript(host);
  const job = await host.manager.dispatch("test.job", 0, { library: host.library });
  (await script.next()).end({ kind: "suspended" });
  expect(await job.done()).toMatchObject({
    status: "failed",
    error: { code: "JOB_FAILED", message: expect.stringContaining("wake_when") },
  });
});

test.each([
  [{}, "INVALID_INPUT"],
  [{ afterMs: -1 }, "INVALID_INPUT"],
  [{ afterMs: Number.NaN }, "INVALID_INPUT"],
  [{ at: Number.POSITIVE_INFINITY }, "INVALID_INPUT"],
])("a job that would wait for %j fails with %s", async (until, code) => {
  await using host = await openJobHost();
  const script = await startScript(host);
  const job = await host.manager.dispatch("test.job", 0, { library: host.library });
  (await script.next()).end({ kind: "suspended", state: "1", until });
  expect(await job.done()).toMatchObject({ status: "failed", error: { code } });
});

test("a sleep outlives its host, and is over when its time has come meanwhile", async () => {
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  const first = await openJobHost({ store, library });
  const script = await startScript(first);
  const { id } = await first.manager.dispatch("test.job", 0, { library });
  (await script.next()).end(sleep(60_000));
  await settled();
  await first.manager.close();
  const { clock } = first;
  {
    await using second = await openJobHost({ store, library, clock });
    await startScript(second);
    await settled();
    expect((await store.get(id))?.status).toBe("suspended");
  }
  await using third = await openJobHost({ store, library, clock });
  expect((await (await startScript(third)).next()).state).toBe('"slept"');
});

test("a suspended job can be paused, and waits on when it is resumed too early", async () => {
  await using host = await openJobHost();
  const script = await startScript(host);
  const { library, manager, clock } = host;
  const job = await manager.dispatch("test.job", 0, { library });
  (await script.next()).end(sleep(5_000));
  await settled();
  expect((await manager.resume(job.id)).status).toBe("suspended");
  expect((await manager.pause(job.id)).status).toBe("paused");
  clock.advance(4_000);
  expect((await manager.resume(job.id)).status).toBe("suspended");
  await manager.pause(job.id);
  clock.advance(4_000);
  await settled();
  expect((await job.record()).status).toBe("paused");
  expect((await manager.resume(job.id)).status).toBe("queued");
  (await script.next()).end(COMPLETED);
  expect((await job.done()).attempt).toBe(2);
});

test("a job that is suspended while a pause is wanted is paused, with its wake-up kept", async () => {
  await using host = await openJobHost();
  const script = await startScript(host);
  const { library, manager, clock } = host;
  const job = await manager.dispatch("test.job", 0, { library });
  const attempt = await script.next();
  const pausing = manager.pause(job.id);
  attempt.end(sleep(5_000));
  expect(await pausing).toMatchObject({ status: "paused", state: '"slept"' });
  expect((await manager.resume(job.id)).status).toBe("suspended");
  clock.advance(5_000);
  (await script.next()).end(COMPLETED);
});

test("a suspended job is cancelled where it lies, and nothing wakes it", async () => {
  await using host = await openJobHost();
  const script = await startScript(host);
  const job = await host.manager.dispatch("test.job", 0, { library: host.library });
  (await script.next()).end(sleep(5_000));
  await settled();
  expect((await host.manager.cancel(job.id)).status).toBe("cancelled");
  host.clock.advance(60_000);
  await settled();
  expect(script.begun).toBe(0);
});

test("a wait is not put off by a clock that is set back, and comes once; a time of day is", async () => {
  await using host = await openJobHost();
  const script = await startScript(host);
  const { library, manager, clock } = host;
  const waits = await manager.dispatch("test.job", "waits", { library });
  const dated = await manager.dispatch("test.job", "dated", { library });
  (await script.next()).end(sleep(30_000));
  (await script.next()).end({ kind: "suspended", state: "1", until: { at: clock.now() + 30_000 } });
  await settled();
  clock.set(-3_600_000);
  clock.advance(30_000);
  await settled();
  const attempt = await script.next();
  expect(attempt.context.id).toBe(waits.id);
  expect((await dated.record()).status).toBe("suspended");
  clock.set(3_600_000);
  clock.advance(60_000);
  await settled();
  expect((await script.next()).context.id).toBe(dated.id);
  expect(script.begun).toBe(0);
  attempt.end(COMPLETED);
});

test("with the clock set back every wait keeps its length, whatever other waits begin and end meanwhile", async () => {
  await using host = await openJobHost();
  const script = await startScript(host);
  const { library, manager, clock } = host;
  const names = new Map<string, string>();
  const begin = async (name: string, afterMs: number): Promise<void> => {
    names.set((await manager.dispatch("test.job", name, { library })).id, name);
    (await script.next()).end(sleep(afterMs));
    await settled();
  };
  let passed = 0;
  const woken: string[] = [];
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    passed += ms;
    await settled();
    while (script.begun > 0) {
      const attempt = await script.next();
      woken.push(`${names.get(attempt.context.id)} at ${passed}`);
      attempt.end(COMPLETED);
    }
  };
  await begin("a minute", 60_000);
  clock.set(-3_600_000);
  await pass(29_999);
  await begin("ten seconds", 10_000);
  await pass(9_999);
  expect(woken).toEqual([]);
  await pass(1);
  await begin("five minutes", 300_000);
  await pass(20_000);
  expect(woken).toEqual(["ten seconds at 39999"]);
  await pass(1);
  clock.set(-1_000_000);
  for (let n = 0; n < 300; n++) await pass(1_000);
  expect(woken).toEqual(["ten seconds at 39999", "a minute at 60000", "five minutes at 340000"]);
});

test("a clock that was set back while no host ran does not put a wait off beyond its length", async () => {
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  const first = await openJobHost({ store, library });
  const script = await startScript(first);
  await first.manager.dispatch("test.job", 0, { library });
  (await script.next()).end(sleep(30_000));
  await settled();
  await first.manager.close();
  const { clock } = first;
  clock.set(-500_000);
  await using second = await openJobHost({ store, library, clock });
  const again = await startScript(second);
  await settled();
  expect(again.begun).toBe(0);
  clock.advance(30_000);
  (await again.next()).end(COMPLETED);
});

test("a thousand sleeping jobs hold one timer and no instance", async () => {
  await using host = await openJobHost();
  const script = await startScript(host);
  const { library, manager, clock } = host;
  for (let n = 0; n < 1_000; n++) {
    await manager.dispatch("test.job", n, { library });
    (await script.next()).end(sleep(60_000 + n));
  }
  await settled();
  expect(clock.pending).toBe(1);
  expect(await manager.list({ status: "suspended", limit: 2_000 })).toHaveLength(1_000);
});

test("a native job sleeps with suspendUntil, which its run lets pass", async () => {
  await using host = await openJobHost();
  const ticker = defineJob({
    type: "test.ticker",
    state: z.object({ ticks: z.int() }),
    result: z.int(),
    run: (ctx, { ticks }) => (ticks < 3 ? ctx.suspendUntil({ ticks: ticks + 1 }, { afterMs: 1_000 }) : ticks),
  });
  host.manager.register(ticker);
  const job = await host.manager.dispatch(ticker, { ticks: 0 }, { library: host.library });
  for (let n = 1; n <= 3; n++) {
    await settled();
    expect(await job.record()).toMatchObject({ status: "suspended", state: `{"ticks":${n}}` });
    host.clock.advance(1_000);
  }
  expect(await job.done()).toMatchObject({ status: "completed", result: "3", attempt: 4 });
});

test("an interrupted attempt of a job that had been woken does not put it back to sleep", async () => {
  await using host = await openJobHost();
  const script = await startScript(host);
  const job = await host.manager.dispatch("test.job", 0, { library: host.library });
  (await script.next()).end(sleep(1_000));
  await settled();
  host.clock.advance(1_000);
  const attempt = await script.next();
  const pausing = host.manager.pause(job.id);
  attempt.end(INTERRUPTED);
  await pausing;
  expect((await host.manager.resume(job.id)).status).toBe("queued");
  (await script.next()).end(COMPLETED);
});

/** Tells of one change later than it is made, as a disk that takes its time. */
class SlowStore extends MemoryJobStore {
  answer: Promise<void> | null = null;

  override async update(...given: Parameters<MemoryJobStore["update"]>): Promise<JobRecord> {
    const { answer } = this;
    this.answer = null;
    const updated = await super.update(...given);
    await answer;
    return updated;
  }
}

test("a job whose wait is over before the end of its attempt is told is not forgotten", async () => {
  const [store, library] = [new SlowStore(), createLibraryId()];
  await using host = await openJobHost({ store, library });
  const script = await startScript(host);
  const { manager, clock } = host;
  await manager.dispatch("test.job", "sleeps", { library });
  const { id } = await manager.dispatch("test.job", "naps", { library });
  (await script.next()).end(sleep(5_000));
  const naps = await script.next();
  await settled();
  const told = Promise.withResolvers<void>();
  store.answer = told.promise;
  naps.end(sleep(1_000));
  await settled();
  // The other one's timer finds both.
  clock.advance(5_000);
  await settled();
  told.resolve();
  const attempts = [await script.next(), await script.next()];
  expect(attempts.map(({ context }) => context.id)).toContain(id);
});

test("a native job that would wait for a job that is not its child fails, as a guest is refused", async () => {
  await using host = await openJobHost();
  const { library, manager } = host;
  const held = new ScriptedJob({ maxConcurrent: 0 });
  manager.register("test.held", held);
  const stranger = await manager.dispatch("test.held", 0, { library });
  const script = new ScriptedJob();
  manager.register("test.job", script);
  for (const [child, code] of [
    [stranger.id, "INVALID_INPUT"],
    [createJobId(), "NOT_FOUND"],
  ] as const) {
    const job = await manager.dispatch("test.job", 0, { library });
    (await script.next()).end({ kind: "suspended", until: { children: [child] } });
    expect(await job.done()).toMatchObject({ status: "failed", error: { code } });
  }
});
