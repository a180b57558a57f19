import { createTestHost, type TestHost, type TestJob, type TestJobRecord } from "@spacedrive/testkit";
import { expect } from "vitest";
import type { GuestUnderTest, Promised } from "./guest-under-test.js";
import { uncheckedGuest } from "./unchecked-guest.js";

/** So many that a job is surely still at work when the test reaches for it. */
const MANY = 5_000;

/** States that are none, each with what the reason names. */
const NO_STATES: readonly (readonly [state: unknown, named: RegExp])[] = [
  [{}, /"target"/],
  [{ target: "25" }, /"target"/],
  [{ target: -1 }, /"target"/],
  [{ target: 2.5 }, /"target"/],
  [{ target: 25, current: "7" }, /"current"/],
  [{ target: 25, current: [] }, /"current"/],
  [[25], /"target"|JSON object/],
  [[], /"target"|JSON object/],
  [10, /"target"|JSON object/],
];

/** The library's commits are the dispatch, the claim, an entry, a checkpoint, an entry, … */
const COMMITS = [
  ["after", 3],
  ["before", 4],
  ["after", 4],
  ["before", 5],
] as const;

/** The numbers that a count to this target makes entries of, each once. */
function tens(target: number): number[] {
  return Array.from({ length: Math.floor(target / 10) }, (_, index) => (index + 1) * 10);
}

/** The numbers that stand in the library as entries, in their order. */
async function numbers(host: TestHost): Promise<number[]> {
  return (await host.entries({ entry_type: "number" })).map(({ name }) => Number(name)).sort((a, b) => a - b);
}

async function expectCounted(host: TestHost, end: TestJobRecord, target: number): Promise<void> {
  expect(end).toMatchObject({
    status: "completed",
    progress: 1,
    message: `Counted ${target}/${target}`,
    // The last entry is the last checkpoint.
    state: { current: target - (target % 10), target },
    result: { counted: target },
    metrics: { items: target },
    warnings: [`Counting to ${target}`],
  });
  expect(await numbers(host)).toEqual(tens(target));
}

async function expectCountedAfterKill(host: TestHost, job: TestJob, target: number): Promise<void> {
  await host.ended();
  await host.restart();
  await expectCounted(host, await job.done(), target);
}

/** Runs a job from a state that no schema has checked. */
async function runUnchecked(guest: GuestUnderTest, state: unknown): Promise<TestJobRecord> {
  await using extension = await uncheckedGuest(guest);
  await using host = await createTestHost({ extension: extension.folder, inProcess: true });
  return await (await host.dispatch("count", state)).done();
}

