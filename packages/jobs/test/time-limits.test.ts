import { isSpacedriveError, localUser, type Wire } from "@spacedrive/wire";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { MAX_DELAY_MS, type WakeWhen } from "../src/index.js";
import { createWorld, type JournalHost, startHost } from "./journal-host.js";
import { COMPLETED } from "./scripted-job.js";

const DISPATCH = "action:jobs.dispatch";
const WAKE = "action:jobs.wake_when";
const LATEST = 8.64e15;

/** All that anybody can look at can be looked at, in this process and by the next one. */
async function expectReadable(host: JournalHost): Promise<void> {
  const { wire, world, manager, store } = host;
  const options = { caller: localUser, library: world.library };
  const { jobs } = z
    .object({ jobs: z.array(z.object({ job_id: z.string(), failure: z.null() })) })
    .parse(await wire.call("query:jobs.list", {}, options));
  expect(jobs.length).toBe(1);
  for (const { job_id } of jobs) await wire.call("query:jobs.get_status", { job_id }, options);
  expect((await manager.list()).map(({ status }) => status)).toEqual(
    (await store.list({}, 9)).map((job) => job.status),
  );
}

function callsOf(wire: Wire, { world }: JournalHost): (method: string, input: unknown) => Promise<unknown> {
  return (method, input) => wire.call(method, input, { caller: localUser, library: world.library });
}

describe("the longest delay, a hundred years, is stored and read, and one that is longer refused with the limit", () => {
  test("as the deadline of a job that an operation begins", async () => {
    await using world = await createWorld();
    await using host = await startHost(world);
    const call = callsOf(host.wire, host);
    for (const deadline_ms of [MAX_DELAY_MS + 1, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE]) {
      await expect(call(DISPATCH, { job_type: "test.job", deadline_ms })).rejects.toMatchObject({
        code: "INVALID_INPUT",
        message: expect.stringMatching(deadline_ms <= Number.MAX_SAFE_INTEGER ? `${MAX_DELAY_MS}` : /deadline_ms/),
      });
    }
    await expect(call(DISPATCH, { job_type: "test.job", deadline_ms: `${2n ** 64n - 1n}` })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining(`${MAX_DELAY_MS}`),
    });
    await call(DISPATCH, { job_type: "test.job", deadline_ms: `${MAX_DELAY_MS}`, priority: Number.MAX_SAFE_INTEGER });
    await expectReadable(host);
    (await host.script.next()).end(COMPLETED);
  });

  test("as the deadline of a job that the host begins", async () => {
    await using world = await createWorld();
    await using host = await startHost(world);
    const { manager } = host;
    const { library } = world;
    for (const deadlineMs of [MAX_DELAY_MS + 1, Number.MAX_SAFE_INTEGER]) {
      await expect(manager.dispatch("test.job", 1, { library, deadlineMs })).rejects.toMatchObject({
        code: "INVALID_INPUT",
        message: expect.stringContaining(String(MAX_DELAY_MS)),
      });
    }
    await manager.dispatch("test.job", 1, { library, deadlineMs: MAX_DELAY_MS });
    await expectReadable(host);
    (await host.script.next()).end(COMPLETED);
  });

  test.each<[input: object, when: WakeWhen, good: boolean]>([
    [{ after_ms: MAX_DELAY_MS }, { afterMs: MAX_DELAY_MS }, true],
    [{ after_ms: `${MAX_DELAY_MS}` }, { afterMs: MAX_DELAY_MS }, true],
    [{ at_unix_ms: "5000", event: { name: "a.b", after: "7" } }, { at: 5_000 }, true],
    [{ after_ms: "18446744073709551615" }, { afterMs: 2 ** 64 }, false],
    [{ after_ms: "" }, { afterMs: -1 }, false],
    [{ after_ms: "1e3" }, { afterMs: -1 }, false],
    [{ after_ms: MAX_DELAY_MS + 1 }, { afterMs: MAX_DELAY_MS + 1 }, false],
    [{ after_ms: Number.MAX_VALUE }, { afterMs: Number.MAX_VALUE }, false],
    [{ at_unix_ms: LATEST }, { at: LATEST }, true],
    [{ at_unix_ms: -LATEST, children: "ended" }, { at: -LATEST }, true],
    [{ at_unix_ms: LATEST + 1 }, { at: LATEST + 1 }, false],
    [{ at_unix_ms: -1e300 }, { at: -1e300 }, false],
    [{ event: { name: "a.b", after: Number.MAX_SAFE_INTEGER } }, { event: { name: "a.b", after: 1 } }, true],
    [{ event: { name: "a.b", after: 2 ** 53 } }, { event: { name: "a.b", after: 2 ** 53 } }, false],
  ])("as the wait of a job: %j", async (input, when, good) => {
    await using world = await createWorld();
    await using host = await startHost(world);
    const job = await host.manager.dispatch("test.job", 1, { library: world.library });
    const attempt = await host.script.next();
    const asked = attempt.context.call(WAKE, input).then(
      () => "taken",
      (error: unknown) => isSpacedriveError(error) && error.code,
    );
    expect(await asked).toBe(good ? "taken" : "INVALID_INPUT");
    await expectReadable(host);
    attempt.end({ kind: "suspended", state: "2", until: when });
    for await (const { status } of job.updates()) if (status !== "running") break;
    const [ended] = await host.manager.list();
    expect([ended?.status === "failed", ended?.error?.code]).toEqual(
      good ? [false, undefined] : [true, "INVALID_INPUT"],
    );
  });
});
