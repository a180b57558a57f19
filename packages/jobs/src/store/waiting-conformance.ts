import assert from "node:assert/strict";
import type { JobId } from "@spacedrive/wire";
import { type HistoryEntry, MAX_HISTORY } from "../history.js";
import type { JobRecord, WakeCondition } from "../job.js";
import {
  cancelJob,
  claimJob,
  completeJob,
  failJob,
  noteWait,
  pauseJob,
  postponeJob,
  readyJob,
  requestWake,
  resumeJob,
  retryJob,
  suspendJob,
  wakeJob,
} from "../job-steps.js";
import { AT, BY, type Check, ids, insertRunning, REPORT } from "./conformance-case.js";
import type { JobStore } from "./job-store.js";

const NEVER: WakeCondition = { at: null, due: null, children: null, event: null };

function suspended(condition: Partial<WakeCondition>, state: string | null = null) {
  return (job: JobRecord): JobRecord =>
    suspendJob(job, job.attempt, {
      state,
      condition: { ...NEVER, ...condition },
      report: REPORT,
      consumed: job.consumed,
      at: AT,
    });
}

async function end(store: JobStore, id: JobId): Promise<void> {
  await store.update(id, (job) => claimJob(job, BY));
  await store.update(id, (job) => completeJob(job, job.attempt, { result: null, report: REPORT, at: AT + 7 }));
}