/** What the job `count` promises. */
export const COUNT_PROMISES: readonly Promised[] = [
  [
    "count counts to its target, with an entry and a checkpoint at every tenth step",
    async ({ folder }) => {
      await using host = await createTestHost({ extension: folder, inProcess: true });
      const end = await (await host.dispatch("count", { target: 25 })).done();
      expect(end.checkpoint).toBe(2);
      await expectCounted(host, end, 25);
    },
  ],
  [
    "count has nothing to do where the target is 0",
    async ({ folder }) => {
      await using host = await createTestHost({ extension: folder, inProcess: true });
      const end = await (await host.dispatch("count", { target: 0 })).done();
      expect(end).toMatchObject({ status: "completed", result: { counted: 0 } });
    },
  ],
  [
    "count fails with the host's reason where it may not make entries",
    async ({ folder, itemsAtRefusal }) => {
      await using host = await createTestHost({ extension: folder, grants: ["test."], inProcess: true });
      const end = await (await host.dispatch("count", { target: 25 })).done();
      expect(end).toMatchObject({
        status: "failed",
        error: { code: "JOB_FAILED" },
        metrics: { items: itemsAtRefusal },
      });
      expect(end.error?.message).toMatch(/PERMISSION_DENIED.*vdfs\.create_entry/);
    },
  ],
  ...NO_STATES.map(
    ([state, named]): Promised => [
      `count fails where its state is ${JSON.stringify(state)}, and says why`,
      async (guest) => {
        const end = await runUnchecked(guest, state);
        expect(end).toMatchObject({ status: "failed", attempt: 1, error: { code: "JOB_FAILED" } });
        expect(end.error?.message).toMatch(named);
      },
    ],
  ),
  [
    "count takes the largest number that it can count to",
    async (guest) => {
      const largest = guest.largestNumber;
      const end = await runUnchecked(guest, { current: largest, target: largest });
      expect(end).toMatchObject({ status: "completed", result: { counted: largest } });
    },
  ],
  [
    "count fails where its target is larger than that, and says why",
    async (guest) => {
      const end = await runUnchecked(guest, { target: guest.largestNumber + 1 });
      expect(end).toMatchObject({ status: "failed", attempt: 1, error: { code: "JOB_FAILED" } });
      expect(end.error?.message).toContain('"target"');
    },
  ],
  [
    "count keeps where it was when it is paused, and goes on from there",
    async ({ folder }) => {
      await using host = await createTestHost({ extension: folder });
      const job = await host.dispatch("count", { target: MANY });
      await job.until(({ checkpoint }) => checkpoint >= 3);
      await job.pause();
      await job.until(({ status }) => status === "paused");
      const paused = await job.record();
      expect(paused).toMatchObject({ status: "paused", state: { target: MANY } });
      // Proof: the job's state has this number.
      const { current } = paused.state as { current: number };
      expect(current).toBeLessThan(MANY);
      expect(paused.metrics.items).toBe(current);
      // Each entry is a checkpoint, and the pause is one more.
      expect(paused.checkpoint).toBe(tens(current).length + 1);
      expect(await numbers(host)).toEqual(tens(current));
      await job.resume();
      await expectCounted(host, await job.done(), MANY);
    },
  ],
  [
    "count goes on from its last checkpoint when its host is killed, and each entry stands once",
    async ({ folder }) => {
      await using host = await createTestHost({ extension: folder });
      const job = await host.dispatch("count", { target: MANY });
      await host.killWhen(job, ({ checkpoint }) => checkpoint >= 3);
      await host.restart();
      const end = await job.done();
      expect(end.attempt).toBe(2);
      await expectCounted(host, end, MANY);
    },
  ],
  ...COMMITS.map(([when, at]): Promised => {
    const fault = { fault: "kill", operation: "commit", when, at } as const;
    return [
      `count makes each entry once where its host is killed ${when} commit ${at}`,
      async ({ folder }) => {
        await using host = await createTestHost({ extension: folder, faults: [fault] });
        await expectCountedAfterKill(host, await host.dispatch("count", { target: 100 }), 100);
      },
    ];
  }),
  ...[1, 2, 3, 4].map(
    (at): Promised => [
      `count makes each entry once where its host is killed after step ${at} of its store`,
      async ({ folder }) => {
        await using host = await createTestHost({ extension: folder });
        const job = await host.dispatch("count", { target: MANY });
        await host.faults.set({ fault: "kill", when: "after", at });
        await expectCountedAfterKill(host, job, MANY);
      },
    ],
  ),
  [
    "count goes on when its host is closed",
    async ({ folder }) => {
      await using host = await createTestHost({ extension: folder });
      const job = await host.dispatch("count", { target: MANY });
      await job.until(({ checkpoint }) => checkpoint >= 3);
      await host.restart();
      await expectCounted(host, await job.done(), MANY);
    },
  ],
  [
    "count ends for good when it is cancelled",
    async ({ folder }) => {
      await using host = await createTestHost({ extension: folder });
      const job = await host.dispatch("count", { target: 1_000_000 });
      await job.until(({ checkpoint }) => checkpoint >= 3);
      await job.cancel();
      expect(await job.done()).toMatchObject({ status: "cancelled", result: null });
      await expect(job.resume()).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
    },
  ],
];
