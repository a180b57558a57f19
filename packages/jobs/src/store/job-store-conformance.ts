import assert from "node:assert/strict";
import { createJobId, createLibraryId, type LibraryId } from "@spacedrive/wire";
import type { JobRecord } from "../job.js";
import {
  cancelJob,
  checkpointJob,
  claimJob,
  completeJob,
  failJob,
  pauseJob,
  releaseJob,
  resumeJob,
  retryJob,
} from "../job-steps.js";
import {
  AT,
  BY,
  type Check,
  type ConformanceCase,
  hasCode,
  ids,
  insertRunning,
  newJob,
  REPORT,
  type StoreUnderTest,
} from "./conformance-case.js";
import { EVENT_CASES } from "./event-conformance.js";
import { newRecord, RECORD_CASES } from "./record-conformance.js";
import { WAITING_CASES } from "./waiting-conformance.js";

/**
 * What a `JobStore` must keep, for any test runner: `test.each(jobStoreConformance(open))("$name", ({ run }) => run())`.
 *
 * @param open makes an empty store for the jobs of this library.
 */
export function jobStoreConformance(open: (library: LibraryId) => Promise<StoreUnderTest>): ConformanceCase[] {
  return [...CASES, ...RECORD_CASES, ...WAITING_CASES, ...EVENT_CASES].map(([name, check]) => ({
    name,
    async run() {
      const library = createLibraryId();
      await using opened = await open(library);
      await check(opened.store, (given = {}) => newJob(library, given), opened);
    },
  }));
}

