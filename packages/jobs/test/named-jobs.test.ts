import { createLibraryId, type JobId, type LibraryId, localUser } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { type JobRecord, type JobStatus, type JobStore, MemoryJobStore, type WakeCondition } from "../src/index.js";
import { type JobHost, openJobHost } from "./job-host.js";
import { createWorld, startHost } from "./journal-host.js";
import { newJobIn } from "./new-job.js";
import { COMPLETED, FAILED, ScriptedJob } from "./scripted-job.js";
import { settled } from "./settled.js";

const WAIT: WakeCondition = { at: null, due: null, children: null, event: null };
const ASLEEP = { status: "suspended", wake: { condition: { ...WAIT, due: 5_000 }, checkpoint: 0, call: 0 } } as const;
const WAITS_FOR_CHILDREN = {
  status: "suspended",
  wake: { condition: { ...WAIT, children: "all" }, checkpoint: 0, call: 0 },
} as const;

interface Named extends AsyncDisposable {
  readonly host: JobHost;
  readonly script: ScriptedJob;
}

/** A host that goes on with what is named only, on jobs that another one left. */
async function openNamed(store: JobStore, library: LibraryId): Promise<Named> {
  const host = await openJobHost({ store, library, goOnWith: "named", maxRunning: 4 });
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  await settled();
  return { host, script, [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() };
}

async function leave(...given: readonly Partial<JobRecord>[]): Promise<{
  readonly store: MemoryJobStore;
  readonly library: LibraryId;
  readonly ids: readonly JobId[];
}> {
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  const ids: JobId[] = [];
  for (const each of given) {
    const job = newJobIn(library, each);
    await store.insert(job);
    ids.push(job.id);
  }
  return { store, library, ids };
}

async function statusesIn(store: JobStore, ids: readonly JobId[]): Promise<(JobStatus | undefined)[]> {
  return Promise.all(ids.map(async (id) => (await store.get(id))?.status));
}

test("what was left is neither started nor woken nor changed, and says that it waits to be resumed", async () => {
  const left = await leave({}, ASLEEP, { deadlineMs: 10, deadline: 2_000 }, { notBefore: 3_000 });
  const before = await left.store.list({}, 100);
  await using named = await openNamed(left.store, left.library);
  named.host.clock.advance(600_000);
  await settled();
  expect(named.script.begun).toBe(0);
  expect(await left.store.list({}, 100)).toEqual(before);
  const told = await named.host.manager.list();
  expect(new Set(told.map(({ waitingFor }) => waitingFor))).toEqual(
    new Set(["to be resumed", "1970-01-01T00:00:05.000Z, once it is resumed"]),
  );
});

test("what is dispatched starts, is tried again, sleeps and is woken, and its children with it", async () => {
  const left = await leave({});
  await using named = await openNamed(left.store, left.library);
  const { manager, clock, library } = named.host;
  const { id } = await manager.dispatch("test.job", 0, { library });
  const parent = await named.script.next();
  expect(parent.context.id).toBe(id);
  const child = await manager.dispatch("test.job", 0, { library, parent: id });
  parent.end({ kind: "suspended", until: { children: "ended" } });
  const childAttempt = await named.script.next();
  expect(childAttempt.context.id).toBe(child.id);
  childAttempt.end({ kind: "suspended", state: "1", until: { afterMs: 5_000 } });
  await settled();
  clock.advance(5_000);
  await settled();
  (await named.script.next()).end(COMPLETED);
  const again = await named.script.next();
  expect(again.context.id).toBe(id);
  again.end(COMPLETED);
  await settled();
  expect(named.script.begun).toBe(0);
  expect(await statusesIn(left.store, [id, child.id, ...left.ids])).toEqual(["completed", "completed", "queued"]);
});

test.each(["queued", "suspended", "paused"] as const)(
  "a %s parent that is resumed goes on with its children and theirs, and with nothing else",
  async (status) => {
    const [store, library] = [new MemoryJobStore(), createLibraryId()];
    const parent = newJobIn(library, { ...WAITS_FOR_CHILDREN, status });
    const child = newJobIn(library, { ...WAITS_FOR_CHILDREN, parent: parent.id });
    const grandchild = newJobIn(library, { parent: child.id });
    const sleeper = newJobIn(library, { ...ASLEEP, parent: parent.id });
    const others = [newJobIn(library), newJobIn(library, ASLEEP)];
    // Whoever waits for children that are not there is woken.
    for (const job of [grandchild, child, sleeper, parent, ...others]) await store.insert(job);
    await using named = await openNamed(store, library);
    await named.host.manager.resume(parent.id);
    await settled();
    named.host.clock.advance(10_000);
    await settled();
    const begun = new Set<JobId>();
    while (named.script.begun > 0) {
      const attempt = await named.script.next();
      begun.add(attempt.context.id);
      attempt.end(COMPLETED);
      await settled();
    }
    expect([...begun].sort()).toEqual([parent.id, child.id, grandchild.id, sleeper.id].sort());
    expect(await statusesIn(store, [parent.id, others[0]?.id ?? parent.id, others[1]?.id ?? parent.id])).toEqual([
      "completed",
      "queued",
      "suspended",
    ]);
  },
);

test("a child that is resumed leaves its parent and the other children where they are", async () => {
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  const parent = newJobIn(library, WAITS_FOR_CHILDREN);
  const children = [newJobIn(library, { parent: parent.id }), newJobIn(library, { parent: parent.id })];
  for (const job of [...children, parent]) await store.insert(job);
  await using named = await openNamed(store, library);
  const [one, other] = children;
  if (one === undefined || other === undefined) return;
  await named.host.manager.resume(one.id);
  (await named.script.next()).end(COMPLETED);
  await settled();
  expect(named.script.begun).toBe(0);
  expect(await statusesIn(store, [parent.id, one.id, other.id])).toEqual(["suspended", "completed", "queued"]);
});

test("a failed job that is retried goes on", async () => {
  const left = await leave({ status: "failed" });
  await using named = await openNamed(left.store, left.library);
  const [id] = left.ids;
  if (id === undefined) return;
  await named.host.manager.retry(id);
  const attempt = await named.script.next();
  attempt.end(FAILED);
  expect((await (await named.host.manager.get(id)).done()).status).toBe("failed");
});

test("more are dispatched than a host that goes on with all holds in memory, and all start", async () => {
  await using named = await openNamed(new MemoryJobStore(), createLibraryId());
  const { manager, library } = named.host;
  const count = 3_000;
  await Promise.all(Array.from({ length: count }, () => manager.dispatch("test.job", 0, { library })));
  for (let ended = 0; ended < count; ended++) (await named.script.next()).end(COMPLETED);
  await settled();
  expect(await manager.list({ status: ["queued", "running"] })).toEqual([]);
});

test.each([
  ["resume", { status: "paused" }],
  ["retry", { status: "failed" }],
] as const)("the operation to %s a job names it", async (order, given) => {
  await using world = await createWorld();
  await using host = await startHost(world, { goOnWith: "named" });
  const job = newJobIn(world.library, given);
  await host.store.insert(job);
  const options = { caller: localUser, library: world.library };
  await host.wire.call(`action:jobs.${order}`, { job_id: job.id }, options);
  (await host.script.next()).end(COMPLETED);
  expect(await (await host.manager.get(job.id)).done()).toMatchObject({ status: "completed" });
});

test("a parent of many children is gone on with a few of them at a time, and leaves the loop its turns between", async () => {
  class CountingStore extends MemoryJobStore {
    most = 0;
    #inTurn = 0;

    override get(id: JobId): ReturnType<MemoryJobStore["get"]> {
      if (this.#inTurn++ === 0) {
        setImmediate(() => {
          this.most = Math.max(this.most, this.#inTurn);
          this.#inTurn = 0;
        });
      }
      return super.get(id);
    }
  }
  const [store, library] = [new CountingStore(), createLibraryId()];
  const parent = newJobIn(library, { status: "paused" });
  const children = Array.from({ length: 1_000 }, () => newJobIn(library, { parent: parent.id }));
  for (const job of [parent, ...children]) await store.insert(job);
  await using named = await openNamed(store, library);
  await named.host.manager.resume(parent.id);
  for (let n = 0; n <= children.length; n++) (await named.script.next()).end(COMPLETED);
  expect(store.most).toBeLessThan(200);
});
