import { type JobId, localUser } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import type { JobRecord } from "../src/index.js";
import { createWorld, type JournalHost, startHost } from "./journal-host.js";
import { newJobIn } from "./new-job.js";
import { COMPLETED } from "./scripted-job.js";
import { settled } from "./settled.js";

const OVER = Number.MAX_SAFE_INTEGER;

async function list(host: JournalHost): Promise<Map<string, { status: string; failure: string | null }>> {
  const reply = await host.wire.call("query:jobs.list", {}, { caller: localUser, library: host.world.library });
  const failure = z.object({ code: z.string() }).nullable();
  const { jobs } = z
    .object({ jobs: z.array(z.object({ job_id: z.string(), status: z.string(), failure })) })
    .parse(reply);
  return new Map(jobs.map((job) => [job.job_id, { status: job.status, failure: job.failure?.code ?? null }]));
}

/** Spoils a column of a stored job. */
function spoil(host: JournalHost, id: JobId, assignment: string): Promise<unknown> {
  return host.database.transaction((tx) => tx.run(`UPDATE jobs SET ${assignment} WHERE id = ?`, id));
}

const WAIT: Partial<JobRecord> = {
  status: "suspended",
  wake: { condition: { at: 2_000, due: null, children: null, event: null }, checkpoint: 0, call: 0 },
};

test.each<[column: string, given: Partial<JobRecord>]>([
  ["wake = '{'", WAIT],
  ["wake = 'null'", WAIT],
  ["wake_checkpoint = -1", WAIT],
  ["status = 'flying'", {}],
  ["status = 'flying'", WAIT],
  ["consumed = -1", {}],
  ["consumed = -1", { status: "running", attempt: 1 }],
  ["parent = 'nobody'", {}],
  ["checkpointed = '[]', items = -5", { status: "paused" }],
  [`attempt = ${OVER}0`, {}],
])(
  "a job whose row cannot be read (%s, %j) hides no other, does not run, and can be cancelled",
  async (column, given) => {
    await using world = await createWorld();
    await using first = await startHost(world);
    const bad = newJobIn(world.library, { ...given, state: "7" });
    await first.store.insert(newJobIn(world.library, { status: "paused", priority: 3 }));
    await first.store.insert(bad);
    await spoil(first, bad.id, column);
    await using host = await startHost(world);
    const good = await host.manager.dispatch("test.job", 1, { library: world.library });
    const attempt = await host.script.next();
    expect(attempt.context.id).toBe(good.id);
    attempt.end(COMPLETED);
    await good.done();
    await settled();
    expect(host.script.begun).toBe(0);
    expect((await list(host)).get(bad.id)?.failure).toBe("STORE_CORRUPT");
    expect((await list(host)).size).toBe(3);
    expect(await (await host.manager.get(bad.id)).record()).toMatchObject({
      unreadable: true,
      state: "7",
      waitingFor: expect.stringContaining("cannot be read"),
    });
    await expect(host.manager.retry(bad.id)).rejects.toMatchObject({
      code: expect.stringMatching(/^(STORE_CORRUPT|INVALID_TRANSITION)$/),
    });
    const options = { caller: localUser, library: world.library };
    expect(await host.wire.call("action:jobs.cancel", { job_id: bad.id }, options)).toEqual({
      job_id: bad.id,
      status: "cancelled",
    });
    expect((await list(host)).get(bad.id)?.status).toBe("cancelled");
  },
);

test("a time too large for a number is read as a large one, as an older version may have stored it", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const job = newJobIn(world.library, { status: "paused" });
  await host.store.insert(job);
  await spoil(host, job.id, `deadline_ms = ${OVER}, deadline = ${OVER} + 1000`);
  expect([...(await list(host)).values()]).toEqual([{ status: "paused", failure: null }]);
  await host.manager.resume(job.id);
  (await host.script.next()).end(COMPLETED);
  expect(await (await host.manager.get(job.id)).done()).toMatchObject({ status: "completed" });
});

test("a parent that cannot be read is not touched by its child's end", async () => {
  await using world = await createWorld();
  await using host = await startHost(world);
  const condition = { at: null, due: null, children: "all", event: null } as const;
  const parent = newJobIn(world.library, { status: "suspended", wake: { condition, checkpoint: 0, call: 0 } });
  const child = newJobIn(world.library, { status: "paused", parent: parent.id });
  await host.store.insert(parent);
  await host.store.insert(child);
  await spoil(host, parent.id, "consumed = -1");
  await host.manager.resume(child.id);
  (await host.script.next()).end(COMPLETED);
  expect(await (await host.manager.get(child.id)).done()).toMatchObject({ status: "completed" });
  expect((await list(host)).get(parent.id)).toEqual({ status: "suspended", failure: "STORE_CORRUPT" });
});
