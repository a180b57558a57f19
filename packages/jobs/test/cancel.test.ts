import { createLibraryId, defineAction } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import { MemoryJobStore } from "../src/index.js";
import { claimJob } from "../src/job-steps.js";
import { nextStatus } from "../src/transitions.js";
import { openJobHost } from "./job-host.js";
import { newJobIn } from "./new-job.js";
import { COMPLETED, INTERRUPTED, ScriptedJob } from "./scripted-job.js";
import { startJob } from "./start-job.js";

test("a cancel aborts at once, and the job is cancelled when its handler has let go", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const cancelling = host.manager.cancel(job.id);
  expect(attempt.context.interrupt()).toBe("cancel");
  expect(attempt.context.signal.aborted).toBe(true);
  attempt.end(INTERRUPTED);
  expect(await cancelling).toMatchObject({ status: "cancelled", endedAt: host.clock.now() });
  expect((await job.done()).status).toBe("cancelled");
});

test("a cancel gives up the operation that the job waits for", async () => {
  const started = Promise.withResolvers<AbortSignal>();
  const wait = defineAction({
    name: "test.wait",
    scope: "library",
    input: z.object({}),
    output: z.object({}),
    run: (ctx) => {
      started.resolve(ctx.signal);
      return new Promise<Record<string, never>>(() => {});
    },
  });
  await using host = await openJobHost({ operations: [wait] });
  const { job, attempt } = await startJob(host);
  const reply = attempt.context.callJson("action:test.wait.input.v1", "{}", host.library);
  const signal = await started.promise;
  const cancelling = host.manager.cancel(job.id);
  expect(await reply).toContain('"code":"CANCELLED"');
  expect(signal.aborted).toBe(true);
  attempt.end(INTERRUPTED);
  await cancelling;
});

test("a handler that does not let go is given up, and what it writes later is void", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  await attempt.context.checkpoint("1");
  const cancelling = host.manager.cancel(job.id);
  host.clock.advance(1_000);
  const cancelled = await cancelling;
  expect(cancelled.status).toBe("cancelled");
  await expect(attempt.context.checkpoint("2")).rejects.toMatchObject({ code: "JOB_NOT_RUNNING" });
  attempt.end(COMPLETED);
  expect(await job.record()).toEqual(cancelled);
});

test("a cancel wins over the end that the handler comes to meanwhile", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const cancelling = host.manager.cancel(job.id);
  attempt.end(COMPLETED);
  expect((await cancelling).status).toBe("cancelled");
});

test("a cancel while the job is to pause cancels it, and the pause says so", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const pausing = host.manager.pause(job.id);
  const cancelling = host.manager.cancel(job.id);
  const again = host.manager.pause(job.id);
  expect(attempt.context.interrupt()).toBe("cancel");
  attempt.end(INTERRUPTED);
  for (const order of [pausing, cancelling, again]) expect((await order).status).toBe("cancelled");
});

test("a cancel twice, at once or later, is one cancel", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  const orders = [host.manager.cancel(job.id), host.manager.cancel(job.id)];
  attempt.end(INTERRUPTED);
  const [first, second] = await Promise.all(orders);
  expect(second).toEqual(first);
  host.clock.advance(5);
  expect(await host.manager.cancel(job.id)).toEqual(first);
});

test("a completed job is not cancelled", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host);
  attempt.end(COMPLETED);
  await job.done();
  await expect(host.manager.cancel(job.id)).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
});

test("queued, paused and suspended jobs are cancelled where they lie", async () => {
  const store = new MemoryJobStore();
  const library = createLibraryId();
  const suspended = newJobIn(library, { status: "suspended" });
  await store.insert(suspended);
  await using host = await openJobHost({ store, library });
  const { manager } = host;
  manager.register("test.held", new ScriptedJob({ maxConcurrent: 0 }));
  const queued = await manager.dispatch("test.held", {}, { library });
  const paused = await manager.dispatch("test.held", {}, { library });
  await manager.pause(paused.id);
  for (const id of [queued.id, paused.id, suspended.id]) {
    expect(await manager.cancel(id)).toMatchObject({ status: "cancelled", endedAt: host.clock.now(), attempt: 0 });
  }
});

test("a cancel that comes between a job's claim and its start keeps it from starting", async () => {
  const gate = Promise.withResolvers<void>();
  class SlowClaims extends MemoryJobStore {
    override async update(...given: Parameters<MemoryJobStore["update"]>): ReturnType<MemoryJobStore["update"]> {
      const updated = await super.update(...given);
      if (updated.status === "running") await gate.promise;
      return updated;
    }
  }
  await using host = await openJobHost({ store: new SlowClaims() });
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  const job = await host.manager.dispatch("test.job", {}, { library: host.library });
  const cancelling = host.manager.cancel(job.id);
  gate.resolve();
  expect((await cancelling).status).toBe("cancelled");
  expect(script.begun).toBe(0);
});

test("an order for a job that another claimed meanwhile reaches its attempt", async () => {
  let claims = 0;
  class RacingStore extends MemoryJobStore {
    override async get(...given: Parameters<MemoryJobStore["get"]>): ReturnType<MemoryJobStore["get"]> {
      const seen = await super.get(...given);
      claims++;
      // Between this look and the order's write the job begins to run.
      if (claims === 1) host.manager.register("test.job", script);
      return seen;
    }
  }
  const script = new ScriptedJob();
  const store = new RacingStore();
  const library = createLibraryId();
  const job = newJobIn(library);
  await store.insert(job);
  await using host = await openJobHost({ store, library });
  const cancelling = host.manager.cancel(job.id);
  const attempt = await script.next();
  attempt.end(INTERRUPTED);
  expect((await cancelling).status).toBe("cancelled");
});

test("the steps that a suspended job has are those of the table", () => {
  expect(nextStatus("wake", "suspended", "j")).toBe("queued");
  const job = newJobIn(createLibraryId(), { status: "suspended" });
  expect(() => claimJob(job, { extensionVersion: null, resumable: true, at: 1 })).toThrow(
    expect.objectContaining({ code: "INVALID_TRANSITION" }),
  );
});
