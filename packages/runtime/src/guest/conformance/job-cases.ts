import assert from "node:assert/strict";
import { SpacedriveError, toEnvelope } from "@spacedrive/wire";
import { assertRejects, type Case } from "./conformance-bench.js";
import { RecordingJob } from "./recording-host.js";

export const JOB_CASES: readonly Case[] = [
  [
    "hands a job's reports on in order, before the checkpoint that follows them",
    async (bench) => {
      const guest = await bench.guest();
      const job = new RecordingJob();
      assert.deepEqual(await guest.runJob("execute_all", "{}", '{"n":1}', job), { code: 0, sawInterrupt: false });
      assert.deepEqual(job.events, [
        "warning half € � way",
        "progress 0.5 half done",
        "checkpoint with 3 items",
        'complete {"done":true}',
      ]);
      assert.deepEqual(job.states, ['{"n":1}']);
      assert.equal(job.bytes, 0x100000001n);
      assert.equal(job.items, 7n);
      assert.equal(await guest.call("live"), 0);
    },
  ],
  [
    "hands a state on as it is, JSON or not, and empty",
    async (bench) => {
      const guest = await bench.guest();
      const job = new RecordingJob();
      for (const state of ["not json", "", ' {"a" : 1}\n']) {
        assert.deepEqual(await guest.runJob("execute_state", "{}", state, job), { code: 0, sawInterrupt: false });
      }
      assert.deepEqual(job.states, ["not json", "", ' {"a" : 1}\n']);
    },
  ],
  [
    "answers 1 to a checkpoint that is refused, fails, is too large or no UTF-8",
    async (bench) => {
      const guest = await bench.guest({ maxPayloadBytes: 1000 });
      const job = new RecordingJob();
      job.durable = async () => false;
      assert.equal((await guest.runJob("execute_state", "{}", "{}", job)).code, 1);
      job.durable = () => Promise.reject(new Error("the disk is full"));
      assert.equal((await guest.runJob("execute_state", "{}", "{}", job)).code, 1);
      job.states.length = 0;
      assert.equal((await guest.runJob("execute_not_utf8", "{}", "{}", job)).code, 1);
      assert.deepEqual(job.states, []);
      assert.match(bench.host.messages.at(-1) ?? "", /checkpoint was refused.*UTF-8/);
    },
  ],
  [
    "refuses job functions with another job's id",
    async (bench) => {
      const guest = await bench.guest();
      const job = new RecordingJob();
      assert.deepEqual(await guest.runJob("execute_with_another_id", "{}", "", job), { code: 12, sawInterrupt: false });
      assert.deepEqual(job.events, []);
      assert.equal(job.items + job.bytes, 0n);
    },
    "abi",
  ],
  [
    "shows a running job its interrupt, and tells that it saw one",
    async (bench) => {
      for (const interrupt of [1, 2] as const) {
        const guest = await bench.guest();
        const job = new RecordingJob();
        job.onItems = () => guest.setInterrupt(interrupt);
        assert.deepEqual(await guest.runJob("execute_until_interrupted", "{}", "", job), {
          code: 40 + interrupt,
          sawInterrupt: true,
        });
      }
    },
  ],
  [
    "shows log lines and counters of a job while it runs without waiting for anything",
    async (bench) => {
      const guest = await bench.guest();
      const job = new RecordingJob();
      job.onItems = () => guest.setInterrupt(bench.host.messages.includes("said by the guest") ? 1 : 0);
      assert.equal((await guest.runJob("execute_until_interrupted", "{}", "", job)).code, 41);
    },
  ],
  [
    "shows progress of a job that reports it without pause",
    async (bench) => {
      const guest = await bench.guest();
      const job = new RecordingJob();
      job.onProgress = () => guest.setInterrupt(job.events.length >= 3 ? 1 : 0);
      assert.equal((await guest.runJob("execute_busily", "{}", "", job)).code, 1);
      assert.deepEqual(new Set(job.events), new Set(["progress 0.5 half done"]));
    },
  ],
  [
    "shows the last progress of a job that then says nothing",
    async (bench) => {
      const guest = await bench.guest();
      const job = new RecordingJob();
      const stop = new AbortController();
      job.onProgress = () => job.events.at(-1) === "progress 0.5 half done" && stop.abort();
      await assertRejects(
        guest.runJob("execute_once_then_silent", "{}", "", job, { signal: stop.signal }),
        "CANCELLED",
      );
    },
  ],
  [
    "takes a CANCELLED answer for a seen interrupt",
    async (bench) => {
      const guest = await bench.guest();
      const job = new RecordingJob();
      assert.deepEqual(await guest.runJob("execute_call", "{}", "", job), { code: 2, sawInterrupt: false });
      bench.host.answer = async () =>
        JSON.stringify(toEnvelope(new SpacedriveError("CANCELLED", "The job was cancelled.")));
      assert.deepEqual(await guest.runJob("execute_call", "{}", "", job), { code: 2, sawInterrupt: true });
    },
  ],
  [
    "passes the reason of a failure",
    async (bench) => {
      const guest = await bench.guest();
      const job = new RecordingJob();
      assert.equal((await guest.runJob("execute_fail", "{}", "", job)).code, 2);
      assert.deepEqual(job.events, ["fail it broke"]);
    },
  ],
  [
    "loses no warning of a flood",
    async (bench) => {
      const guest = await bench.guest();
      const job = new RecordingJob();
      await guest.runJob("execute_warnings", "{}", "", job);
      assert.equal(job.events.length, 10_000);
    },
  ],
  [
    "stops a job that is silent for too long",
    async (bench) => {
      const guest = await bench.guest({ silenceMs: 200 });
      const error = await assertRejects(
        guest.runJob("execute_silent", "{}", "", new RecordingJob()),
        "JOB_STALLED",
        /200 ms/,
      );
      assert.equal(error.retryable, true);
      assert.equal(guest.alive, false);
    },
  ],
  [
    "does not take a pending checkpoint for silence, nor apply the limit of calls to a job",
    async (bench) => {
      const guest = await bench.guest({ silenceMs: 150, callTimeoutMs: 150 });
      const job = new RecordingJob();
      job.durable = () => new Promise((resolve) => setTimeout(resolve, 500, true));
      assert.equal((await guest.runJob("execute_state", "{}", "{}", job)).code, 0);
    },
  ],
  [
    "stops a job when its signal aborts",
    async (bench) => {
      const guest = await bench.guest();
      const running = guest.runJob("execute_silent", "{}", "", new RecordingJob(), {
        signal: AbortSignal.timeout(100),
      });
      await assertRejects(running, "CANCELLED");
      assert.equal(guest.alive, false);
    },
  ],
];
