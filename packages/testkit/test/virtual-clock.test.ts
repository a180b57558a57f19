import { createTestHost, type TestHost, type TestHostOptions, type TestJob, VirtualClock } from "@spacedrive/testkit";
import { defineQuery } from "@spacedrive/runtime";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { buildMarker } from "./marker-extension.js";

const START = 1_800_000_000_000;
const HOUR = 3_600_000;

let marker: Awaited<ReturnType<typeof buildMarker>>;

beforeAll(async () => {
  marker = await buildMarker();
});
afterAll(() => marker[Symbol.dispose]());

function open(clock: VirtualClock, options: TestHostOptions = {}): Promise<TestHost> {
  return createTestHost({ extension: marker.folder, inProcess: true, clock, ...options });
}

/** Starts a job that is silent from then on. */
async function dispatchBrood(host: TestHost): Promise<TestJob> {
  const job = await host.dispatch("brood", "");
  while (!host.logged().includes("the marker speaks")) await new Promise((resolve) => setImmediate(resolve));
  return job;
}

it("tells guests and applications the time of the test", async () => {
  const clock = new VirtualClock(START);
  await using host = await open(clock);
  expect(await host.call("query:host.now.v1", {})).toEqual({ unix_ms: START });
  clock.advance(24 * HOUR);
  expect(await host.call("query:host.now.v1", {})).toEqual({ unix_ms: START + 24 * HOUR });
});

it("lets a job that sleeps wake when its time has come, and not before", async () => {
  const clock = new VirtualClock(START);
  await using host = await open(clock);
  const job = await host.dispatch("nap", "");
  await job.until(({ status }) => status === "suspended");
  clock.advance(HOUR - 1);
  expect(await job.record()).toMatchObject({ status: "suspended", state: "slept" });
  clock.advance(1);
  expect(await job.done()).toMatchObject({ status: "completed", attempt: 2, endedAt: START + HOUR });
});

it("lets a sleep end over a restart of the host", async () => {
  const clock = new VirtualClock(START);
  await using host = await open(clock);
  const job = await host.dispatch("nap", "");
  await job.until(({ status }) => status === "suspended");
  await host.restart();
  expect((await job.record()).status).toBe("suspended");
  clock.advance(HOUR);
  expect((await job.done()).status).toBe("completed");
});

it("tries a failed attempt again after the backoff", async () => {
  const clock = new VirtualClock(START);
  await using host = await open(clock);
  const job = await dispatchBrood(host);
  clock.advance(30_000);
  const waiting = await job.until(({ status, attempt }) => status === "queued" && attempt === 1);
  expect(waiting?.waitingFor).toMatch(/next attempt/);
  const { notBefore } = await job.record();
  expect(notBefore).toBeGreaterThanOrEqual(START + 30_500);
  expect(notBefore).toBeLessThanOrEqual(START + 31_000);
  clock.advance(1000);
  await job.until(({ status, attempt }) => status === "running" && attempt === 2);
  await job.cancel();
});

it("tries an attempt again that met a full disk, after a longer wait that is held against no job", async () => {
  const clock = new VirtualClock(START);
  await using host = await open(clock, { faults: [{ fault: "disk-full", operation: "write", at: 3 }] });
  const job = await host.dispatch("mark", "");
  await job.until(({ status, attempt }) => status === "queued" && attempt === 1);
  const { notBefore } = await job.record();
  expect(notBefore).toBeGreaterThanOrEqual(START + 4000);
  expect(notBefore).toBeLessThanOrEqual(START + 8000);
  clock.advance(8000);
  expect(await job.done()).toMatchObject({ status: "completed", attempt: 2 });
});

it("ends a job at its deadline", async () => {
  const clock = new VirtualClock(START);
  await using host = await open(clock);
  const job = await host.dispatch("nap", "", { deadlineMs: 60_000 });
  await job.until(({ status }) => status === "suspended");
  clock.advance(59_999);
  expect((await job.record()).status).toBe("suspended");
  clock.advance(1);
  expect(await job.done()).toMatchObject({ status: "failed", error: { code: "TIMEOUT" }, endedAt: START + 60_000 });
});