/** What a store must keep of jobs that wait, of their children, and of their past. */
export const WAITING_CASES: readonly (readonly [name: string, check: Check])[] = [
  [
    "keeps a job that waits, in each of its states, field for field",
    async (store, job) => {
      const later = { at: AT + 9_000, due: AT + 9_001 };
      const steps: readonly ((stored: JobRecord) => JobRecord)[] = [
        (stored) => requestWake(stored, 1, { condition: { ...NEVER, ...later }, at: AT }),
        suspended(later, '"kept"'),
        (stored) => pauseJob(stored, null, AT + 1),
        (stored) => resumeJob(stored, AT + 2),
        (stored) => wakeJob(stored, AT + 3),
        (stored) => claimJob(stored, BY),
        (stored) => postponeJob(stored, 2, { error: { code: "BUSY", message: "b" }, notBefore: AT + 8, at: AT + 4 }),
        (stored) => readyJob(stored, AT + 8),
        (stored) => claimJob(stored, BY),
      ];
      let expected = await insertRunning(store, job({ deadlineMs: 5, deadline: AT + 5 }));
      for (const step of steps) {
        expected = step(expected);
        assert.deepEqual(await store.update(expected.id, step), expected);
        assert.deepEqual(await store.get(expected.id), expected);
      }
    },
  ],
  [
    "keeps a wake-up for the checkpoint after it, and takes it back with the next",
    async (store, job) => {
      const { id } = await insertRunning(store, job());
      const condition = { ...NEVER, at: AT + 9_000 };
      await store.update(id, (stored) => requestWake(stored, 1, { condition, at: AT }));
      const snapshot = { state: "1", report: REPORT, storedWarnings: 0, consumed: 0, at: AT };
      await store.checkpoint(id, 1, snapshot);
      assert.deepEqual((await store.get(id))?.wake, { condition, checkpoint: 1, call: 0 });
      await store.checkpoint(id, 1, { ...snapshot, storedWarnings: REPORT.warnings.length });
      assert.equal((await store.get(id))?.wake, null);
    },
  ],
  [
    "keeps a wake-up for the first checkpoint that covers the call by which it was asked for",
    async (store, job) => {
      const { id } = await insertRunning(store, job());
      const condition = { ...NEVER, at: AT + 9_000 };
      await store.update(id, (stored) => requestWake(stored, 1, { condition, call: 7, at: AT }));
      const checkpointTo = async (consumed: number): Promise<JobRecord["wake"] | undefined> => {
        const storedWarnings = (await store.get(id))?.warnings.length ?? 0;
        await store.checkpoint(id, 1, { state: "1", report: REPORT, storedWarnings, consumed, at: AT });
        return (await store.get(id))?.wake;
      };
      assert.deepEqual(await checkpointTo(5), { condition, checkpoint: 2, call: 7 });
      assert.deepEqual(await checkpointTo(6), { condition, checkpoint: 3, call: 7 });
      assert.deepEqual(await checkpointTo(7), { condition, checkpoint: 3, call: 7 });
      assert.equal(await checkpointTo(8), null);
    },
  ],
  [
    "says what is due by which clock, and what will be next",
    async (store, job) => {
      assert.deepEqual(await store.nextDue(), { wall: null, steady: null });
      assert.equal(await store.lastWaitBegan(), null);
      const dated = await insertRunning(store, job());
      const sleeps = await insertRunning(store, job());
      const fails = await insertRunning(store, job());
      const limited = job({ deadlineMs: 40, deadline: AT + 40, waitBegan: AT + 60 });
      const over = job({ status: "completed", endedAt: AT, deadlineMs: 1, deadline: AT + 1, waitBegan: AT + 99 });
      for (const each of [limited, over]) await store.insert(each);
      await store.update(dated.id, suspended({ at: AT + 10 }));
      await store.update(sleeps.id, suspended({ due: AT + 20 }));
      const failure = { error: { code: "BUSY", message: "" }, notBefore: AT + 30, at: AT + 3 } as const;
      await store.update(fails.id, (stored) => noteWait(postponeJob(stored, 1, failure), AT + 61));
      assert.deepEqual(await store.nextDue(), { wall: AT + 10, steady: AT + 20 });
      assert.equal(await store.lastWaitBegan(), AT + 61);
      const ends = await insertRunning(store, job({ waitBegan: AT + 70 }));
      assert.equal(await store.lastWaitBegan(), AT + 70);
      await store.update(ends.id, (stored) => completeJob(stored, 1, { result: null, report: REPORT, at: AT + 4 }));
      assert.equal(await store.lastWaitBegan(), AT + 61);
      const due = async (wall: number, steady: number): Promise<unknown> =>
        new Set((await store.due({ wall, steady }, 9)).map(({ id, kind }) => `${kind} ${id}`));
      assert.deepEqual(await due(AT + 9, AT + 19), new Set());
      assert.deepEqual(await due(AT + 10, 0), new Set([`wake ${dated.id}`]));
      assert.deepEqual(await due(0, AT + 30), new Set([`wake ${sleeps.id}`, `ready ${fails.id}`]));
      assert.equal((await store.due({ wall: AT + 99, steady: AT + 99 }, 9)).length, 4);
      for (const { id } of [dated, sleeps, fails, limited]) await store.update(id, (each) => cancelJob(each, null, AT));
      assert.deepEqual(await store.due({ wall: AT + 99, steady: AT + 99 }, 9), []);
      assert.deepEqual(await store.nextDue(), { wall: null, steady: null });
    },
  ],
  [
    "wakes a job at once where what it waits for has come",
    async (store, job) => {
      for (const condition of [
        { at: AT },
        { due: AT },
        { children: "all" },
        { at: AT + 1, children: "all" },
      ] as const) {
        const { id } = await insertRunning(store, job());
        const woken = await store.update(id, suspended(condition, '"kept"'));
        assert.deepEqual([woken.status, woken.wake, woken.state], ["queued", null, '"kept"']);
        assert.deepEqual(await store.get(id), woken);
        assert.deepEqual(ids(await store.queued({ id }, 1)), [id]);
      }
    },
  ],
  [
    "wakes a parent with the end of the last child that it waits for",
    async (store, job) => {
      for (const all of [true, false]) {
        const parent = await insertRunning(store, job());
        const children = [job({ parent: parent.id }), job({ parent: parent.id }), job({ parent: parent.id })] as const;
        for (const child of children) await store.insert(child);
        const [first, second, third] = children;
        await store.update(parent.id, suspended({ children: all ? "all" : [first.id, third.id] }));
        const statusOf = async (): Promise<string | undefined> => (await store.get(parent.id))?.status;
        await end(store, third.id);
        assert.equal(await statusOf(), "suspended");
        if (all) await store.update(second.id, (child) => cancelJob(child, null, AT));
        assert.equal(await statusOf(), "suspended");
        await store.update(first.id, (child) => claimJob(child, BY));
        const error = { code: "JOB_FAILED", message: "" } as const;
        await store.update(first.id, (child) => failJob(child, 1, { error, report: null, at: AT + 8 }));
        assert.equal(await statusOf(), "queued");
        assert.equal((await store.get(parent.id))?.wake, null);
        // Once woken it is not woken by what a child does later.
        await store.update(parent.id, (stored) => claimJob(stored, BY));
        await store.update(first.id, (child) => retryJob(child, AT));
        await end(store, first.id);
        assert.equal(await statusOf(), "running");
      }
    },
  ],
  [
    "counts children by status, and names those that live",
    async (store, job) => {
      const parent = job();
      const children = [job({ parent: parent.id }), job({ parent: parent.id }), job({ parent: parent.id })] as const;
      for (const each of [parent, ...children]) await store.insert(each);
      const [gone, runs, waits] = children;
      await store.update(gone.id, (child) => cancelJob(child, null, AT));
      await store.update(runs.id, (child) => claimJob(child, BY));
      assert.deepEqual(await store.countChildren(parent.id), { queued: 1, running: 1, cancelled: 1 });
      assert.deepEqual(await store.countChildren(waits.id), {});
      const live = [runs.id, waits.id].sort();
      assert.deepEqual([...(await store.liveChildren(parent.id, 9))].sort(), live);
      assert.equal((await store.liveChildren(parent.id, 1)).length, 1);
      assert.deepEqual(await store.liveChildren(null, 9), []);
      await store.update(parent.id, (stored) => cancelJob(stored, null, AT));
      assert.deepEqual([...(await store.liveChildren(null, 9))].sort(), live);
    },
  ],
  [
    "names a child no more that was retried after its parent had been cancelled, and one that was before",
    async (store, job) => {
      const parent = job();
      await store.insert(parent);
      const error = { code: "JOB_FAILED", message: "" } as const;
      const [before, after] = [job({ parent: parent.id }), job({ parent: parent.id })];
      for (const { id } of [before, after]) {
        await store.insert(id === before.id ? before : after);
        await store.update(id, (child) => claimJob(child, BY));
        await store.update(id, (child) => failJob(child, 1, { error, report: null, at: AT }));
      }
      await store.update(before.id, (child) => retryJob(child, AT));
      await store.update(parent.id, (stored) => cancelJob(stored, null, AT));
      await store.update(after.id, (child) => retryJob(child, AT));
      assert.deepEqual(await store.liveChildren(parent.id, 9), [before.id]);
      assert.deepEqual(await store.liveChildren(null, 9), [before.id]);
      assert.deepEqual(await store.countChildren(parent.id), { queued: 2 });
      assert.equal((await store.get(after.id))?.parent, parent.id);
    },
  ],
  [
    "keeps the last of each kind of what a job did, and counts what it let go",
    async (store, job) => {
      const { id } = await insertRunning(store, job());
      const warning = (n: number): HistoryEntry => ({ kind: "warning", at: AT, message: `"${n}" é \0` });
      const snapshot = { state: "1", report: REPORT, storedWarnings: 0, consumed: 0, at: AT };
      await store.checkpoint(id, 1, { ...snapshot, history: { entries: [warning(1), warning(2)], missed: 3 } });
      const running = { kind: "status", at: AT, status: "running", attempt: 1, code: null, message: "" } as const;
      assert.deepEqual(await store.history(id), { entries: [running, warning(1), warning(2)], dropped: 3 });
      const many = Array.from({ length: MAX_HISTORY - 1 }, (_, n) => warning(n));
      const error = { code: "TIMEOUT", message: "late" } as const;
      const fail = (stored: JobRecord): JobRecord => failJob(stored, 1, { error, report: null, at: AT + 1 });
      await store.update(id, fail, { entries: many, missed: 0 });
      const failed = {
        kind: "status",
        at: AT + 1,
        status: "failed",
        attempt: 1,
        code: "TIMEOUT",
        message: "late",
      } as const;
      assert.deepEqual(await store.history(id), { entries: [running, ...many.slice(1), failed], dropped: 3 + 3 });
    },
  ],
];
