import { createLibraryId } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { MemoryJobStore } from "../src/index.js";
import { openJobHost } from "./job-host.js";
import { newJobIn } from "./new-job.js";
import { COMPLETED, INTERRUPTED, ScriptedJob } from "./scripted-job.js";

/** Lets everything that is ready happen. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("runs as many jobs at the same time as it may, and the next when one ends", async () => {
  await using host = await openJobHost({ maxRunning: 2 });
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  for (let n = 0; n < 4; n++) await host.manager.dispatch("test.job", n, { library: host.library });
  const first = await script.next();
  await script.next();
  await settled();
  expect(script.begun).toBe(0);
  first.end(COMPLETED);
  expect((await script.next()).state).toBe("2");
  await settled();
  expect(script.begun).toBe(0);
});

test("an extension's limit holds over all its types and leaves places to others", async () => {
  await using host = await openJobHost({ maxRunning: 10 });
  const { manager, library } = host;
  const [a, b] = [0, 1].map(() => new ScriptedJob({ extension: "finance", maxConcurrent: 1 }));
  const native = new ScriptedJob();
  if (a === undefined || b === undefined) throw new Error("two were made");
  manager.register("finance:a", a);
  manager.register("finance:b", b);
  manager.register("test.job", native);
  await manager.dispatch("finance:a", 1, { library });
  await manager.dispatch("finance:b", 2, { library });
  await manager.dispatch("test.job", 3, { library });
  const first = await a.next();
  await native.next();
  await settled();
  expect(b.begun).toBe(0);
  first.end(COMPLETED);
  expect((await b.next()).state).toBe("2");
});

function extensionJobs(extension: string): ScriptedJob {
  return new ScriptedJob({ extension, extensionVersion: "1.0.0" });
}

test("the jobs of one extension take at most half of the places, however many they are and whatever their priority", async () => {
  await using host = await openJobHost({ maxRunning: 5 });
  const { manager, library } = host;
  const greedy = extensionJobs("greedy");
  const [other, native] = [extensionJobs("other"), new ScriptedJob()];
  manager.register("greedy:job", greedy);
  manager.register("other:job", other);
  manager.register("test.job", native);
  for (let n = 0; n < 9; n++) await manager.dispatch("greedy:job", n, { library, priority: 1_000 });
  await settled();
  expect(greedy.begun).toBe(3);
  await manager.dispatch("other:job", 1, { library });
  await manager.dispatch("test.job", 2, { library });
  await other.next();
  await native.next();
  await settled();
  expect(greedy.begun).toBe(3);
});

test("the jobs of all extensions together leave one place to native ones", async () => {
  await using host = await openJobHost({ maxRunning: 4 });
  const { manager, library } = host;
  const native = new ScriptedJob();
  const jobs = ["a", "b", "c"].map((id) => [`${id}:job`, extensionJobs(id)] as const);
  for (const [type, job] of jobs) manager.register(type, job);
  manager.register("test.job", native);
  for (const [type] of jobs) for (let n = 0; n < 3; n++) await manager.dispatch(type, n, { library });
  await settled();
  const begun = (): number => jobs.reduce((sum, [, job]) => sum + job.begun, 0);
  expect(begun()).toBe(3);
  await manager.dispatch("test.job", 1, { library });
  (await native.next()).end(COMPLETED);
  await settled();
  expect(begun()).toBe(3);
});

test("an integrator may give one extension all places but the one", async () => {
  await using host = await openJobHost({ maxRunning: 4, maxRunningPerExtension: 4 });
  const { manager, library } = host;
  const job = extensionJobs("finance");
  manager.register("finance:job", job);
  for (let n = 0; n < 5; n++) await manager.dispatch("finance:job", n, { library });
  await settled();
  expect(job.begun).toBe(3);
});

test("a single place is for whoever is next", async () => {
  await using host = await openJobHost({ maxRunning: 1 });
  const job = extensionJobs("finance");
  host.manager.register("finance:job", job);
  await host.manager.dispatch("finance:job", 1, { library: host.library });
  expect((await job.next()).state).toBe("1");
});

test.each([
  ["maxRunning", 0],
  ["maxRunning", Number.NaN],
  ["maxRunningPerExtension", 0],
  ["shutdownMs", -1],
  ["interruptDeadlineMs", Number.NaN],
  ["retryLimit", 0],
  ["retryBackoffMs", -1],
  ["maxRetryBackoffMs", Number.NaN],
  ["journalQuotaBytes", Number.NaN],
])("refuses %s of %d, which cannot be kept", async (name, value) => {
  await expect(openJobHost({ [name]: value })).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: expect.stringContaining(`JobManager's ${name} is ${value}`),
  });
});

test("a native type's limit is its own", async () => {
  await using host = await openJobHost();
  const { manager, library } = host;
  const [limited, other] = [new ScriptedJob({ maxConcurrent: 1 }), new ScriptedJob({ maxConcurrent: 1 })];
  manager.register("test.limited", limited);
  manager.register("test.other", other);
  await manager.dispatch("test.limited", 1, { library });
  await manager.dispatch("test.limited", 2, { library });
  await manager.dispatch("test.other", 3, { library });
  await limited.next();
  await other.next();
  await settled();
  expect(limited.begun).toBe(0);
});

test("the highest priority starts first, then the oldest", async () => {
  await using host = await openJobHost({ maxRunning: 1 });
  const { manager, library } = host;
  const script = new ScriptedJob();
  manager.register("test.job", script);
  for (const [state, priority] of [
    ["first", 0],
    ["low", -1],
    ["old", 0],
    ["high", 7],
    ["young", 0],
  ] as const) {
    await manager.dispatch("test.job", state, { library, priority });
  }
  const order: (string | null)[] = [];
  for (let n = 0; n < 5; n++) {
    const attempt = await script.next();
    order.push(attempt.state);
    attempt.end(COMPLETED);
  }
  expect(order).toEqual(['"first"', '"high"', '"old"', '"young"', '"low"']);
});

test("a job whose handler is gone waits, says for what, and starts when it comes back", async () => {
  await using host = await openJobHost();
  const { manager, library } = host;
  const first = new ScriptedJob({ extension: "finance", extensionVersion: "1.0.0", maxConcurrent: 0 });
  const registration = manager.register("finance:import", first);
  const job = await manager.dispatch("finance:import", { n: 1 }, { library });
  expect((await job.record()).waitingFor).toBeNull();
  await registration.unregister();
  expect(await job.record()).toMatchObject({ status: "queued", waitingFor: "extension finance is not loaded" });
  expect((await manager.list()).map(({ waitingFor }) => waitingFor)).toEqual(["extension finance is not loaded"]);
  const second = new ScriptedJob({ extension: "finance", extensionVersion: "1.1.0" });
  manager.register("finance:import", second);
  const attempt = await second.next();
  expect(attempt.state).toBe('{"n":1}');
  expect(await job.record()).toMatchObject({ status: "running", extensionVersion: "1.1.0", waitingFor: null });
});

test("taking a handler back interrupts its jobs, and another handler continues them from their checkpoints", async () => {
  await using host = await openJobHost();
  const { manager, library } = host;
  const [old, fresh] = [new ScriptedJob({ extension: "finance" }), new ScriptedJob({ extension: "finance" })];
  const registration = manager.register("finance:import", old);
  const job = await manager.dispatch("finance:import", 0, { library });
  const attempt = await old.next();
  const unregistered = registration.unregister();
  // The new one may come at once: nothing that is dispatched meanwhile is refused.
  manager.register("finance:import", fresh);
  expect(attempt.context.interrupt()).toBe("pause");
  await attempt.context.checkpoint("5");
  attempt.end(INTERRUPTED);
  await unregistered;
  await registration.unregister();
  const second = await fresh.next();
  expect([second.state, second.context.id]).toEqual(["5", job.id]);
  second.end(COMPLETED);
  expect((await job.done()).status).toBe("completed");
});

test("a job that does not let go of a handler that was taken back is stopped at the deadline", async () => {
  await using host = await openJobHost({ interruptDeadlineMs: 2_000 });
  const { manager, library } = host;
  const script = new ScriptedJob();
  const registration = manager.register("test.job", script);
  const job = await manager.dispatch("test.job", 0, { library });
  const attempt = await script.next();
  const unregistered = registration.unregister();
  host.clock.advance(1_999);
  expect(attempt.context.signal.aborted).toBe(false);
  host.clock.advance(1);
  expect(attempt.context.signal.aborted).toBe(true);
  host.clock.advance(1_000);
  await unregistered;
  expect(await job.record()).toMatchObject({ status: "queued", attempt: 1, attemptsSinceProgress: 0 });
});

test("a job that cannot be resumed is not interrupted when its handler goes, and fails if it does not end", async () => {
  await using host = await openJobHost();
  const { manager, library } = host;
  const script = new ScriptedJob({ resumable: false });
  const registration = manager.register("test.job", script);
  const [ends, stays] = [
    await manager.dispatch("test.job", 0, { library }),
    await manager.dispatch("test.job", 1, { library }),
  ];
  const attempts = [await script.next(), await script.next()];
  const unregistered = registration.unregister();
  expect(attempts.map(({ context }) => context.interrupt())).toEqual(["none", "none"]);
  attempts[0]?.end(COMPLETED);
  host.clock.advance(10_000);
  host.clock.advance(1_000);
  await unregistered;
  expect((await ends.record()).status).toBe("completed");
  expect(await stays.record()).toMatchObject({
    status: "failed",
    error: { message: expect.stringContaining("resumed") },
  });
});

test("a pause survives the loss of the handler", async () => {
  await using host = await openJobHost();
  const { manager, library } = host;
  const script = new ScriptedJob();
  const registration = manager.register("test.job", script);
  const job = await manager.dispatch("test.job", 0, { library });
  const attempt = await script.next();
  const pausing = manager.pause(job.id);
  const unregistered = registration.unregister();
  attempt.end(INTERRUPTED);
  await unregistered;
  expect((await pausing).status).toBe("paused");
});

test("ten thousand queued jobs of a held type do not slow the others down", async () => {
  await using host = await openJobHost();
  const { manager, library } = host;
  const free = new ScriptedJob();
  manager.register("test.held", new ScriptedJob({ maxConcurrent: 0 }));
  manager.register("test.free", free);
  for (let n = 0; n < 10_000; n++) await manager.dispatch("test.held", n, { library, priority: 1 });
  const job = await manager.dispatch("test.free", 0, { library });
  (await free.next()).end(COMPLETED);
  expect((await job.done()).status).toBe("completed");
});

test("jobs that end as they begin leave the loop its turns, however many wait", async () => {
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  for (let n = 0; n < 500; n++) await store.insert(newJobIn(library));
  await using host = await openJobHost({ store, library });
  let ended = 0;
  host.manager.register("test.job", {
    resumable: true,
    extension: null,
    extensionVersion: null,
    run: async () => {
      ended++;
      return COMPLETED;
    },
  });
  const perTurn: number[] = [];
  while (ended < 500) {
    const before = ended;
    await settled();
    perTurn.push(ended - before);
  }
  expect(Math.max(...perTurn)).toBeLessThanOrEqual(64);
});