it("stops a job that has said nothing for its silence limit", async () => {
  const clock = new VirtualClock(START);
  await using host = await open(clock);
  const job = await dispatchBrood(host);
  clock.advance(30_000);
  await job.until(({ status }) => status === "queued");
  expect(await job.record()).toMatchObject({ status: "queued", attempt: 1, error: { code: "JOB_STALLED" } });
  await job.cancel();
});

it("lets a job that is at work go on, however long the test lets pass", async () => {
  const clock = new VirtualClock(START);
  await using host = await open(clock);
  const job = await host.dispatch("mark", "");
  const done = job.done();
  for (let hours = 0; hours < 20; hours++) {
    clock.advance(HOUR);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await done).toMatchObject({ status: "completed", attempt: 1 });
});

it("gives an extension its calls per minute of the test's minutes", async () => {
  const clock = new VirtualClock(START);
  await using host = await open(clock, { operations: new URL("fixtures/weather.ts", import.meta.url) });
  const ask = (): Promise<unknown> => host.call("query:marker:weather.v1", { city: "Oslo" });
  for (let calls = 0; calls < 6; calls++) await ask();
  await expect(ask()).rejects.toMatchObject({ code: "RATE_LIMITED", details: { retry_after_ms: 10_000 } });
  clock.advance(9_999);
  await expect(ask()).rejects.toMatchObject({ code: "RATE_LIMITED", details: { retry_after_ms: 1 } });
  clock.advance(1);
  expect(await ask()).toEqual({ celsius: 4 });
});

it("stops an operation at its time limit", async () => {
  const clock = new VirtualClock(START);
  const asked = Promise.withResolvers<void>();
  const forever = defineQuery({
    name: "app.weather",
    scope: "host",
    timeoutMs: HOUR,
    input: z.object({}),
    output: z.object({}),
    run: () => {
      asked.resolve();
      return new Promise<never>(() => {});
    },
  });
  await using host = await open(clock, { operations: [forever] });
  const answer = host.call("query:app.weather.v1", {});
  answer.catch(() => {});
  await asked.promise;
  clock.advance(HOUR - 1);
  expect(await Promise.race([answer, Promise.resolve("waiting")])).toBe("waiting");
  clock.advance(1);
  await expect(answer).rejects.toMatchObject({ code: "TIMEOUT" });
});

it("dates jobs, their histories and what stands in the library by it", async () => {
  const clock = new VirtualClock(START);
  await using host = await open(clock);
  const entry = { name: "a", path: "a", entry_type: "note" };
  expect(await host.call("action:vdfs.create_entry.input.v1", entry)).toMatchObject({ created_at: START });
  const job = await host.dispatch("nap", "");
  await job.until(({ status }) => status === "suspended");
  clock.advance(HOUR);
  expect(await job.done()).toMatchObject({ createdAt: START, startedAt: START, endedAt: START + HOUR });
  const history = z
    .object({ entries: z.array(z.object({ at: z.number() })) })
    .parse(await host.call("query:jobs.history.v1", { job_id: job.id }));
  expect(new Set(history.entries.map(({ at }) => at))).toEqual(new Set([START, START + HOUR]));
});

it("keeps a sleep as long as it was where the clock is set back", async () => {
  const clock = new VirtualClock(START);
  await using host = await open(clock);
  const job = await host.dispatch("nap", "");
  await job.until(({ status }) => status === "suspended");
  await host.faults.set({ fault: "clock-back", byMs: 24 * HOUR });
  // A host that cannot trust its clock counts its own waits, none of them longer than a minute.
  for (let minutes = 0; minutes < 59; minutes++) clock.advance(60_000);
  expect((await job.record()).status).toBe("suspended");
  while ((await job.record()).status === "suspended") clock.advance(60_000);
  expect(await job.done()).toMatchObject({ status: "completed", attempt: 2 });
});

it("needs nobody to move it for the host to close, though a job does not end", { timeout: 60_000 }, async () => {
  const clock = new VirtualClock(START);
  const host = await open(clock);
  const job = await dispatchBrood(host);
  const done = job.done();
  done.catch(() => {});
  await host[Symbol.asyncDispose]();
  await expect(done).rejects.toMatchObject({ code: "CLOSED" });
});

it("is refused where another process would have to read it", async () => {
  await expect(createTestHost({ clock: new VirtualClock() })).rejects.toMatchObject({ code: "INVALID_INPUT" });
});
