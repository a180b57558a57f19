import { SpacedriveError } from "@spacedrive/wire";
import { expect, test } from "vitest";
import type { JobOutcome } from "../src/index.js";
import { createWorld, type JournalHost, startHost, type World } from "./journal-host.js";
import { COMPLETED, FAILED, INTERRUPTED, type ScriptedAttempt } from "./scripted-job.js";
import { settled } from "./settled.js";

const WAKE = "action:jobs.wake_when";
const SLEEP = { after_ms: 60_000 };
const TRAPPED: JobOutcome = { kind: "failed", error: new SpacedriveError("GUEST_TRAPPED", "unreachable") };

async function begin(host: JournalHost, options: { readonly deadlineMs?: number } = {}): Promise<ScriptedAttempt> {
  await host.manager.dispatch("test.job", 0, { library: host.world.library, ...options });
  return host.script.next();
}

/** Ends an attempt that has asked to be woken and not yet checkpointed, and answers the host of the next one. */
type Ending = (host: JournalHost, attempt: ScriptedAttempt, world: World) => Promise<JournalHost>;

const ENDINGS: Readonly<Record<string, Ending>> = {
  "that fails and is retried by hand": async (host, attempt) => {
    const job = await host.manager.get(attempt.context.id);
    attempt.end(FAILED);
    expect(await job.done()).toMatchObject({ status: "failed" });
    await host.manager.retry(job.id);
    return host;
  },
  "whose deadline is over and that is retried by hand": async (host, attempt) => {
    const job = await host.manager.get(attempt.context.id);
    attempt.context.signal.addEventListener("abort", () => attempt.end(INTERRUPTED));
    host.clock.advance(100_000);
    expect(await job.done()).toMatchObject({ status: "failed", error: { code: "TIMEOUT" } });
    await host.manager.retry(job.id);
    return host;
  },
  "that traps": async (host, attempt) => {
    attempt.end(TRAPPED);
    await settled();
    host.clock.advance(2_000);
    return host;
  },
  "whose host dies": (_host, _attempt, world) => startHost(world),
  "that is paused": async (host, attempt) => {
    const paused = host.manager.pause(attempt.context.id);
    attempt.end(INTERRUPTED);
    await paused;
    await host.manager.resume(attempt.context.id);
    return host;
  },
};

test.each(Object.entries(ENDINGS))(
  "a job %s between its wake-up's order and the checkpoint is suspended by its next attempt",
  async (_name, endWith) => {
    await using world = await createWorld();
    await using first = await startHost(world);
    const attempt = await begin(first, { deadlineMs: 100_000 });
    await attempt.context.call(WAKE, SLEEP);
    const host = await endWith(first, attempt, world);
    const second = await host.script.next();
    await second.context.call(WAKE, SLEEP);
    await second.context.checkpoint('"asleep"');
    const job = await host.manager.get(second.context.id);
    second.end({ kind: "suspended" });
    for await (const { status } of job.updates()) if (status !== "running") break;
    expect((await job.record()).error).toBeNull();
    host.clock.advance(60_000);
    const third = await host.script.next();
    expect(third.state).toBe('"asleep"');
    third.end(COMPLETED);
    expect(await job.done()).toMatchObject({ status: "completed", wake: null });
    if (host !== first) await host[Symbol.asyncDispose]();
  },
);

test("a job that traps after the checkpoint for its wait waits on, and has its whole wait", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const attempt = await begin(host);
  await attempt.context.call(WAKE, SLEEP);
  await attempt.context.checkpoint('"asleep"');
  const job = await host.manager.get(attempt.context.id);
  attempt.end(TRAPPED);
  await settled();
  for await (const { status } of job.updates()) if (status !== "running") break;
  expect(await job.record()).toMatchObject({ status: "suspended", wake: { checkpoint: 1 } });
  host.clock.advance(59_999);
  await settled();
  expect(host.script.begun).toBe(0);
  host.clock.advance(1);
  const second = await host.script.next();
  expect(second.state).toBe('"asleep"');
  second.end(COMPLETED);
});

test("a retry by hand of a job that failed after the checkpoint for its wait goes on without it", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const attempt = await begin(host);
  await attempt.context.call(WAKE, SLEEP);
  await attempt.context.checkpoint('"asleep"');
  const job = await host.manager.get(attempt.context.id);
  attempt.end(FAILED);
  expect(await job.done()).toMatchObject({ status: "failed", wake: null });
  await host.manager.retry(job.id);
  const second = await host.script.next();
  expect(second.state).toBe('"asleep"');
  second.end(COMPLETED);
});
