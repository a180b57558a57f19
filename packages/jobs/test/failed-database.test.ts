import { setTimeout as realTime } from "node:timers/promises";
import { createLibraryId, isSpacedriveError, SpacedriveError } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import {
  defineJob,
  failStore,
  type Job,
  MemoryJobStore,
  type PlannedFault,
  SqliteDatabase,
  SqliteJobStore,
  type StoreFaults,
} from "../src/index.js";
import { completeJob } from "../src/job-steps.js";
import type { StoreWatcher } from "../src/store-watcher.js";
import { openJobHost } from "./job-host.js";
import { APPEND, APPEND_HOST, createWorld, type JournalHost, startHost } from "./journal-host.js";
import { COMPLETED, FAILED, INTERRUPTED, ScriptedJob } from "./scripted-job.js";
import { settled } from "./settled.js";
import { startJob } from "./start-job.js";
import { temporaryFolder } from "./temporary-folder.js";

const LINES = 12;
/** Checkpoints of the job below that were acknowledged, as `<name> <next>`. */
const acknowledged: string[] = [];

/** Leaves lines in the library, and checkpoints after each third. */
const writeLines = defineJob({
  type: "test.lines",
  state: z.object({ name: z.string(), next: z.int().default(0) }),
  async run(ctx, state) {
    while (state.next < LINES) {
      await ctx.call(APPEND, { text: `${state.name} ${state.next}` });
      state.next++;
      if (state.next % 3 === 0) {
        await ctx.checkpoint(state);
        acknowledged.push(`${state.name} ${state.next}`);
      }
    }
  },
});

/** Lets a host's time pass until these have settled. */
async function passUntil<T>(host: Pick<JournalHost, "clock">, wanted: Promise<T>): Promise<T> {
  let over = false;
  const settle = (): void => {
    over = true;
  };
  wanted.then(settle, settle);
  while (!over) {
    host.clock.advance(1_000);
    await realTime(1);
  }
  return wanted;
}

const NAMES = ["a", "b", "c"];
const wanted = NAMES.flatMap((name) => Array.from({ length: LINES }, (_, line) => `${name} ${line}`)).sort();

const absences: readonly { readonly what: string; readonly plan: readonly PlannedFault[] }[] = [
  { what: "six syncs find no room", plan: [{ operation: "sync", fault: "disk-full", at: 4, times: 6 }] },
  { what: "one sync finds no room", plan: [{ operation: "sync", fault: "disk-full", at: 9 }] },
  { what: "forty commits find no room", plan: [{ operation: "commit", fault: "disk-full", at: 5, times: 40 }] },
  { what: "it is locked for long", plan: [{ operation: "begin", fault: "locked", at: 8, times: 200 }] },
  {
    what: "it cannot be opened again for a while, and then there is little room",
    plan: [
      { operation: "sync", fault: "disk-full", at: 7, times: 3 },
      { operation: "open", fault: "disk-full", at: 2, times: 4 },
      { operation: "commit", fault: "disk-full", at: 20, times: 9 },
    ],
  },
];

test.each(absences)(
  "jobs wait for a store that is away ($what), go on by themselves, and each effect stands once",
  async ({ plan }) => {
    acknowledged.length = 0;
    await using world = await createWorld();
    const libraryStore = { faults: failStore(...plan), reopenMs: 1, busyTimeoutMs: 1 };
    await using host = await startHost(world, { job: writeLines, libraryStore, retryLimit: 2 });
    const refusals = new Set<unknown>();
    const dispatch = async (name: string): Promise<Job> => {
      try {
        return await host.manager.dispatch(writeLines, { name }, { library: world.library });
      } catch (error) {
        refusals.add(isSpacedriveError(error) ? error.code : error);
        await realTime(1);
        return dispatch(name);
      }
    };
    const jobs: Job[] = [];
    for (const name of NAMES) jobs.push(await passUntil(host, dispatch(name)));
    const ends = await passUntil(host, Promise.all(jobs.map((job) => job.done())));
    expect(ends.map(({ status }) => status)).toEqual(["completed", "completed", "completed"]);
    expect(host.effects().sort()).toEqual(wanted);
    expect([...refusals].filter((code) => code !== "DISK_FULL" && code !== "STORE_LOCKED")).toEqual([]);
    expect(new Set(acknowledged).size).toBe((NAMES.length * LINES) / 3);
  },
);

/** A store whose next sync fails, once that is wanted. */
function breakable(): { readonly faults: StoreFaults; break(): void } {
  let broken = false;
  return {
    break: () => {
      broken = true;
    },
    faults: {
      before({ operation }) {
        if (operation !== "sync" || !broken) return null;
        broken = false;
        return "io-error";
      },
    },
  };
}

