import { createTestHost } from "@spacedrive/testkit";
import { describe, expect, it } from "vitest";

describe("loading", () => {
  it("logs each of its steps", async () => {
    await using host = await createTestHost({ extension: "." });
    expect(host.logged()).toEqual([
      "Loading plugin: test-extension",
      "✓ Test extension: an instance is ready",
      "Plugin test-extension initialized successfully",
      "✓ Plugin test-extension loaded successfully",
    ]);
  });

  it("says goodbye when it is reloaded", async () => {
    await using host = await createTestHost({ extension: "." });
    await host.reload();
    expect(host.logged()).toContain("Test extension: an instance is leaving");
    expect(await host.call("query:test-extension:ping.v1", { message: "again" })).toMatchObject({
      echo: "Pong: again",
    });
  });
});

describe("ping", () => {
  it("answers with what the host answers it", async () => {
    await using host = await createTestHost({ extension: "." });
    expect(await host.call("query:test-extension:ping.v1", { message: "grüße 🌍", count: 3 })).toEqual({
      echo: "Pong: grüße 🌍",
      count: 3,
      extension_works: true,
    });
  });

  it("counts once where it is told no count", async () => {
    await using host = await createTestHost({ extension: "." });
    expect(await host.call("query:test-extension:ping.v1", { message: "" })).toMatchObject({ count: 1 });
  });

  it("refuses a count that is none, naming it", async () => {
    await using host = await createTestHost({ extension: "." });
    const call = host.call("query:test-extension:ping.v1", { message: "", count: -1 });
    await expect(call).rejects.toMatchObject({ code: "INVALID_INPUT", message: expect.stringContaining("count") });
  });

  it("is denied where the host does not grant what it calls", async () => {
    await using host = await createTestHost({ extension: ".", grants: [] });
    const call = host.call("query:test-extension:ping.v1", { message: "" });
    await expect(call).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });
});

it("test_ping_operation asks the host, and logs that it did", async () => {
  await using host = await createTestHost({ extension: "." });
  await host.callExport("test_ping_operation");
  const logged = host.logged();
  const called = logged.indexOf("test_ping_operation() called");
  expect(logged.slice(called)).toEqual(["test_ping_operation() called", "✓ Test ping completed"]);
});

describe("counter", { timeout: 30_000 }, () => {
  const items = (count: number): string[] => Array.from({ length: count }, (_, index) => `item_${index + 1}`);

  it("counts to its target", async () => {
    await using host = await createTestHost({ extension: "." });
    const job = await host.dispatch("counter", { target: 25 });
    expect(await job.done()).toMatchObject({
      status: "completed",
      progress: 1,
      message: "Counted 25/25",
      metrics: { items: 25 },
      // After every ten; what follows the last of them is nobody's to keep once the job has completed.
      checkpoint: 2,
      state: { current: 20, target: 25, processed: items(20) },
    });
  });

  it("has nothing to do where the target is 0", async () => {
    await using host = await createTestHost({ extension: "." });
    const job = await host.dispatch("counter");
    expect(await job.done()).toMatchObject({ status: "completed", metrics: { items: 0 } });
  });

  it("keeps where it was when it is paused, and goes on from there", async () => {
    await using host = await createTestHost({ extension: "." });
    const job = await host.dispatch("counter", { target: 3000 });
    await job.until((update) => update.checkpoint > 2);
    await job.pause();
    const paused = await job.record();
    expect(paused.status).toBe("paused");
    // Proof: the state is the extension's CounterState.
    const { current, processed } = paused.state as { current: number; processed: string[] };
    expect(processed).toEqual(items(current));
    expect(paused.metrics.items).toBe(current);

    await job.resume();
    expect(await job.done()).toMatchObject({ status: "completed", metrics: { items: 3000 }, state: { current: 3000 } });
  });

  it("ends for good when it is cancelled", async () => {
    await using host = await createTestHost({ extension: "." });
    const job = await host.dispatch("counter", { target: 100_000 });
    await job.until((update) => update.checkpoint > 0);
    await job.cancel();
    expect((await job.done()).status).toBe("cancelled");
    await expect(job.resume()).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
  });

  it("goes on from its last checkpoint after its host was killed", async () => {
    await using host = await createTestHost({ extension: "." });
    const job = await host.dispatch("counter", { target: 3000 });
    const killedAt = await host.killWhen(job, (update) => update.checkpoint >= 5);

    await host.restart();
    expect((await job.record()).checkpoint).toBeGreaterThanOrEqual(killedAt.checkpoint);
    const end = await job.done();
    expect(end).toMatchObject({ status: "completed", attempt: 2, metrics: { items: 3000 } });
    expect(end.state).toEqual({ current: 3000, target: 3000, processed: items(3000) });
  });
});
