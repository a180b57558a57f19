import { localUser } from "@spacedrive/wire";
import { expect, test } from "vitest";
import type { JobInfo } from "../src/index.js";
import { type JobHost, openJobHost } from "./job-host.js";
import { createWorld, startHost } from "./journal-host.js";
import { COMPLETED, FAILED, INTERRUPTED, ScriptedJob } from "./scripted-job.js";

async function openScriptedHost(): Promise<JobHost & { readonly script: ScriptedJob }> {
  const host = await openJobHost();
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  return { ...host, script };
}

test("a resume is answered once the job's claim is durable, while its attempt goes on", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const { manager, script, store } = host;
  const { library } = world;
  const job = await manager.dispatch("test.job", 0, { library });
  // The claim is under way.
  expect((await manager.resume(job.id)).status).toBe("running");
  const first = await script.next();
  const paused = manager.pause(job.id);
  first.end(INTERRUPTED);
  await paused;
  await manager.resume(job.id);
  expect((await manager.resume(job.id)).status).toBe("running");
  expect((await store.get(job.id))?.status).toBe("running");
  (await script.next()).end(COMPLETED);
  await job.done();
});

test("a resume of a job that is cancelled before its claim is answered how it is", async () => {
  await using host = await openScriptedHost();
  const { manager, library, script } = host;
  const job = await manager.dispatch("test.job", 0, { library });
  const cancelling = manager.cancel(job.id);
  const resumed = await manager.resume(job.id);
  expect(resumed.status).toMatch(/^(running|cancelled)$/);
  if (script.begun > 0) (await script.next()).end(INTERRUPTED);
  expect((await cancelling).status).toBe("cancelled");
});

/** What each of three equal orders at once answers. */
async function thrice(order: () => Promise<JobInfo>): Promise<string[]> {
  return (await Promise.all([order(), order(), order()])).map(({ status }) => status);
}

test.each(["in memory", "in a database"])(
  "equal orders at once are all answered that their goal is reached, %s",
  async (place) => {
    await using world = await createWorld();
    await using memory = await openScriptedHost();
    await using stored = await startHost(world);
    const { manager, script, library } = place === "in memory" ? memory : { ...stored, library: stored.world.library };
    const job = await manager.dispatch("test.job", 0, { library });
    const first = await script.next();
    const pausing = thrice(() => manager.pause(job.id));
    first.end(INTERRUPTED);
    expect(await pausing).toEqual(["paused", "paused", "paused"]);
    for (const status of await thrice(() => manager.resume(job.id))) expect(status).toMatch(/^(queued|running)$/);
    const second = await script.next();
    second.end(FAILED);
    await job.done();
    for (const status of await thrice(() => manager.retry(job.id))) expect(status).toMatch(/^(queued|running)$/);
    const third = await script.next();
    expect(third.context.attempt).toBe(3);
    const again = manager.pause(job.id);
    third.end(INTERRUPTED);
    await again;
    expect(await thrice(() => manager.cancel(job.id))).toEqual(["cancelled", "cancelled", "cancelled"]);
    await expect(manager.retry(job.id)).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
  },
);

test("a retry of a job that has not failed is refused", async () => {
  await using host = await openScriptedHost();
  const { manager, library, script } = host;
  const job = await manager.dispatch("test.job", 0, { library });
  const attempt = await script.next();
  await expect(manager.retry(job.id)).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
  attempt.end(COMPLETED);
  await job.done();
  await expect(manager.retry(job.id)).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
});

test("equal orders of operations at once are all answered", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const job = await host.manager.dispatch("test.job", 0, { library: world.library });
  (await host.script.next()).end(FAILED);
  await job.done();
  const options = { caller: localUser, library: world.library };
  const order = (name: string): Promise<unknown> => host.wire.call(`action:jobs.${name}`, { job_id: job.id }, options);
  const retried = await Promise.all([order("retry"), order("retry"), order("retry")]);
  expect(retried).toHaveLength(3);
  const attempt = await host.script.next();
  const pausing = host.manager.pause(job.id);
  attempt.end(INTERRUPTED);
  await pausing;
  const cancelled = { job_id: job.id, status: "cancelled" };
  expect(await Promise.all([order("cancel"), order("cancel")])).toEqual([cancelled, cancelled]);
});
