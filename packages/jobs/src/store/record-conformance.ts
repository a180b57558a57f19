import assert from "node:assert/strict";
import { createJobId, type JobId } from "@spacedrive/wire";
import { type CallRecord, comparePlaces, type RecordContent, type RecordPlace } from "../call-record.js";
import type { JobRecord } from "../job.js";
import { cancelJob, completeJob, failJob, pauseJob, releaseJob } from "../job-steps.js";
import { AT, type Check, hasCode, insertRunning, REPORT } from "./conformance-case.js";
import type { JobStore } from "./job-store.js";

/** What a `JobStore` must keep of the calls that a job makes. */
export const RECORD_CASES: readonly (readonly [name: string, check: Check])[] = [
  [
    "answers records as they were recorded, field for field, above a number",
    async (store, job) => {
      const { id } = await insertRunning(store, job());
      const records = [
        newRecord([1], { kind: "query", effect: false, content: { kind: "withheld" } }),
        newRecord([2], { previous: 1, takes: 1, effect: false, content: { kind: "open" } }),
        newRecord([2, 1], { content: { kind: "sealed", bytes: Uint8Array.of(0, 1, 255) } }),
        newRecord([2, 1, 12]),
        newRecord([10], { content: { kind: "plain", json: '"\\u0000 é 漢 \u2028"' }, method: "query:__proto__" }),
      ];
      await store.record(id, 1, records.slice(0, 2));
      await store.record(id, 1, records.slice(2));
      assert.deepEqual(normal(await recordsOf(store, id)), normal(records));
      assert.deepEqual(normal(await recordsOf(store, id, 2)), normal(records.slice(4)));
      assert.deepEqual(await store.records(createJobId(), 0), []);
    },
  ],
  [
    "answers records however many or large they are",
    async (store, job) => {
      const { id } = await insertRunning(store, job());
      const large: RecordContent = { kind: "plain", json: JSON.stringify("x".repeat(700_000)) };
      const many = Array.from({ length: 650 }, (_, n) => newRecord([n + 1]));
      const inner = [newRecord([200, 1]), newRecord([200, 2]), newRecord([400, 10])];
      await store.record(id, 1, [...many, ...inner]);
      const all = [...many, ...inner].sort((a, b) => comparePlaces(a.place, b.place));
      assert.deepEqual(await recordsOf(store, id), all);
      assert.deepEqual(
        await recordsOf(store, id, 199),
        all.filter(({ place }) => (place[0] ?? 0) > 199),
      );
      const { id: other } = await insertRunning(store, job());
      await store.record(other, 1, [newRecord([1], { content: large }), newRecord([2], { content: large })]);
      assert.deepEqual(await recordsOf(store, other), [
        newRecord([1], { content: large }),
        newRecord([2], { content: large }),
      ]);
    },
  ],
  [
    "puts a record in the place of an older one, and forgets those that it is told to",
    async (store, job) => {
      const { id } = await insertRunning(store, job());
      await store.record(id, 1, [newRecord([1], { content: { kind: "open" } }), newRecord([1, 1]), newRecord([2])]);
      await store.record(id, 1, [newRecord([1])]);
      await store.forget(id, 1, [[1, 1], [2], [3]]);
      assert.deepEqual(await recordsOf(store, id), [newRecord([1])]);
    },
  ],
  [
    "sweeps the records that a checkpoint covers, with the calls inside them, and no others",
    async (store, job) => {
      const { id } = await insertRunning(store, job());
      const other = await insertRunning(store, job());
      await store.record(id, 1, [newRecord([2]), newRecord([2, 7]), newRecord([3])]);
      await store.record(other.id, 1, [newRecord([1])]);
      await store.checkpoint(id, 1, { state: "1", report: REPORT, storedWarnings: 0, consumed: 2, at: AT });
      assert.deepEqual(await recordsOf(store, id), [newRecord([3])]);
      assert.deepEqual(await recordsOf(store, other.id), [newRecord([1])]);
      assert.equal((await store.get(id))?.consumed, 2);
    },
  ],
  [
    "keeps the records of a job that is paused, released or failed, and none of one that is completed or cancelled",
    async (store, job) => {
      const kept = [
        (j: JobRecord) => pauseJob(j, 1, AT),
        (j: JobRecord) => releaseJob(j, 1, { crashed: true, at: AT }),
        (j: JobRecord) => failJob(j, 1, { error: { code: "TIMEOUT", message: "" }, report: REPORT, at: AT }),
      ];
      const swept = [
        (j: JobRecord) => completeJob(j, 1, { result: null, report: REPORT, at: AT }),
        (j: JobRecord) => cancelJob(j, { attempt: 1, report: REPORT }, AT),
      ];
      for (const step of [...kept, ...swept]) {
        const { id } = await insertRunning(store, job());
        await store.record(id, 1, [newRecord([1])]);
        await store.update(id, step);
        assert.equal((await store.records(id, 0)).length, kept.includes(step) ? 1 : 0);
      }
    },
  ],
  [
    "counts the record of an effect as progress, and refuses those of an attempt that does not run",
    async (store, job) => {
      const running = await insertRunning(store, job());
      assert.equal(running.attemptsSinceProgress, 1);
      for (const attempt of [0, 2]) {
        await assert.rejects(store.record(running.id, attempt, [newRecord([1])]), hasCode("JOB_NOT_RUNNING"));
        await assert.rejects(store.forget(running.id, attempt, [[1]]), hasCode("JOB_NOT_RUNNING"));
      }
      assert.deepEqual(await store.get(running.id), running);
      assert.deepEqual(await store.records(running.id, 0), []);
      await store.record(running.id, 1, [newRecord([1], { kind: "query", effect: false })]);
      assert.deepEqual(await store.get(running.id), running);
      for (const records of [[newRecord([2], { effect: false }), newRecord([3])], []]) {
        const { id } = await insertRunning(store, job());
        await store.record(id, 1, records);
        assert.equal((await store.get(id))?.attemptsSinceProgress, 0);
      }
    },
  ],
  [
    "joins transactions of an effect, or says that it does not",
    async (store, job, { transaction }) => {
      assert.equal(store.effects, transaction === undefined ? "at-least-once" : "exactly-once");
      if (transaction === undefined) return;
      const { id } = await insertRunning(store, job());
      const [inserted, lost] = [job(), job()];
      await transaction((tx) => {
        store.insertIn(tx, inserted);
        store.updateIn(tx, inserted.id, (stored) => cancelJob(stored, null, AT));
        store.recordIn(tx, id, 1, [newRecord([1])]);
      });
      const broken = new Error("the effect failed");
      const failing = transaction((tx) => {
        store.insertIn(tx, lost);
        store.recordIn(tx, id, 1, [newRecord([2])]);
        throw broken;
      });
      await assert.rejects(failing, broken);
      await assert.rejects(
        transaction((tx) => store.recordIn(tx, id, 2, [newRecord([3])])),
        hasCode("JOB_NOT_RUNNING"),
      );
      assert.deepEqual(await recordsOf(store, id), [newRecord([1])]);
      assert.equal((await store.get(inserted.id))?.status, "cancelled");
      assert.equal(await store.get(lost.id), null);
    },
  ],
];

/** A record of the places' call, with all that a record can hold. */
export function newRecord(place: RecordPlace, given: Partial<CallRecord> = {}): CallRecord {
  const content: RecordContent = { kind: "plain", json: `{"ok":true,"output":${place.length}}` };
  return {
    place,
    previous: 0,
    takes: null,
    call: `sha256:${place.join()}`,
    method: "action:t.write",
    kind: "action",
    effect: true,
    content,
    ...given,
  };
}

/** Bytes are bytes, whatever class a database gives them. */
function normal(records: readonly CallRecord[]): unknown[] {
  return records.map(({ content, ...rest }) => ({
    ...rest,
    content: content.kind === "sealed" ? { ...content, bytes: [...content.bytes] } : content,
  }));
}

async function recordsOf(store: JobStore, id: JobId, after = 0): Promise<CallRecord[]> {
  return [...(await store.records(id, after))].sort((a, b) => comparePlaces(a.place, b.place));
}
