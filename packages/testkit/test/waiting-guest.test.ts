import { createTestHost, type TestHost, type TestHostOptions, type TestJob, VirtualClock } from "@spacedrive/testkit";
import { parseJobId } from "@spacedrive/wire";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compileExtension } from "./compiled-extension.js";

const PARTS = 12;
/** 1 + 4 + 9 + … */
const SUM = (PARTS * (PARTS + 1) * (2 * PARTS + 1)) / 6;

let gather: Awaited<ReturnType<typeof compileExtension>>;

beforeAll(async () => {
  gather = await compileExtension("gather");
}, 60_000);
afterAll(() => gather[Symbol.dispose]());

function open(options: TestHostOptions = {}): Promise<TestHost> {
  return createTestHost({ extension: gather.folder, ...options });
}

async function expectGathered(host: TestHost, job: TestJob): Promise<void> {
  const end = await job.done();
  expect(end).toMatchObject({ status: "completed", result: { sum: SUM, ended: PARTS } });
  // Its first attempt, and the one that was woken.
  expect(end.attempt).toBe(2);
  const children = await host.jobs({ parent: end.id });
  expect(children.map(({ status, metrics }) => `${status} ${metrics.items}`)).toEqual(
    Array.from({ length: PARTS }, () => "completed 1"),
  );
  const parts = (await host.entries({ entry_type: "part" })).map(({ name }) => name).toSorted();
  expect(parts).toEqual(Array.from({ length: PARTS }, (_, n) => `part-${n + 1}`).toSorted());
}

async function childrenOf(host: TestHost, job: TestJob): Promise<string[]> {
  return (await host.jobs({ parent: parseJobId(job.id) })).map(({ id }) => id);
}

it("adds up what a guest's children answer, and wakes it once", { timeout: 60_000 }, async () => {
  await using host = await open();
  const job = await host.dispatch("gather", { parts: PARTS });
  await job.until(({ status }) => status === "suspended");
  expect((await job.record()).waitingFor).toBe("its children");
  await expectGathered(host, job);
});

it("does so where its host is killed while it waits, and while its children run", { timeout: 60_000 }, async () => {
  await using host = await open();
  const job = await host.dispatch("gather", { parts: PARTS });
  await host.killWhen(job, ({ status }) => status === "suspended");
  await host.restart();
  const [last = ""] = await childrenOf(host, job);
  await host.killWhen(host.job(last), ({ checkpoint }) => checkpoint >= 40);
  await host.restart();
  await host.killWhen(host.job(last), ({ checkpoint }) => checkpoint >= 160);
  await host.restart();
  await expectGathered(host, job);
});

it("wakes a guest by an event that another job emits, also after its host was killed", {
  timeout: 60_000,
}, async () => {
  await using host = await open();
  await host.call("action:jobs.emit_event.input.v1", { name: "gather:announced", payload: ["too", "early"] });
  const job = await host.dispatch("listen", {});
  await host.killWhen(job, ({ status }) => status === "suspended");
  await host.restart();
  expect(await job.record()).toMatchObject({ status: "suspended", waitingFor: "event gather:announced" });
  const announced = await host.dispatch("announce", { words: ["grüße", "🌍"] });
  expect(await announced.done()).toMatchObject({ status: "completed", result: 2 });
  expect(await job.done()).toMatchObject({
    status: "completed",
    attempt: 2,
    result: { number: 2, words: ["grüße", "🌍"] },
  });
});

it("gives a guest's wait for an event its time-out, by the clock of the test", { timeout: 60_000 }, async () => {
  const clock = new VirtualClock();
  await using host = await open({ inProcess: true, clock });
  const hour = { timeout_ms: 3_600_000 };
  const late = await host.dispatch("listen", hour);
  await late.until(({ status }) => status === "suspended");
  clock.advance(3_599_999);
  expect((await late.record()).status).toBe("suspended");
  clock.advance(1);
  expect(await late.done()).toMatchObject({ status: "completed", attempt: 2, result: { number: 0, words: [] } });

  const early = await host.dispatch("listen", hour);
  await early.until(({ status }) => status === "suspended");
  clock.advance(1_800_000);
  await (await host.dispatch("announce", { words: ["now"] })).done();
  expect(await early.done()).toMatchObject({ status: "completed", result: { number: 1, words: ["now"] } });
});
