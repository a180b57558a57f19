import { createTestHost, type TestHost } from "@spacedrive/testkit";
import { describe, expect, it } from "vitest";
import { withoutSchemas } from "./without-schemas.js";

const GREET = "query:bare-assemblyscript-extension:greet.v1";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The numbers that a count to this target makes entries of, each once. */
const tens = (target: number): number[] =>
  Array.from({ length: Math.floor(target / 10) }, (_, index) => (index + 1) * 10);

/** The numbers that stand in the library as entries, in their order. */
async function numbers(host: TestHost): Promise<number[]> {
  return (await host.entries({ entry_type: "number" })).map(({ name }) => Number(name)).sort((a, b) => a - b);
}

describe("greet", () => {
  it.each([
    "Ada",
    "",
    'a "quote", a \\, a / and \b\f\n\r\t\u0001',
    "grüße 🌍 \u2028",
    "half a pair: \ud83d",
    "x".repeat(200_000),
  ])("answers what the host said to it, whatever the name holds (%#)", async (name) => {
    await using host = await createTestHost({ extension: ".", inProcess: true });
    expect(await host.call(GREET, { name, more: { nested: [1, { "}": null }] } })).toEqual({
      greeting: `Pong: Hello, ${name}!`,
      library_id: expect.stringMatching(UUID),
    });
  });

  it("is told that it may not ask, and its caller is", async () => {
    await using host = await createTestHost({ extension: ".", grants: [], inProcess: true });
    await expect(host.call(GREET, { name: "Ada" })).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });

  it("refuses by itself what is no name, and lives on", async () => {
    await using folder = await withoutSchemas();
    await using host = await createTestHost({ extension: folder.path, inProcess: true });
    let deep: unknown = "deep";
    for (let level = 0; level < 500; level++) deep = [deep];
    for (const input of [
      {},
      { name: 3 },
      { name: null },
      { name: ["Ada"] },
      [],
      "Ada",
      7,
      null,
      { name: "Ada", deep },
    ]) {
      await expect(host.call(GREET, input)).rejects.toMatchObject({
        code: "INVALID_INPUT",
        message: expect.stringContaining('greet needs a "name"'),
      });
    }
    expect(await host.call(GREET, { name: "Ada" })).toMatchObject({ greeting: expect.stringContaining("Ada") });
  });
});

describe("count", { timeout: 60_000 }, () => {
  it("counts to its target, with an entry at every tenth step", async () => {
    await using host = await createTestHost({ extension: ".", inProcess: true });
    const end = await (await host.dispatch("count", { target: 25 })).done();
    expect(end).toMatchObject({
      status: "completed",
      progress: 1,
      message: "Counted 25/25",
      metrics: { items: 25 },
      warnings: ["Counting to 25"],
      checkpoint: 2,
      state: { current: 20, target: 25 },
      result: { counted: 25 },
    });
    expect(await numbers(host)).toEqual([10, 20]);
  });

  it("has nothing to do where the target is 0", async () => {
    await using host = await createTestHost({ extension: ".", inProcess: true });
    const end = await (await host.dispatch("count", { target: 0 })).done();
    expect(end).toMatchObject({ status: "completed", result: { counted: 0 } });
  });

  it("fails with the host's reason where it may not make entries", async () => {
    await using host = await createTestHost({ extension: ".", grants: ["test."], inProcess: true });
    const end = await (await host.dispatch("count", { target: 25 })).done();
    expect(end).toMatchObject({ status: "failed", metrics: { items: 9 } });
    expect(end.error?.message).toContain("PERMISSION_DENIED");
  });

  it.each([
    [{}, "target"],
    [{ target: "25" }, "target"],
    [{ target: -1 }, "target"],
    [{ target: 2.5 }, "target"],
    [{ target: 4294967296 }, "target"],
    [{ target: 25, current: "7" }, "current"],
    [[25], "target"],
  ])("fails where its state is %j, and says why", async (state, field) => {
    await using folder = await withoutSchemas();
    await using host = await createTestHost({ extension: folder.path, inProcess: true });
    const end = await (await host.dispatch("count", state)).done();
    expect(end.status).toBe("failed");
    expect(end.error?.message).toContain(`"${field}"`);
  });

  it("keeps where it was when it is paused, and goes on from there", async () => {
    await using host = await createTestHost({ extension: "." });
    const job = await host.dispatch("count", { target: 2000 });
    await job.until((update) => update.checkpoint > 2);
    await job.pause();
    await job.until((update) => update.status === "paused");
    const paused = await job.record();
    // Proof: the job's state has this number.
    const { current } = paused.state as { current: number };
    expect(current).toBeLessThan(2000);
    expect(paused.metrics.items).toBe(current);
    // Each entry is a checkpoint, and the pause is one more.
    expect(paused.checkpoint).toBe(tens(current).length + 1);
    expect(await numbers(host)).toEqual(tens(current));

    await job.resume();
    expect(await job.done()).toMatchObject({ status: "completed", metrics: { items: 2000 } });
    expect((await job.record()).warnings).toHaveLength(1);
    expect(await numbers(host)).toEqual(tens(2000));
  });

  it("goes on from its last checkpoint after its host was killed, and makes no entry twice", async () => {
    await using host = await createTestHost({ extension: "." });
    const job = await host.dispatch("count", { target: 2000 });
    await host.killWhen(job, (update) => update.checkpoint >= 5);
    await host.restart();
    expect(await job.done()).toMatchObject({ status: "completed", attempt: 2, metrics: { items: 2000 } });
    expect(await numbers(host)).toEqual(tens(2000));
  });

  it.each([1, 2, 3, 4])("makes no entry twice where its host is killed after step %i of its store", async (at) => {
    await using host = await createTestHost({ extension: "." });
    const job = await host.dispatch("count", { target: 500 });
    await host.faults.set({ fault: "kill", when: "after", at });
    await host.ended();
    await host.restart();
    expect(await job.done()).toMatchObject({
      status: "completed",
      metrics: { items: 500 },
      warnings: [expect.any(String)],
    });
    expect(await numbers(host)).toEqual(tens(500));
  });

  it("ends for good when it is cancelled", async () => {
    await using host = await createTestHost({ extension: ".", inProcess: true });
    const job = await host.dispatch("count", { target: 1_000_000 });
    await job.until((update) => update.checkpoint > 0);
    await job.cancel();
    expect((await job.done()).status).toBe("cancelled");
    await expect(job.resume()).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
  });
});