const CASES: readonly (readonly [name: string, check: Check])[] = [
  [
    "answers a job as it was inserted, field for field",
    async (store, job) => {
      const plain = job();
      const full = job({
        status: "failed",
        state: '{"a": 1}',
        result: "[1,2]",
        checkpoint: 4,
        ...REPORT,
        attempt: 2,
        attemptsSinceProgress: 1,
        error: { code: "JOB_FAILED", message: "because" },
        notBefore: AT + 5,
        ordered: "cancel",
        wake: {
          condition: { at: AT, due: null, children: [plain.id], event: { name: "a:b", after: 2 } },
          checkpoint: 4,
          call: 9,
        },
        deadlineMs: 60_000,
        deadline: AT + 60_000,
        checkpointed: { progress: 0.1, message: "m", metrics: { bytes: 1, items: 2 }, warningCount: 1 },
        resumable: false,
        parent: plain.id,
        priority: -3,
        extensionVersion: "0.1.0",
        updatedAt: AT + 1,
        startedAt: AT + 2,
        endedAt: AT + 3,
      });
      for (const inserted of [plain, full]) {
        await store.insert(inserted);
        assert.deepEqual(await store.get(inserted.id), inserted);
      }
    },
  ],
  ["answers null for a job that is not there", async (store) => assert.equal(await store.get(createJobId()), null)],
  [
    "refuses a second job of the same id and keeps the first",
    async (store, job) => {
      const first = job({ message: "first" });
      await store.insert(first);
      await assert.rejects(store.insert({ ...first, message: "second" }), hasCode("CONFLICT"));
      assert.deepEqual(await store.get(first.id), first);
    },
  ],
  [
    "keeps state and result byte for byte",
    async (store, job) => {
      const texts = [
        '{ "b":1,\n\t"a" : 1.50e1 }',
        '"\\u0000 \\ud800 é 漢字 👩‍👩‍👧 \u2028"',
        "null",
        `"${"x".repeat(1_000_000)}"`,
      ];
      for (const text of texts) {
        const running = await insertRunning(store, job({ state: text }));
        assert.equal((await store.get(running.id))?.state, text);
        await store.checkpoint(running.id, 1, {
          state: ` ${text}`,
          report: REPORT,
          storedWarnings: 0,
          consumed: 0,
          at: AT,
        });
        const done = await store.update(running.id, (j) => completeJob(j, 1, { result: text, report: REPORT, at: AT }));
        assert.equal(done.state, ` ${text}`);
        assert.deepEqual(await store.get(running.id), done);
      }
    },
  ],
  [
    "keeps the largest metrics and the smallest step of progress",
    async (store, job) => {
      const metrics = { bytes: Number.MAX_SAFE_INTEGER, items: Number.MAX_SAFE_INTEGER };
      const inserted = job({ metrics, progress: Number.MIN_VALUE, priority: Number.MIN_SAFE_INTEGER });
      await store.insert(inserted);
      assert.deepEqual(await store.get(inserted.id), inserted);
    },
  ],
  [
    "keeps names that mean something to JavaScript",
    async (store, job) => {
      const inserted = job({ type: "__proto__", message: "constructor", warnings: ["__proto__", "toString"] });
      await store.insert(inserted);
      assert.deepEqual(await store.get(inserted.id), inserted);
      assert.deepEqual(ids(await store.list({ type: "__proto__" }, 10)), [inserted.id]);
      assert.deepEqual(await store.list({ type: "constructor" }, 10), []);
    },
  ],
  [
    "lists the newest first, up to the limit",
    async (store, job) => {
      const jobs = [job(), job(), job()];
      for (const inserted of jobs) await store.insert(inserted);
      assert.deepEqual(ids(await store.list({}, 10)), ids([...jobs].reverse()));
      assert.deepEqual(await store.list({}, 2), [jobs[2], jobs[1]]);
      assert.deepEqual(ids(await store.list({}, Number.MAX_SAFE_INTEGER)).length, 3);
      const bare = [jobs[2], jobs[1]].map((each) => ({ ...each, state: null, result: null }));
      assert.deepEqual(await store.list({ states: false }, 2), bare);
    },
  ],
  [
    "lists by status, type, extension, parent and the start of an id",
    async (store, job) => {
      const parent = job({ type: "native.one" });
      const a = job({ type: "fin:a", parent: parent.id });
      const b = job({ type: "finance:a", status: "failed" });
      const c = job({ type: "finance:b", status: "paused" });
      for (const inserted of [parent, a, b, c]) await store.insert(inserted);
      assert.deepEqual(ids(await store.list({ status: "queued" }, 9)), ids([a, parent]));
      assert.deepEqual(ids(await store.list({ status: ["failed", "paused"] }, 9)), ids([c, b]));
      assert.deepEqual(await store.list({ status: [] }, 9), []);
      assert.deepEqual(ids(await store.list({ type: "finance:a" }, 9)), [b.id]);
      assert.deepEqual(ids(await store.list({ extension: "fin" }, 9)), [a.id]);
      assert.deepEqual(ids(await store.list({ extension: "finance", status: "paused" }, 9)), [c.id]);
      assert.deepEqual(ids(await store.list({ parent: parent.id }, 9)), [a.id]);
      assert.deepEqual(ids(await store.list({ idPrefix: b.id.slice(0, 13) }, 9)), [b.id]);
      assert.deepEqual(ids(await store.list({ idPrefix: b.id }, 9)), [b.id]);
      assert.deepEqual(await store.list({ idPrefix: `${b.id}0` }, 9), []);
      assert.deepEqual(await store.list({ idPrefix: "%" }, 9), []);
    },
  ],
  [
    "names the queued jobs of a type: the highest priority first, then the one that was queued first",
    async (store, job) => {
      const [low, late, first, high] = [
        job({ priority: -1 }),
        job({ updatedAt: AT + 9 }),
        job(),
        job({ priority: 7, updatedAt: AT + 9 }),
      ];
      const [gone, postponed, other] = [job(), job({ notBefore: AT }), job({ type: "t:b", priority: 9 })];
      for (const inserted of [low, late, first, high, gone, postponed, other]) await store.insert(inserted);
      await store.update(gone.id, (stored) => cancelJob(stored, null, AT));
      const queued = await store.queued({ type: "t:a" }, 9);
      assert.deepEqual(ids(queued), ids([high, first, late, low]));
      assert.deepEqual(queued[0], { id: high.id, type: "t:a", priority: 7, queuedAt: AT + 9 });
      assert.deepEqual(ids(await store.queued({ type: "t:a" }, 2)), ids([high, first]));
      assert.deepEqual(ids(await store.queued({ id: late.id }, 9)), [late.id]);
      for (const { id } of [gone, postponed]) assert.deepEqual(await store.queued({ id }, 9), []);
      assert.deepEqual(await store.queuedTypes(), ["t:a", "t:b"]);
    },
  ],
  [
    "answers long lists as it answers short ones",
    async (store, job) => {
      const jobs = Array.from({ length: 1_100 }, (_, at) =>
        job({ warnings: at % 500 === 0 ? ["first", "second"] : [] }),
      );
      await Promise.all(jobs.map((inserted) => store.insert(inserted)));
      assert.deepEqual(ids(await store.queued({ type: "t:a" }, 1_100)), ids(jobs));
      assert.deepEqual(await store.list({ status: "queued" }, 1_099), [...jobs].reverse().slice(0, 1_099));
    },
  ],
  [
    "stores what a step answers, for every step",
    async (store, job) => {
      const steps: readonly ((stored: JobRecord) => JobRecord)[] = [
        (stored) => claimJob(stored, BY),
        (stored) => pauseJob(stored, 1, AT + 1),
        (stored) => resumeJob(stored, AT + 2),
        (stored) => claimJob(stored, { ...BY, resumable: false }),
        (stored) => releaseJob(stored, 2, { crashed: true, at: AT + 3 }),
        (stored) => claimJob(stored, BY),
        (stored) => failJob(stored, 3, { error: { code: "TIMEOUT", message: "late" }, report: REPORT, at: AT + 4 }),
        (stored) => retryJob(stored, AT + 5),
        (stored) => claimJob(stored, BY),
        (stored) => completeJob(stored, 4, { result: "1", report: REPORT, at: AT + 6 }),
      ];
      let expected = job();
      await store.insert(expected);
      for (const step of steps) {
        expected = step(expected);
        assert.deepEqual(await store.update(expected.id, step), expected);
        assert.deepEqual(await store.get(expected.id), expected);
      }
    },
  ],
  [
    "stores nothing where a step throws, and passes its error on",
    async (store, job) => {
      const inserted = job();
      await store.insert(inserted);
      await assert.rejects(
        store.update(inserted.id, (stored) => resumeJob(stored, AT)),
        hasCode("INVALID_TRANSITION"),
      );
      assert.deepEqual(await store.get(inserted.id), inserted);
      await assert.rejects(
        store.update(createJobId(), (stored) => stored),
        hasCode("NOT_FOUND"),
      );
    },
  ],
  [
    "makes a checkpoint what the step says it is",
    async (store, job) => {
      let expected = await insertRunning(store, job({ warnings: ["w1"], checkpoint: 9 }));
      for (const report of [REPORT, { ...REPORT, progress: 0.5, warnings: [...REPORT.warnings, "w3"] }]) {
        const storedWarnings = expected.warnings.length;
        const snapshot = { state: `{"n":${report.progress}}`, report, storedWarnings, consumed: 0, at: AT + 1 };
        expected = checkpointJob(expected, 1, snapshot);
        await store.checkpoint(expected.id, 1, snapshot);
        assert.deepEqual(await store.get(expected.id), expected);
      }
    },
  ],
  [
    "refuses the checkpoint of an attempt that does not run, and keeps the job as it is",
    async (store, job) => {
      const snapshot = { state: '"late"', report: REPORT, storedWarnings: 0, consumed: 0, at: AT + 1 };
      const running = await insertRunning(store, job());
      for (const attempt of [0, 2]) {
        await assert.rejects(store.checkpoint(running.id, attempt, snapshot), hasCode("JOB_NOT_RUNNING"));
      }
      assert.deepEqual(await store.get(running.id), running);
      const paused = await store.update(running.id, (stored) => pauseJob(stored, 1, AT));
      await assert.rejects(store.checkpoint(running.id, 1, snapshot), hasCode("JOB_NOT_RUNNING"));
      assert.deepEqual(await store.get(running.id), paused);
      await assert.rejects(store.checkpoint(createJobId(), 1, snapshot), hasCode("JOB_NOT_RUNNING"));
    },
  ],
  [
    "gives a retried job the warnings of its last checkpoint",
    async (store, job) => {
      const { id } = await insertRunning(store, job());
      await store.checkpoint(id, 1, { state: "1", report: REPORT, storedWarnings: 0, consumed: 0, at: AT });
      const report = { ...REPORT, progress: 0.9, warnings: [...REPORT.warnings, "w3", "w4"] };
      await store.update(id, (stored) =>
        failJob(stored, 1, { error: { code: "TIMEOUT", message: "" }, report, at: AT }),
      );
      assert.deepEqual((await store.get(id))?.warnings, ["w1", "w2", "w3", "w4"]);
      await store.update(id, (stored) => retryJob(stored, AT));
      const retried = await store.get(id);
      assert.deepEqual([retried?.warnings, retried?.progress], [["w1", "w2"], 0.25]);
    },
  ],
  [
    "loses none of many updates at once",
    async (store, job) => {
      const { id } = job();
      await store.insert(job({ id }));
      const raise = (stored: JobRecord): JobRecord => ({ ...stored, checkpoint: stored.checkpoint + 1 });
      await Promise.all(Array.from({ length: 50 }, () => store.update(id, raise)));
      assert.equal((await store.get(id))?.checkpoint, 50);
    },
  ],
  [
    "lets one of two claims at once win",
    async (store, job) => {
      const { id } = job();
      await store.insert(job({ id }));
      const claim = (): Promise<JobRecord> => store.update(id, (stored) => claimJob(stored, BY));
      const outcomes = await Promise.allSettled([claim(), claim()]);
      assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
      assert.equal((await store.get(id))?.attempt, 1);
    },
  ],
  [
    "has everything that it acknowledged when it is opened again",
    async (store, job, opened) => {
      if (opened.reopen === undefined) return;
      const queued = job();
      await store.insert(queued);
      const { id } = await insertRunning(store, job());
      const record = newRecord([1]);
      await store.checkpoint(id, 1, { state: '"kept"', report: REPORT, storedWarnings: 0, consumed: 0, at: AT });
      await store.record(id, 1, [record]);
      const running = await store.get(id);
      const again = await opened.reopen();
      assert.deepEqual(await again.get(id), running);
      assert.deepEqual(await again.records(id, 0), [record]);
      assert.deepEqual(ids(await again.queued({ type: queued.type }, 9)), [queued.id]);
    },
  ],
];
