import { createLibraryId, type ErrorCode, SpacedriveError } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { MemoryJobStore } from "../src/index.js";
import { openJobHost } from "./job-host.js";
import { createWorld, READ, startHost } from "./journal-host.js";
import { COMPLETED, FAILED, INTERRUPTED, ScriptedJob } from "./scripted-job.js";
import { settled } from "./settled.js";
import { startJob } from "./start-job.js";

const TRAPPED = { kind: "failed", error: new SpacedriveError("GUEST_TRAPPED", "unreachable") } as const;
/** Half of the wait is certain, and here the other half is nothing. */
const LEAST = { random: () => 0 };

test("an attempt that trapped is tried again after its backoff, from its last checkpoint", async () => {
  await using host = await openJobHost(LEAST);
  const { script, job, attempt } = await startJob(host, "first");
  await attempt.context.checkpoint('"kept"');
  attempt.context.reportProgress(0.9, "lost");
  attempt.end(TRAPPED);
  await settled();
  expect(await job.record()).toMatchObject({
    status: "queued",
    notBefore: host.clock.now() + 500,
    error: { code: "GUEST_TRAPPED", message: "unreachable" },
    progress: 0,
    waitingFor: expect.stringMatching(/^its next attempt at 1970-.*, after GUEST_TRAPPED$/),
  });
  host.clock.advance(499);
  await settled();
  expect(script.begun).toBe(0);
  host.clock.advance(1);
  const second = await script.next();
  expect([second.state, second.context.attempt]).toEqual(['"kept"', 2]);
  expect(await job.record()).toMatchObject({ status: "running", error: null, notBefore: null });
  second.end(COMPLETED);
  expect((await job.done()).status).toBe("completed");
});

test("the waits double up to the longest, and half of each is random", async () => {
  await using host = await openJobHost({ random: () => 0.5, retryLimit: 6, maxRetryBackoffMs: 5_000 });
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  const job = await host.manager.dispatch("test.job", 0, { library: host.library });
  const waits: number[] = [];
  for (let n = 0; n < 5; n++) {
    (await script.next()).end(TRAPPED);
    await settled();
    const wait = ((await job.record()).notBefore ?? 0) - host.clock.now();
    waits.push(wait);
    host.clock.advance(wait);
  }
  expect(waits).toEqual([750, 1_500, 3_000, 3_750, 3_750]);
});

test("a poisonous job ends in failed with its reason while the rest finish, is listed, and is tried again by hand", async () => {
  await using host = await openJobHost({ ...LEAST, retryLimit: 3 });
  const [poison, sound] = [new ScriptedJob(), new ScriptedJob()];
  host.manager.register("test.poison", poison);
  host.manager.register("test.sound", sound);
  const { library } = host;
  const job = await host.manager.dispatch("test.poison", 0, { library });
  const others = [await host.manager.dispatch("test.sound", 1, { library })];
  for (let attempts = 1; attempts <= 3; attempts++) {
    (await poison.next()).end(TRAPPED);
    (await sound.next()).end(COMPLETED);
    others.push(await host.manager.dispatch("test.sound", 1, { library }));
    await settled();
    expect((await job.record()).status).toBe(attempts < 3 ? "queued" : "failed");
    host.clock.advance(60_000);
  }
  (await sound.next()).end(COMPLETED);
  for (const other of others) expect((await other.done()).status).toBe("completed");
  const [dead] = await host.manager.list({ status: "failed" });
  expect(dead).toMatchObject({
    id: job.id,
    error: { code: "GUEST_TRAPPED", message: expect.stringContaining("last 3 attempts") },
  });
  await host.manager.retry(job.id);
  (await poison.next()).end(COMPLETED);
  expect(await job.done()).toMatchObject({ status: "completed", attempt: 4 });
});

