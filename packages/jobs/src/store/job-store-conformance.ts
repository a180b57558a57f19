import assert from "node:assert/strict";
import { createJobId, createLibraryId, type JobId, type LibraryId } from "@spacedrive/wire";
import type { JobRecord } from "../job.js";
import {
  cancelJob,
  checkpointJob,
  claimJob,
  completeJob,
  createJob,
  failJob,
  type JobReport,
  pauseJob,
  releaseJob,
  resumeJob,
  retryJob,
} from "../job-steps.js";
import type { JobStore } from "./job-store.js";

/** A promise that every store keeps. `run` rejects where it is broken. */
export interface ConformanceCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** An empty store, and what to do with it afterwards. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: JobStore;
  /** Closes the store and opens it again on the same data; absent where nothing is kept. */
  readonly reopen?: () => Promise<JobStore>;
}

/**
 * What a `JobStore` must keep, for any test runner: `test.each(jobStoreConformance(open))("$name", ({ run }) => run())`.
 *
 * @param open makes an empty store for the jobs of this library.
 */
export function jobStoreConformance(open: (library: LibraryId) => Promise<StoreUnderTest>): ConformanceCase[] {
  return CASES.map(([name, check]) => ({
    name,
    async run() {
      const library = createLibraryId();
      await using opened = await open(library);
      await check(opened.store, (given = {}) => newJob(library, given), opened);
    },
  }));
}

type NewJob = (given?: Partial<JobRecord>) => JobRecord;
type Check = (store: JobStore, job: NewJob, opened: StoreUnderTest) => Promise<void>;

const AT = 1_700_000_000_000;
const BY = { extensionVersion: "1.2.3", resumable: true, at: AT };
const REPORT: JobReport = {
  progress: 0.25,
  message: "a quarter",
  warnings: ["w1", "w2"],
  metrics: { bytes: 7, items: 3 },
};

function newJob(library: LibraryId, given: Partial<JobRecord>): JobRecord {
  const id = createJobId();
  const job = createJob({ id, type: "t:a", library, state: "{}", parent: null, priority: 0, resumable: true, at: AT });
  return { ...job, ...given };
}

async function insertRunning(store: JobStore, job: JobRecord): Promise<JobRecord> {
  await store.insert(job);
  return store.update(job.id, (stored) => claimJob(stored, BY));
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Error && "code" in error && error.code === code;
}

function ids(jobs: readonly { readonly id: JobId }[]): JobId[] {
  return jobs.map(({ id }) => id);
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
        await store.checkpoint(running.id, 1, { state: ` ${text}`, report: REPORT, storedWarnings: 0, at: AT });
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
    "names the queued jobs, the oldest first",
    async (store, job) => {
      const first = job({ priority: 1 });
      const gone = job();
      const last = job({ type: "t:b", priority: 5 });
      for (const inserted of [first, gone, last]) await store.insert(inserted);
      await store.update(gone.id, (stored) => cancelJob(stored, null, AT));
      const queued = (await store.queued()).map(({ id, type, priority }) => ({ id, type, priority }));
      assert.deepEqual(queued, [
        { id: first.id, type: "t:a", priority: 1 },
        { id: last.id, type: "t:b", priority: 5 },
      ]);
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
        const snapshot = { state: `{"n":${report.progress}}`, report, storedWarnings, at: AT + 1 };
        expected = checkpointJob(expected, 1, snapshot);
        await store.checkpoint(expected.id, 1, snapshot);
        assert.deepEqual(await store.get(expected.id), expected);
      }
    },
  ],
  [
    "refuses the checkpoint of an attempt that does not run, and keeps the job as it is",
    async (store, job) => {
      const snapshot = { state: '"late"', report: REPORT, storedWarnings: 0, at: AT + 1 };
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
      await store.checkpoint(id, 1, { state: "1", report: REPORT, storedWarnings: 0, at: AT });
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
      await store.checkpoint(id, 1, { state: '"kept"', report: REPORT, storedWarnings: 0, at: AT });
      const running = await store.get(id);
      const again = await opened.reopen();
      assert.deepEqual(await again.get(id), running);
      assert.deepEqual(ids(await again.queued()), [queued.id]);
    },
  ],
];
