import { createLibraryId, type JobId, SpacedriveError } from "@spacedrive/wire";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { type Job, MemoryJobStore, SqliteDatabase, SqliteJobStore } from "../src/index.js";
import type { JobRecord, JobStatus } from "../src/job.js";
import { openJobHost } from "./job-host.js";
import { newJobIn } from "./new-job.js";
import { COMPLETED, FAILED, INTERRUPTED, ScriptedJob } from "./scripted-job.js";
import { settled } from "./settled.js";
import { startJob } from "./start-job.js";
import { temporaryFolder } from "./temporary-folder.js";

/** Refuses updates while it is told to. */
class FaultyStore extends MemoryJobStore {
  fault: SpacedriveError | null = null;
  /** It takes one more, and refuses those that follow. */
  nextFault: SpacedriveError | null = null;
  /** The job whose changes it refuses for good. */
  damaged: JobId | null = null;
  /** It refuses to tell of one job. */
  readFault: SpacedriveError | null = null;
  refused = Promise.withResolvers<void>();
  refusals = 0;

  override update(...given: Parameters<MemoryJobStore["update"]>): Promise<JobRecord> {
    if (this.damaged === given[0]) return Promise.reject(new SpacedriveError("STORE_CORRUPT", "damaged"));
    if (this.fault === null) {
      this.fault = this.nextFault;
      this.nextFault = null;
      return super.update(...given);
    }
    this.refused.resolve();
    this.refusals++;
    return Promise.reject(this.fault);
  }

  override async queued(...given: Parameters<MemoryJobStore["queued"]>): ReturnType<MemoryJobStore["queued"]> {
    if (this.readFault !== null && "id" in given[0]) {
      this.refused.resolve();
      throw this.readFault;
    }
    return super.queued(...given);
  }
}

/** Resolves once the job is so. */
async function until(job: Job, status: JobStatus): Promise<void> {
  while ((await job.record()).status !== status) await settled();
}

const LOCKED = new SpacedriveError("STORE_LOCKED", "locked");

test("a job whose claim the store refuses starts when the store is well again", async () => {
  const store = new FaultyStore();
  await using host = await openJobHost({ store });
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  store.fault = LOCKED;
  const job = await host.manager.dispatch("test.job", 1, { library: host.library });
  await store.refused.promise;
  await new Promise((resolve) => setImmediate(resolve));
  expect(await job.record()).toMatchObject({ status: "queued", attempt: 0 });
  store.fault = null;
  host.clock.advance(1_000);
  (await script.next()).end(COMPLETED);
  expect(await job.done()).toMatchObject({ status: "completed", attempt: 1 });
});

test("a store that refuses claims is asked for a few, now and then, however many jobs are queued", async () => {
  const [store, library] = [new FaultyStore(), createLibraryId()];
  for (let n = 0; n < 1_500; n++) await store.insert(newJobIn(library));
  await using host = await openJobHost({ store, library, maxRunning: 4 });
  const script = new ScriptedJob();
  store.fault = LOCKED;
  host.manager.register("test.job", script);
  for (let seconds = 1; seconds <= 3; seconds++) {
    for (let turn = 0; turn < 20; turn++) await settled();
    expect(store.refusals).toBe(4 * seconds);
    host.clock.advance(1_000);
  }
  store.fault = null;
  await settled();
  host.clock.advance(1_000);
  for (let n = 0; n < 4; n++) await script.next();
});

test("a store that takes its time over claims leaves the loop its turns, however many jobs may run at once", async () => {
  const gate = Promise.withResolvers<void>();
  class SlowStore extends MemoryJobStore {
    override async update(...given: Parameters<MemoryJobStore["update"]>): Promise<JobRecord> {
      await gate.promise;
      return super.update(...given);
    }
  }
  const [store, library] = [new SlowStore(), createLibraryId()];
  for (let n = 0; n < 1_500; n++) await store.insert(newJobIn(library));
  await using host = await openJobHost({ store, library, maxRunning: 1_000 });
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  // It begins a few in each turn.
  for (let turn = 0; turn < 20; turn++) await settled();
  gate.resolve();
  for (let n = 0; n < 1_000; n++) await script.next();
  expect(script.begun).toBe(0);
});