test("a retry by hand begins the count of attempts anew", async () => {
  await using host = await openJobHost({ ...LEAST, retryLimit: 2 });
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  const job = await host.manager.dispatch("test.job", 0, { library: host.library });
  const statuses: string[] = [];
  for (let n = 0; n < 4; n++) {
    (await script.next()).end(TRAPPED);
    await settled();
    const { status } = await job.record();
    statuses.push(status);
    if (status === "failed") await host.manager.retry(job.id);
    else host.clock.advance(60_000);
  }
  expect(statuses).toEqual(["queued", "failed", "queued", "failed"]);
  (await script.next()).end(COMPLETED);
  await job.done();
});

test("a checkpoint begins the count of attempts anew", async () => {
  await using host = await openJobHost({ ...LEAST, retryLimit: 2 });
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  const job = await host.manager.dispatch("test.job", 0, { library: host.library });
  for (let n = 0; n < 5; n++) {
    const attempt = await script.next();
    await attempt.context.checkpoint(String(n));
    attempt.end(TRAPPED);
    await settled();
    expect((await job.record()).status).toBe("queued");
    host.clock.advance(60_000);
  }
  (await script.next()).end(TRAPPED);
  await settled();
  expect((await job.record()).status).toBe("queued");
  host.clock.advance(60_000);
  (await script.next()).end(TRAPPED);
  expect(await job.done()).toMatchObject({ status: "failed", attempt: 7 });
});

test.each<{ code: ErrorCode; retryable?: boolean; status: string }>([
  { code: "GUEST_TRAPPED", status: "queued" },
  { code: "GUEST_MEMORY_LIMIT", status: "queued" },
  { code: "JOB_STALLED", status: "queued" },
  { code: "INTERNAL", status: "queued" },
  { code: "BUSY", status: "queued" },
  { code: "JOB_FAILED", retryable: true, status: "queued" },
  { code: "JOB_FAILED", status: "failed" },
  { code: "INVALID_STATE", status: "failed" },
  { code: "INVALID_INPUT", status: "failed" },
  { code: "PERMISSION_DENIED", status: "failed" },
  { code: "EXPORT_NOT_FOUND", status: "failed" },
  { code: "GUEST_ABI_VIOLATION", status: "failed" },
  { code: "TIMEOUT", retryable: false, status: "failed" },
])("a job that fails with $code (retryable: $retryable) is $status", async ({ code, retryable, status }) => {
  await using host = await openJobHost();
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  const job = await host.manager.dispatch("test.job", 0, { library: host.library });
  const error = new SpacedriveError(code, "no", retryable === undefined ? {} : { retryable });
  (await script.next()).end({ kind: "failed", error });
  await settled();
  expect(await job.record()).toMatchObject({ status, error: { code } });
});

test("a job that cannot be resumed is not tried again", async () => {
  await using host = await openJobHost();
  const script = new ScriptedJob({ resumable: false });
  host.manager.register("test.job", script);
  const job = await host.manager.dispatch("test.job", 0, { library: host.library });
  (await script.next()).end(TRAPPED);
  expect((await job.done()).status).toBe("failed");
});

test("a postponed job can be paused, cancelled and resumed, and then starts without its wait", async () => {
  await using host = await openJobHost();
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  const job = await host.manager.dispatch("test.job", 0, { library: host.library });
  (await script.next()).end(TRAPPED);
  await settled();
  expect(await host.manager.pause(job.id)).toMatchObject({ status: "paused", notBefore: null, error: null });
  await host.manager.resume(job.id);
  (await script.next()).end(TRAPPED);
  await settled();
  expect((await host.manager.cancel(job.id)).status).toBe("cancelled");
  host.clock.advance(60_000);
  await settled();
  expect(script.begun).toBe(0);
});

test("a retry that fails while a pause is wanted is paused", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host, 0);
  const pausing = host.manager.pause(job.id);
  attempt.end(TRAPPED);
  expect((await pausing).status).toBe("paused");
});

