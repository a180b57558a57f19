import assert from "node:assert/strict";
import type { JobRecord, WakeCondition } from "../job.js";
import { liftPause, orderJob, pauseJob, releaseJob, resumeJob, suspendJob } from "../job-steps.js";
import { AT, type Check, hasCode, ids, insertRunning, REPORT } from "./conformance-case.js";
import type { NewEvent } from "./job-store.js";

function event(name: string, given: Partial<NewEvent> = {}): NewEvent {
  return { name, payload: null, at: AT + 5, maxNames: 9, ...given };
}

function waiting(name: string, after: number, more: Partial<WakeCondition> = {}) {
  return (job: JobRecord): JobRecord =>
    suspendJob(job, job.attempt, {
      state: '"kept"',
      condition: { at: null, due: null, children: null, ...more, event: { name, after } },
      report: REPORT,
      consumed: job.consumed,
      at: AT,
    });
}

/** What a store must keep of events, of jobs that wait for them, and of orders to running jobs. */
export const EVENT_CASES: readonly (readonly [name: string, check: Check])[] = [
  [
    "numbers the events of each name, and keeps the last",
    async (store, _job, { reopen }) => {
      assert.equal(await store.lastEvent("app.a"), null);
      for (const [name, number] of [
        ["app.a", 1],
        ["app.a", 2],
        ["x:a", 1],
        ["x:constructor", 1],
        ["app.a", 3],
      ] as const) {
        const emitted = await store.emit(event(name, { payload: `{"n":${number}}`, at: AT + number }));
        assert.deepEqual(emitted, { number, woken: [] });
      }
      const reopened = (await reopen?.()) ?? store;
      assert.deepEqual(await reopened.lastEvent("app.a"), { name: "app.a", number: 3, payload: '{"n":3}', at: AT + 3 });
      assert.equal((await reopened.lastEvent("x:a"))?.number, 1);
      assert.equal(await reopened.lastEvent("x:toString"), null);
      assert.equal((await reopened.emit(event("app.a"))).number, 4);
      assert.deepEqual(await reopened.lastEvent("app.a"), { name: "app.a", number: 4, payload: null, at: AT + 5 });
    },
  ],
  [
    "keeps no more names of an owner than it is told",
    async (store) => {
      for (const name of ["app.a", "app.b", "x:a", "x:b", "y:a"]) await store.emit(event(name, { maxNames: 2 }));
      for (const name of ["app.c", "x:c"]) {
        await assert.rejects(store.emit(event(name, { maxNames: 2 })), hasCode("EVENTS_FULL"));
        assert.equal(await store.lastEvent(name), null);
      }
      assert.equal((await store.emit(event("x:a", { maxNames: 2 }))).number, 2);
    },
  ],
  [
    "wakes with an event the jobs that wait for it, once",
    async (store, job) => {
      const [first, second, other, later] = [
        await insertRunning(store, job()),
        await insertRunning(store, job()),
        await insertRunning(store, job()),
        await insertRunning(store, job()),
      ];
      await store.emit(event("app.a"));
      await store.update(first.id, waiting("app.a", 1));
      await store.update(second.id, waiting("app.a", 1, { at: AT + 9_000, due: AT + 9_000 }));
      await store.update(other.id, waiting("app.b", 0));
      await store.update(later.id, waiting("app.a", 2));
      const { number, woken } = await store.emit(event("app.a"));
      assert.equal(number, 2);
      assert.deepEqual([...woken].sort(), [first.id, second.id].sort());
      for (const { id } of [first, second]) {
        const { status, wake, state, updatedAt } = (await store.get(id)) ?? job();
        assert.deepEqual([status, wake, state, updatedAt], ["queued", null, '"kept"', AT + 5]);
      }
      assert.deepEqual(await store.due({ wall: AT + 9_999, steady: AT + 9_999 }, 9), []);
      assert.equal((await store.history(first.id)).entries.at(-1)?.kind, "status");
      assert.equal((await store.get(other.id))?.status, "suspended");
      assert.deepEqual((await store.emit(event("app.a"))).woken, [later.id]);
      assert.deepEqual((await store.emit(event("app.a"))).woken, []);
    },
  ],
  [
    "wakes a job at once whose event has come, when it is suspended and when it is resumed",
    async (store, job) => {
      const early = await insertRunning(store, job());
      const paused = await insertRunning(store, job());
      await store.emit(event("app.a"));
      const woken = await store.update(early.id, waiting("app.a", 0));
      assert.deepEqual([woken.status, woken.wake], ["queued", null]);
      assert.deepEqual(ids(await store.queued({ id: early.id }, 1)), [early.id]);
      await store.update(paused.id, waiting("app.a", 1));
      await store.update(paused.id, (stored) => pauseJob(stored, null, AT));
      assert.deepEqual((await store.emit(event("app.a"))).woken, []);
      assert.equal((await store.update(paused.id, (stored) => resumeJob(stored, AT))).status, "queued");
    },
  ],
  [
    "emits in the transaction of an effect, and not where that fails",
    async (store, job, { transaction }) => {
      if (transaction === undefined) return;
      const { id } = await insertRunning(store, job());
      await store.update(id, waiting("app.a", 0));
      const failing = transaction((tx) => {
        assert.deepEqual(store.emitIn(tx, event("app.a")), { number: 1, woken: [id] });
        throw new Error("the effect fails");
      });
      await assert.rejects(failing, /the effect fails/);
      assert.equal(await store.lastEvent("app.a"), null);
      assert.equal((await store.get(id))?.status, "suspended");
      await transaction((tx) => void store.emitIn(tx, event("app.a")));
      assert.equal((await store.get(id))?.status, "queued");
    },
  ],
  [
    "keeps an order to a running job over its checkpoints, until its attempt ends",
    async (store, job) => {
      const { id } = await insertRunning(store, job());
      const ordered = await store.update(id, (stored) => orderJob(stored, "pause", AT + 1));
      assert.deepEqual(await store.get(id), { ...ordered, ordered: "pause" });
      await store.checkpoint(id, 1, { state: "1", report: REPORT, storedWarnings: 0, consumed: 0, at: AT });
      assert.equal((await store.get(id))?.ordered, "pause");
      await store.update(id, (stored) => liftPause(stored, AT));
      assert.equal((await store.get(id))?.ordered, null);
      await store.update(id, (stored) => orderJob(stored, "cancel", AT));
      await store.update(id, (stored) => liftPause(orderJob(stored, "pause", AT), AT));
      assert.equal((await store.get(id))?.ordered, "cancel");
      await store.update(id, (stored) => releaseJob(stored, 1, { crashed: false, at: AT }));
      assert.equal((await store.get(id))?.ordered, null);
      await store.update(id, (stored) => orderJob(stored, "cancel", AT));
      assert.equal((await store.get(id))?.ordered, null);
    },
  ],
];