test("an end that the store refuses is written when the store is well again, and not told before", async () => {
  const store = new FaultyStore();
  await using host = await openJobHost({ store });
  const { job, attempt } = await startJob(host, 1);
  store.fault = LOCKED;
  attempt.end(COMPLETED);
  await store.refused.promise;
  await new Promise((resolve) => setImmediate(resolve));
  expect((await job.record()).status).toBe("running");
  store.fault = null;
  host.clock.advance(1_000);
  expect((await job.done()).status).toBe("completed");
});

test("an end that the store refuses at shutdown is given up, and the next start goes on from the checkpoint", async () => {
  const [store, library] = [new FaultyStore(), createLibraryId()];
  const host = await openJobHost({ store, library });
  const { id, attempt } = await startJob(host, 1);
  await attempt.context.checkpoint("2");
  store.fault = LOCKED;
  const closing = host.manager.close();
  attempt.end(INTERRUPTED);
  await closing;
  expect((await store.get(id))?.status).toBe("running");
  store.fault = null;
  await using next = await openJobHost({ store, library });
  const again = new ScriptedJob();
  next.manager.register("test.job", again);
  expect((await again.next()).state).toBe("2");
});

test("a store that is damaged beyond waiting ends the attempt, and the order that waits for it", async () => {
  const store = new FaultyStore();
  await using host = await openJobHost({ store });
  const { job, attempt } = await startJob(host, 1);
  store.fault = new SpacedriveError("STORE_CORRUPT", "damaged");
  const pausing = host.manager.pause(job.id);
  attempt.end(INTERRUPTED);
  await expect(pausing).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  store.fault = null;
});

test("a library that cannot be recovered is not attached, and can be attached later", async () => {
  const [store, library] = [new FaultyStore(), createLibraryId()];
  const job = newJobIn(library, { status: "running", attempt: 1 });
  await store.insert(job);
  await using host = await openJobHost();
  store.fault = LOCKED;
  await expect(host.manager.attach(library, store)).rejects.toMatchObject({ code: "STORE_LOCKED" });
  store.fault = null;
  await host.manager.attach(library, store);
  expect((await store.get(job.id))?.status).toBe("queued");
});

test("a checkpoint on a full disk is refused with its code, loses nothing, and works once there is room", async () => {
  await using folder = await temporaryFolder();
  await using database = SqliteDatabase.open(folder.file("library.db"));
  const library = createLibraryId();
  await using host = await openJobHost({ store: new SqliteJobStore(database, library), library });
  const { job, attempt } = await startJob(host, "first");
  const pages = database.read((tx) => Number(tx.get("PRAGMA page_count")?.page_count));
  database.read((tx) => tx.get(`PRAGMA max_page_count = ${pages}`));
  const large = `"${"x".repeat(1_000_000)}"`;
  await expect(attempt.context.checkpoint(large)).rejects.toMatchObject({ code: "DISK_FULL" });
  expect(await job.record()).toMatchObject({ state: '"first"', checkpoint: 0, status: "running" });
  database.read((tx) => tx.get("PRAGMA max_page_count = 1000000"));
  await attempt.context.checkpoint(large);
  attempt.end(COMPLETED);
  expect(await job.done()).toMatchObject({ status: "completed", checkpoint: 1 });
});

test("a job that cannot checkpoint for want of room goes on when there is some, however often it has failed meanwhile", async () => {
  await using folder = await temporaryFolder();
  await using database = SqliteDatabase.open(folder.file("library.db"));
  const library = createLibraryId();
  await using host = await openJobHost({ store: new SqliteJobStore(database, library), library, retryLimit: 2 });
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  const job = await host.manager.dispatch("test.job", "first", { library });
  const pages = database.read((tx) => Number(tx.get("PRAGMA page_count")?.page_count));
  database.read((tx) => tx.get(`PRAGMA max_page_count = ${pages}`));
  const large = `"${"x".repeat(1_000_000)}"`;
  for (let attempts = 1; attempts <= 5; attempts++) {
    const attempt = await script.next();
    await expect(attempt.context.checkpoint(large)).rejects.toMatchObject({ code: "DISK_FULL" });
    // As a guest does whose checkpoint was refused: it knows no more than that.
    attempt.end(FAILED);
    await until(job, "queued");
    expect(await job.record()).toMatchObject({ attemptsSinceProgress: 0, error: { code: "DISK_FULL" } });
    host.clock.advance(8_000);
  }
  database.read((tx) => tx.get("PRAGMA max_page_count = 1000000"));
  const attempt = await script.next();
  expect(attempt.state).toBe('"first"');
  await attempt.context.checkpoint(large);
  // This one is the job's own.
  attempt.end(FAILED);
  expect(await job.done()).toMatchObject({ status: "failed", error: { code: "JOB_FAILED" }, state: large });
});