test("a wait outlives the host, and is over when its time has come meanwhile", async () => {
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  const first = await openJobHost({ ...LEAST, store, library });
  const script = new ScriptedJob();
  first.manager.register("test.job", script);
  const { id } = await first.manager.dispatch("test.job", 0, { library });
  (await script.next()).end(TRAPPED);
  await settled();
  await first.manager.close();
  const { clock } = first;
  {
    await using soon = await openJobHost({ store, library, clock });
    const again = new ScriptedJob();
    soon.manager.register("test.job", again);
    await settled();
    expect(again.begun).toBe(0);
    expect((await store.get(id))?.status).toBe("queued");
  }
  await using late = await openJobHost({ store, library, clock });
  const again = new ScriptedJob();
  late.manager.register("test.job", again);
  (await again.next()).end(COMPLETED);
});

test("a job that is given its deadline fails with TIMEOUT when it is over, wherever it is", async () => {
  await using host = await openJobHost();
  const { manager, library, clock } = host;
  const [script, held] = [new ScriptedJob(), new ScriptedJob({ maxConcurrent: 0 })];
  manager.register("test.job", script);
  manager.register("test.held", held);
  const running = await manager.dispatch("test.job", 0, { library, deadlineMs: 5_000 });
  const queued = await manager.dispatch("test.held", 0, { library, deadlineMs: 5_000 });
  const paused = await manager.dispatch("test.held", 0, { library, deadlineMs: 5_000 });
  const longer = await manager.dispatch("test.held", 0, { library, deadlineMs: 5_001 });
  await manager.pause(paused.id);
  const attempt = await script.next();
  clock.advance(4_999);
  await settled();
  expect(attempt.context.signal.aborted).toBe(false);
  clock.advance(1);
  await settled();
  expect(attempt.context.signal.aborted).toBe(true);
  attempt.end(INTERRUPTED);
  for (const job of [running, queued, paused]) {
    expect(await job.done()).toMatchObject({ status: "failed", error: { code: "TIMEOUT" } });
  }
  expect((await longer.record()).status).toBe("queued");
});

test("a job that does not let go at its deadline is given up, and one that completes just then has completed", async () => {
  await using host = await openJobHost();
  const { manager, library, clock } = host;
  const script = new ScriptedJob();
  manager.register("test.job", script);
  const [stays, ends] = [
    await manager.dispatch("test.job", 0, { library, deadlineMs: 5_000 }),
    await manager.dispatch("test.job", 0, { library, deadlineMs: 5_000 }),
  ];
  await script.next();
  const attempt = await script.next();
  clock.advance(5_000);
  await settled();
  attempt.end(COMPLETED);
  expect((await ends.done()).status).toBe("completed");
  clock.advance(1_000);
  expect((await stays.done()).error?.code).toBe("TIMEOUT");
});

test("a retry by hand gives a job its whole deadline again", async () => {
  await using host = await openJobHost();
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  const { manager, library, clock } = host;
  const job = await manager.dispatch("test.job", 0, { library, deadlineMs: 5_000 });
  const attempt = await script.next();
  clock.advance(3_000);
  attempt.end(FAILED);
  await job.done();
  clock.advance(10_000);
  expect(await manager.retry(job.id)).toMatchObject({ status: "queued", deadline: clock.now() + 5_000 });
  const second = await script.next();
  clock.advance(5_000);
  await settled();
  second.end(INTERRUPTED);
  expect((await job.done()).error?.code).toBe("TIMEOUT");
});

test("a job that reads much in each of its attempts, and does nothing, fails after as many as any other", async () => {
  await using world = await createWorld();
  await using host = await startHost(world, { retryLimit: 3 });
  const job = await host.manager.dispatch("test.job", 0, { library: world.library });
  // More than waits in memory for the next effect.
  world.padding = 2_000_000;
  for (let attempts = 1; attempts <= 3; attempts++) {
    const attempt = await host.script.next();
    await attempt.context.call(READ, {});
    attempt.end(TRAPPED);
    await settled();
    host.clock.advance(60_000);
  }
  expect(await job.record()).toMatchObject({ status: "failed", attempt: 3, error: { code: "GUEST_TRAPPED" } });
});