test("a failed database stops its jobs at once and tells who waits; other libraries go on; reopened, its jobs resume", async () => {
  await using folder = await temporaryFolder();
  const [home, work] = [createLibraryId(), createLibraryId()];
  const broken = breakable();
  await using database = SqliteDatabase.open(folder.file("home.db"), { faults: broken.faults });
  await using otherDatabase = SqliteDatabase.open(folder.file("work.db"));
  await using host = await openJobHost({ store: new SqliteJobStore(database, home), library: home, maxRunning: 2 });
  const { manager } = host;
  await manager.attach(work, new SqliteJobStore(otherDatabase, work));
  const script = new ScriptedJob();
  const otherScript = new ScriptedJob();
  manager.register("test.job", script);
  manager.register("test.other", otherScript);
  const job = await manager.dispatch("test.job", 1, { library: home });
  const other = await manager.dispatch("test.other", 1, { library: work });
  const attempt = await script.next();
  await attempt.context.checkpoint("2");
  const updates = async (): Promise<void> => {
    for await (const { status } of job.updates()) expect(status).toBe("running");
  };
  const waiting = [job.done(), updates()];
  await settled();
  broken.break();
  await expect(attempt.context.checkpoint("3")).rejects.toMatchObject({ details: { unconfirmed: true } });
  const failed = { code: "STORE_FAILED", retryable: false, message: expect.stringMatching(/reopen/) };
  for (const each of waiting) await expect(each).rejects.toMatchObject(failed);
  expect(attempt.context.signal.aborted).toBe(true);
  // Nothing that this attempt says counts any more.
  attempt.end(COMPLETED);
  await expect(job.done()).rejects.toMatchObject(failed);
  await expect(manager.dispatch("test.job", 1, { library: home })).rejects.toMatchObject(failed);
  await expect(manager.list({ library: home })).rejects.toMatchObject(failed);
  await expect(manager.cancel(job.id)).rejects.toMatchObject(failed);

  (await otherScript.next()).end(COMPLETED);
  expect(await other.done()).toMatchObject({ status: "completed" });
  expect((await manager.get(other.id)).id).toBe(other.id);

  await database.reopen();
  const again = await script.next();
  expect([again.state, again.context.attempt]).toEqual(["2", 2]);
  expect(await job.record()).toMatchObject({ attemptsSinceProgress: 1 });
  again.end(COMPLETED);
  expect(await job.done()).toMatchObject({ status: "completed", state: "2" });
});

test("who asks for a job while its store is away, and comes back by itself, waits with the others", async () => {
  await using folder = await temporaryFolder();
  const library = createLibraryId();
  let full: "no" | "sync" | "open" = "no";
  const faults: StoreFaults = { before: ({ operation }) => (operation === full ? "disk-full" : null) };
  const failed = Promise.withResolvers<void>();
  await using database = SqliteDatabase.open(folder.file("library.db"), { faults, reopenMs: 1 });
  await using host = await openJobHost({ store: new SqliteJobStore(database, library), library });
  const { script, job, attempt } = await startJob(host, 1);
  database.watch({
    failed: () => {
      full = "open";
      failed.resolve();
    },
    reopened: () => {},
  });
  full = "sync";
  await expect(attempt.context.checkpoint("2")).rejects.toMatchObject({ code: "DISK_FULL" });
  attempt.end(INTERRUPTED);
  await failed.promise;
  await expect(job.record()).rejects.toMatchObject({ code: "DISK_FULL", retryable: true });
  const statuses: string[] = [];
  const watching = (async () => {
    for await (const { status } of job.updates()) statuses.push(status);
  })();
  const done = job.done();
  await settled();
  full = "no";
  (await script.next()).end(COMPLETED);
  expect(await done).toMatchObject({ status: "completed", attempt: 2 });
  await watching;
  expect(statuses.at(-1)).toBe("completed");
});

test("a store that fails again and again is held against no job, and one that cannot be resumed has failed", async () => {
  await using folder = await temporaryFolder();
  const library = createLibraryId();
  const broken = breakable();
  await using database = SqliteDatabase.open(folder.file("library.db"), { faults: broken.faults });
  await using host = await openJobHost({ store: new SqliteJobStore(database, library), library, retryLimit: 2 });
  const { manager } = host;
  const [script, once] = [new ScriptedJob(), new ScriptedJob({ resumable: false })];
  manager.register("test.job", script);
  manager.register("test.once", once);
  const job = await manager.dispatch("test.job", 1, { library });
  const only = await manager.dispatch("test.once", 1, { library });
  await once.next();
  for (let times = 0; times < 4; times++) {
    const attempt = await script.next();
    broken.break();
    await expect(attempt.context.checkpoint("2")).rejects.toMatchObject({ code: "STORE_FAILED" });
    // The grace of the handlers that do not look.
    host.clock.advance(1_000);
    await database.reopen();
  }
  const attempt = await script.next();
  expect([attempt.state, attempt.context.attempt]).toEqual(["1", 5]);
  attempt.end(COMPLETED);
  expect(await job.done()).toMatchObject({ status: "completed" });
  expect(await only.done()).toMatchObject({ status: "failed", error: { code: "JOB_FAILED" } });
});