test("a database that another connection locks refuses a checkpoint and a dispatch, and then takes them", async () => {
  await using folder = await temporaryFolder();
  await using database = SqliteDatabase.open(folder.file("library.db"), { busyTimeoutMs: 1 });
  const library = createLibraryId();
  await using host = await openJobHost({ store: new SqliteJobStore(database, library), library });
  const { job, attempt } = await startJob(host, 1);
  const other = new DatabaseSync(folder.file("library.db"));
  other.exec("BEGIN IMMEDIATE");
  await expect(attempt.context.checkpoint("2")).rejects.toMatchObject({ code: "STORE_LOCKED" });
  await expect(host.manager.dispatch("test.job", 1, { library })).rejects.toMatchObject({ code: "STORE_LOCKED" });
  other.close();
  await attempt.context.checkpoint("2");
  attempt.end(COMPLETED);
  expect(await job.done()).toMatchObject({ state: "2", status: "completed" });
  expect(await host.manager.list()).toHaveLength(1);
});

test("the children of a cancelled job are cancelled once a store that refused it is well again", async () => {
  const store = new FaultyStore();
  await using host = await openJobHost({ store, maxRunning: 1 });
  const { library, manager } = host;
  const script = new ScriptedJob();
  manager.register("test.job", script);
  const parent = await manager.dispatch("test.job", 1, { library });
  const attempt = await script.next();
  const child = await manager.dispatch("test.job", 1, { library, parent: parent.id });
  await manager.pause(child.id);
  // The parent's cancel is the last thing that the store takes.
  store.nextFault = LOCKED;
  const cancelling = manager.cancel(parent.id);
  attempt.end(INTERRUPTED);
  expect((await cancelling).status).toBe("cancelled");
  await store.refused.promise;
  await settled();
  expect((await child.record()).status).toBe("paused");
  store.fault = null;
  host.clock.advance(1_000);
  expect(await child.done()).toMatchObject({ status: "cancelled", attempt: 0 });
});

test("a child that the store refuses to cancel for good keeps none of the others from it, however many they are", async () => {
  const [store, library] = [new FaultyStore(), createLibraryId()];
  const parent = newJobIn(library, { status: "paused" });
  const children = Array.from({ length: 300 }, () => newJobIn(library, { status: "paused", parent: parent.id }));
  for (const job of [parent, ...children]) await store.insert(job);
  const [first] = children;
  store.damaged = first?.id ?? null;
  await using host = await openJobHost({ store, library });
  await host.manager.cancel(parent.id);
  await settled();
  expect(await host.manager.countChildren(parent.id)).toEqual({ paused: 1, cancelled: 299 });
});

test("a parent is woken by its last child also where the store could not be asked for it at once", async () => {
  const store = new FaultyStore();
  await using host = await openJobHost({ store });
  const { library, manager } = host;
  const [parents, children] = [new ScriptedJob(), new ScriptedJob()];
  manager.register("test.parent", parents);
  manager.register("test.child", children);
  const parent = await manager.dispatch("test.parent", 1, { library });
  const waiting = await parents.next();
  await manager.dispatch("test.child", 1, { library, parent: parent.id });
  waiting.end({ kind: "suspended", until: { children: "ended" } });
  await until(parent, "suspended");
  store.readFault = LOCKED;
  (await children.next()).end(COMPLETED);
  await store.refused.promise;
  await settled();
  store.readFault = null;
  host.clock.advance(1_000);
  (await parents.next()).end(COMPLETED);
  expect(await parent.done()).toMatchObject({ status: "completed", attempt: 2 });
});
