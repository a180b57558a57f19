import { createTestHost, type Fault, type TestHost, type TestJobRecord } from "@spacedrive/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { harvest } from "./harvest.js";

const FILES = Object.fromEntries(
  Array.from({ length: 40 }, (_, index) => [`${String(index + 10)}.md`, `word and ${index}\n`.repeat(index)]),
);

/** What is the same however often the job was interrupted. */
function outcomeOf({ status, state, result, metrics, warnings }: TestJobRecord): Record<string, unknown> {
  // Proof: the state is the extension's CountState, whose first field is the location's id.
  const { location_id: _, ...counts } = state as Record<string, unknown>;
  return { status, counts, result, metrics, warnings };
}

let undisturbed: TestHost;
let expected: { readonly outcome: Record<string, unknown>; readonly library: Record<string, unknown> };

beforeAll(async () => {
  undisturbed = await createTestHost({ extension: ".", files: FILES });
  const end = await (await undisturbed.dispatch("count", { location_id: undisturbed.location })).done();
  expected = { outcome: outcomeOf(end), library: await harvest(undisturbed) };
}, 30_000);
afterAll(() => undisturbed[Symbol.asyncDispose]());

async function expectTheSame(host: TestHost, end: TestJobRecord): Promise<void> {
  expect(outcomeOf(end)).toEqual(expected.outcome);
  expect(await harvest(host)).toEqual(expected.library);
}

// The library writes the job's dispatch, its claim, its first checkpoint, a sidecar and the metadata of each of 8 files, and
// the second checkpoint.
const EFFECT = 19;
const CHECKPOINT = 20;

describe("a count whose host", { timeout: 60_000 }, () => {
  it.each<[string, Fault, string]>([
    ["cannot write a sidecar", { fault: "io-error", operation: "write-file", at: 20 }, "STORE_FAILED"],
    ["meets a damaged page", { fault: "corrupt", operation: "write", at: EFFECT }, "STORE_CORRUPT"],
  ])("%s fails with what the guest was told, and ends the same when it is retried", async (_what, fault, code) => {
    await using host = await createTestHost({ extension: ".", files: FILES, faults: [fault] });
    const job = await host.dispatch("count", { location_id: host.location });
    const failed = await job.done();
    expect(failed).toMatchObject({ status: "failed", error: { code: "JOB_FAILED" } });
    expect(failed.error?.message).toContain(code);
    await job.retry();
    await expectTheSame(host, await job.done());
  });

  it.each<[string, Fault]>([
    ["finds no room for a sidecar", { fault: "disk-full", operation: "write-file", at: 20 }],
    ["finds no room for an effect", { fault: "disk-full", operation: "write", at: EFFECT }],
    ["waits for a lock in vain", { fault: "locked", operation: "write", at: EFFECT }],
    ["finds no room for a checkpoint", { fault: "disk-full", operation: "write", at: CHECKPOINT }],
    ["cannot write a checkpoint", { fault: "io-error", operation: "write", at: CHECKPOINT }],
    ["waits for a lock in vain at a checkpoint", { fault: "locked", operation: "write", at: CHECKPOINT }],
  ])("%s goes on by itself, and ends the same", async (_what, fault) => {
    await using host = await createTestHost({ extension: ".", files: FILES, faults: [fault] });
    const job = await host.dispatch("count", { location_id: host.location });
    const end = await job.done();
    expect(end.attempt).toBe(2);
    await expectTheSame(host, end);
  });

  it("cannot sync its disk ends the same once it is started again on one that can", async () => {
    await using host = await createTestHost({ extension: ".", files: FILES });
    const job = await host.dispatch("count", { location_id: host.location });
    await job.until((update) => update.checkpoint >= 2);
    await host.faults.set({ fault: "io-error", operation: "sync", times: Infinity });
    await expect(
      (async () => {
        for (;;) await host.call("action:vdfs.create_entry.input.v1", { name: "x", path: "x", entry_type: "note" });
      })(),
    ).rejects.toMatchObject({ code: "STORE_FAILED" });
    await host.faults.clear();
    await host.restart();
    await expectTheSame(host, await job.done());
  });

  it.each([
    ["before", 12],
    ["after", 33],
    ["after", 90],
    ["before", 171],
    ["after", 250],
  ] as const)("is killed %s step %i of its store ends the same", async (when, at) => {
    await using host = await createTestHost({ extension: ".", files: FILES });
    const job = await host.dispatch("count", { location_id: host.location });
    await host.faults.set({ fault: "kill", when, at });
    await host.ended();
    await host.restart();
    const end = await job.done();
    expect(end.attempt).toBe(2);
    await expectTheSame(host, end);
  });
});