test("who begins to wait for a job while its store is away for want of room is told its end, not of the store", async () => {
  await using folder = await temporaryFolder();
  const library = createLibraryId();
  const full = { operation: "sync", fault: "disk-full", at: 3 } as const;
  await using database = SqliteDatabase.open(folder.file("library.db"), { faults: failStore(full), reopenMs: 50 });
  await using host = await openJobHost({ store: new SqliteJobStore(database, library), library });
  const { script, job, attempt } = await startJob(host, 1);
  await expect(attempt.context.checkpoint("2")).rejects.toMatchObject({ code: "DISK_FULL" });
  attempt.end(COMPLETED);
  expect(database.failure).not.toBeNull();
  const seen: string[] = [];
  const updates = async (): Promise<void> => {
    for await (const { status } of job.updates()) seen.push(status);
  };
  const waiting = [job.done(), updates()] as const;
  (await script.next()).end(COMPLETED);
  expect(await waiting[0]).toMatchObject({ status: "completed" });
  await waiting[1];
  expect(seen.at(-1)).toBe("completed");
});

/** A store that fails, and comes back, when it is told to. */
class AwayStore extends MemoryJobStore {
  watcher: StoreWatcher | null = null;

  watch(watcher: StoreWatcher): () => void {
    this.watcher = watcher;
    return () => {};
  }
}

test("who waits for a job whose end the store has kept, though nobody was told of it, is told when it is back", async () => {
  const store = new AwayStore();
  await using host = await openJobHost({ store });
  const { job, attempt } = await startJob(host, 1);
  const done = job.done();
  store.watcher?.failed(new SpacedriveError("DISK_FULL", "there is no room"));
  attempt.end(COMPLETED);
  await settled();
  // It was in the file, and could not be taken back.
  const report = { progress: 1, message: "", warnings: [], metrics: { bytes: 0, items: 0 } };
  await store.update(job.id, (stored) => completeJob(stored, 1, { result: '"kept"', report, at: 2_000 }));
  store.watcher?.reopened();
  expect(await done).toMatchObject({ status: "completed", result: '"kept"', attempt: 1 });
});

test("no attempt begins while one before it is still at work", async () => {
  await using folder = await temporaryFolder();
  const library = createLibraryId();
  const broken = breakable();
  await using database = SqliteDatabase.open(folder.file("library.db"), { faults: broken.faults });
  await using host = await openJobHost({ store: new SqliteJobStore(database, library), library });
  const { script, attempt } = await startJob(host, 1);
  broken.break();
  await expect(attempt.context.checkpoint("2")).rejects.toMatchObject({ code: "STORE_FAILED" });
  await database.reopen();
  await settled();
  expect(script.begun).toBe(0);
  // It never looks: it is given up after its grace.
  host.clock.advance(1_000);
  expect((await script.next()).context.attempt).toBe(2);
});

test("an attempt that cannot know whether the host has what it did starts again, and does it once", async () => {
  await using world = await createWorld();
  const broken = breakable();
  await using host = await startHost(world, { hostStore: { faults: broken.faults }, retryLimit: 1 });
  const job = await host.manager.dispatch("test.job", 0, { library: world.library });
  const attempt = await host.script.next();
  await attempt.context.call(APPEND, { text: "before" });
  broken.break();
  await expect(attempt.context.call(APPEND_HOST, { text: "a" })).rejects.toMatchObject({ code: "STORE_FAILED" });
  // What it does next would be on ground that may not be there.
  await expect(attempt.context.call(APPEND, { text: "after" })).rejects.toMatchObject({ code: "CANCELLED" });
  attempt.end(FAILED);
  await host.hostDatabase.reopen();
  const again = await passUntil(host, host.script.next());
  await again.context.call(APPEND, { text: "before" });
  await again.context.call(APPEND_HOST, { text: "a" });
  again.end(COMPLETED);
  expect(await job.done()).toMatchObject({ status: "completed" });
  expect(host.effects()).toEqual(["before", "a"]);
});
