import { createLibraryId } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { MemoryJobStore } from "../src/index.js";
import { claimJob, pauseJob } from "../src/job-steps.js";
import { openJobHost } from "./job-host.js";
import { newJobIn } from "./new-job.js";
import { COMPLETED, INTERRUPTED, ScriptedJob } from "./scripted-job.js";
import { startJob } from "./start-job.js";

const BY = { extensionVersion: null, resumable: true, at: 2_000 };

test("what was running when the host died is queued again and goes on from its last checkpoint", async () => {
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  const { id } = newJobIn(library);
  await store.insert(newJobIn(library, { id }));
  await store.update(id, (job) => claimJob(job, BY));
  const report = { progress: 0.5, message: "half", warnings: ["w"], metrics: { bytes: 1, items: 2 } };
  await store.checkpoint(id, 1, { state: "7", report, storedWarnings: 0, consumed: 0, at: 3_000 });

  await using host = await openJobHost({ store, library });
  const job = await host.manager.get(id);
  expect(await job.record()).toMatchObject({
    status: "queued",
    waitingFor: "no handler for test.job is registered",
    ...report,
  });
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  const attempt = await script.next();
  expect([attempt.state, attempt.context.attempt]).toEqual(["7", 2]);
});

test("what was running and cannot be resumed has failed, with its reason", async () => {
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  const { id } = newJobIn(library);
  await store.insert(newJobIn(library, { id, resumable: false }));
  await store.update(id, (job) => claimJob(job, { ...BY, resumable: false }));
  await using host = await openJobHost({ store, library });
  expect(await (await host.manager.get(id)).done()).toMatchObject({
    status: "failed",
    error: { code: "JOB_FAILED", message: expect.stringContaining("cannot be resumed") },
  });
});

test.each([
  { crashes: 2, retryLimit: 3, status: "queued" },
  { crashes: 3, retryLimit: 3, status: "failed" },
  { crashes: 4, retryLimit: 5, status: "queued" },
  { crashes: 5, retryLimit: undefined, status: "failed" },
])(
  "after $crashes crashes in a row a job with the limit $retryLimit is $status",
  async ({ crashes, retryLimit, status }) => {
    const [store, library] = [new MemoryJobStore(), createLibraryId()];
    const { id } = newJobIn(library);
    const attempts = { status: "running", attempt: 9, attemptsSinceProgress: crashes } as const;
    await store.insert(newJobIn(library, { id, ...attempts }));
    await using host = await openJobHost({ store, library, ...(retryLimit === undefined ? {} : { retryLimit }) });
    expect((await store.get(id))?.status).toBe(status);
    expect((await host.manager.list({ status: "failed" })).map(({ error }) => error?.code)).toEqual(
      status === "failed" ? ["JOB_FAILED"] : [],
    );
  },
);

test("paused jobs stay paused, and queued ones start in their order", async () => {
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  const [first, paused, second] = [1, 2, 3].map((n) => newJobIn(library, { state: String(n) }));
  for (const job of [first, paused, second]) if (job !== undefined) await store.insert(job);
  if (paused !== undefined) await store.update(paused.id, (job) => pauseJob(job, null, 1));
  await using host = await openJobHost({ store, library, maxRunning: 1 });
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  const attempt = await script.next();
  expect(attempt.state).toBe("1");
  attempt.end(COMPLETED);
  expect((await script.next()).state).toBe("3");
  expect((await host.manager.list({ status: "paused" })).map(({ state }) => state)).toEqual(["2"]);
});

test("close lets running jobs checkpoint, and the next start goes on with them by itself", async () => {
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  const host = await openJobHost({ store, library });
  const { id, attempt } = await startJob(host, 0);
  const closing = host.manager.close();
  expect(attempt.context.interrupt()).toBe("pause");
  await attempt.context.checkpoint("4");
  attempt.end(INTERRUPTED);
  await closing;
  expect(await store.get(id)).toMatchObject({ status: "queued", state: "4", attemptsSinceProgress: 0 });

  await using next = await openJobHost({ store, library });
  const again = new ScriptedJob();
  next.manager.register("test.job", again);
  expect((await again.next()).state).toBe("4");
});

test("close stops at its deadline what does not look, and does not wait longer", async () => {
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  const host = await openJobHost({ store, library, shutdownMs: 5_000 });
  const { id, context } = await startJob(host, 0);
  const closing = host.manager.close();
  host.clock.advance(4_999);
  expect(context.signal.aborted).toBe(false);
  host.clock.advance(1);
  expect(context.signal.aborted).toBe(true);
  host.clock.advance(1_000);
  await closing;
  expect((await store.get(id))?.status).toBe("queued");
});

test("closing twice is harmless; afterwards everything says that it is closed", async () => {
  const host = await openJobHost();
  const { manager, library } = host;
  manager.register("test.job", new ScriptedJob());
  await Promise.all([manager.close(), manager.close(), manager[Symbol.asyncDispose]()]);
  const { id } = newJobIn(library);
  const refused = [
    manager.dispatch("test.job", 0, { library }),
    manager.get(id),
    manager.list(),
    manager.pause(id),
    manager.cancel(id),
    manager.attach(library, host.store),
  ];
  for (const call of refused) await expect(call).rejects.toMatchObject({ code: "CLOSED" });
  expect(() => manager.register("test.other", new ScriptedJob())).toThrow(expect.objectContaining({ code: "CLOSED" }));
  expect(host.clock.pending).toBe(0);
});

test("a library is attached once; detached, its jobs are interrupted and no longer there", async () => {
  await using host = await openJobHost();
  const { manager } = host;
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  const attached = await manager.attach(library, store);
  await expect(manager.attach(library, store)).rejects.toMatchObject({ code: "CONFLICT" });
  const script = new ScriptedJob();
  manager.register("test.job", script);
  const job = await manager.dispatch("test.job", 0, { library });
  const stays = await manager.dispatch("test.job", 1, { library: host.library });
  const [attempt, other] = [await script.next(), await script.next()];
  const detaching = attached.detach();
  attempt.end(INTERRUPTED);
  await detaching;
  await attached.detach();
  expect(other.context.interrupt()).toBe("none");
  await expect(manager.get(job.id)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(manager.dispatch("test.job", 0, { library })).rejects.toMatchObject({ code: "LIBRARY_NOT_FOUND" });
  expect((await stays.record()).status).toBe("running");
  await manager.attach(library, store);
  expect((await script.next()).context.id).toBe(job.id);
});
