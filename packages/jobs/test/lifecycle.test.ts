import { createLibraryId, defineQuery, parseJson, SpacedriveError } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import { MemoryJobStore } from "../src/index.js";
import { openJobHost } from "./job-host.js";
import { COMPLETED, FAILED, INTERRUPTED, ScriptedJob } from "./scripted-job.js";
import { startJob } from "./start-job.js";

const whoami = defineQuery({
  name: "test.whoami",
  scope: "library",
  input: z.object({}),
  output: z.object({ caller: z.string(), job: z.string().nullable(), library: z.string() }),
  run: (ctx) => ({ caller: ctx.caller.kind, job: ctx.job?.id ?? null, library: ctx.library }),
});

test("a job's parameters are its first state, and its result is what it answered", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host, { target: 3 });
  expect(attempt.state).toBe('{"target":3}');
  attempt.end({ kind: "completed", result: '{"n":3}' });
  expect(await job.done()).toMatchObject({ status: "completed", result: '{"n":3}', progress: 1, error: null });
});

test("a job without parameters starts without a state", async () => {
  await using host = await openJobHost();
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  await host.manager.dispatch("test.job", undefined, { library: host.library });
  expect((await script.next()).state).toBeNull();
});

test("a job that fails keeps its reason and its last report", async () => {
  await using host = await openJobHost();
  const { job, attempt } = await startJob(host, {});
  attempt.context.reportProgress(0.4, "at four");
  attempt.context.addWarning("odd");
  attempt.end(FAILED);
  expect(await job.done()).toMatchObject({
    status: "failed",
    error: { code: "JOB_FAILED", message: "it did not work" },
    progress: 0.4,
    message: "at four",
    warnings: ["odd"],
  });
});

test("what a handler throws fails its job and nothing else", async () => {
  await using host = await openJobHost();
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  const [first, second] = await Promise.all([
    host.manager.dispatch("test.job", {}, { library: host.library }),
    host.manager.dispatch("test.job", {}, { library: host.library }),
  ]);
  (await script.next()).throw(new TypeError("x is undefined"));
  (await script.next()).end(COMPLETED);
  expect((await first.done()).error?.message).toContain("x is undefined");
  expect((await second.done()).status).toBe("completed");
});

test("a job that ends as interrupted though nobody interrupted it has failed", async () => {
  await using host = await openJobHost();
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  const job = await host.manager.dispatch("test.job", {}, { library: host.library });
  (await script.next()).end(INTERRUPTED);
  expect(await job.done()).toMatchObject({ status: "failed", error: { message: expect.stringContaining("nobody") } });
});

test("a checkpoint is stored byte for byte once it resolves, with what was reported before it", async () => {
  await using host = await openJobHost();
  const { id, context } = await startJob(host, {});
  context.reportProgress(0.5, "half");
  context.incrementItems(5);
  const saved = context.checkpoint('{ "n" : 5.0 }');
  context.incrementItems(100);
  await saved;
  expect(await host.store.get(id)).toMatchObject({
    state: '{ "n" : 5.0 }',
    checkpoint: 1,
    progress: 0.5,
    metrics: { items: 5 },
    attemptsSinceProgress: 0,
  });
});

test.each(["", "{", "undefined", '{"a":1}x', '"\ud800"'])(
  "a checkpoint of %j is refused, and the job goes on",
  async (state) => {
    await using host = await openJobHost();
    const script = new ScriptedJob();
    host.manager.register("test.job", script);
    const job = await host.manager.dispatch("test.job", { a: 1 }, { library: host.library });
    const attempt = await script.next();
    await expect(attempt.context.checkpoint(state)).rejects.toMatchObject({ code: "INVALID_STATE" });
    attempt.end(COMPLETED);
    expect(await job.done()).toMatchObject({ status: "completed", state: '{"a":1}', checkpoint: 0 });
  },
);

test("calls of a native job are made as the job, on its library", async () => {
  await using host = await openJobHost({ operations: [whoami] });
  const { id, context } = await startJob(host, {});
  expect(await context.call(whoami, {})).toEqual({ caller: "job", job: id, library: host.library });
  expect(context.identity).toEqual({ id, type: "test.job", attempt: 1, library: host.library });
});

test("calls of an extension's job are made as the extension, which has no grants here", async () => {
  await using host = await openJobHost({ operations: [whoami] });
  const script = new ScriptedJob({ extension: "finance" });
  host.manager.register("finance:import", script);
  await host.manager.dispatch("finance:import", {}, { library: host.library });
  const { context } = await script.next();
  await expect(context.call(whoami, {})).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  expect(await context.callJson("query:test.whoami.v1", "{}", host.library)).toContain("PERMISSION_DENIED");
});

test("calls and checkpoints of one job run one after another, in the order they were made", async () => {
  const store = new MemoryJobStore();
  const seen: unknown[] = [];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = defineQuery({
    name: "test.slow",
    scope: "host",
    input: z.object({ n: z.int() }),
    output: z.object({}),
    async run(ctx, { n }) {
      const stored = ctx.job === null ? null : await store.get(ctx.job.id);
      seen.push([n, stored?.state]);
      await gates[n]?.promise;
      return {};
    },
  });
  await using host = await openJobHost({ operations: [slow], store });
  const { context } = await startJob(host, {});
  const all = [
    context.call(slow, { n: 0 }),
    context.checkpoint("1"),
    context.callJson("query:test.slow.v1", '{"n":1}', null),
  ];
  gates[1]?.resolve();
  gates[0]?.resolve();
  await Promise.all(all);
  expect(seen).toEqual([
    [0, "{}"],
    [1, "1"],
  ]);
});

test("a job's action on another library is refused before it is made", async () => {
  await using host = await openJobHost();
  const { context } = await startJob(host, {});
  const reply = await context.callJson("action:vdfs.create_entry.input.v1", "{}", createLibraryId());
  expect(parseJson(reply, "the reply")).toMatchObject({ code: "LIBRARY_ACCESS_DENIED" });
});

test("a context is void once its attempt has ended", async () => {
  await using host = await openJobHost({ operations: [whoami] });
  const { job, attempt } = await startJob(host, {});
  const { context } = attempt;
  attempt.end(COMPLETED);
  const done = await job.done();
  await expect(context.checkpoint("1")).rejects.toMatchObject({ code: "JOB_NOT_RUNNING" });
  await expect(context.call(whoami, {})).rejects.toMatchObject({ code: "JOB_NOT_RUNNING" });
  expect(await context.callJson("query:test.whoami.v1", "{}", null)).toContain("JOB_NOT_RUNNING");
  expect(context.signal.aborted).toBe(true);
  context.reportProgress(0.1, "late");
  context.addWarning("late");
  expect(await job.record()).toEqual(done);
});

test("the registry knows a running job's context, and refuses what is not running or another's", async () => {
  await using host = await openJobHost();
  const script = new ScriptedJob({ extension: "finance" });
  host.manager.register("finance:import", script);
  const job = await host.manager.dispatch("finance:import", {}, { library: host.library });
  const attempt = await script.next();
  const { contexts } = host.manager;
  expect(contexts.find(job.id, "finance")).toBe(attempt.context);
  expect(contexts.find(job.id.toUpperCase(), "finance")).toBe(attempt.context);
  for (const [id, extension] of [
    [job.id, "mail"],
    [job.id, null],
    ["__proto__", "finance"],
    ["", "finance"],
  ] as const) {
    expect(() => contexts.find(id, extension)).toThrow(expect.objectContaining({ code: "JOB_NOT_RUNNING" }));
  }
  attempt.end(COMPLETED);
  await job.done();
  expect(() => contexts.find(job.id, "finance")).toThrow(expect.objectContaining({ code: "JOB_NOT_RUNNING" }));
  expect(contexts.list()).toEqual([]);
});

test("a dispatch that cannot be run is refused with its reason, and leaves no job", async () => {
  await using host = await openJobHost();
  const { manager, library } = host;
  const checks = new ScriptedJob();
  manager.register(
    "test.job",
    Object.assign(checks, {
      validate: () => {
        throw new SpacedriveError("INVALID_INPUT", "target: expected number");
      },
    }),
  );
  manager.register("test.open", new ScriptedJob());
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  const refusals = [
    [manager.dispatch("test.nothing", {}, { library }), "NOT_FOUND"],
    [manager.dispatch("finance:import", {}, { library }), "EXTENSION_NOT_LOADED"],
    [manager.dispatch("test.open", {}, { library: createLibraryId() }), "LIBRARY_NOT_FOUND"],
    [manager.dispatch("test.open", cyclic, { library }), "INVALID_INPUT"],
    [manager.dispatch("test.open", 1n, { library }), "INVALID_INPUT"],
    [manager.dispatch("test.open", {}, { library, priority: 0.5 }), "INVALID_INPUT"],
    [manager.dispatch("test.job", {}, { library }), "INVALID_INPUT"],
  ] as const;
  for (const [refused, code] of refusals) await expect(refused).rejects.toMatchObject({ code });
  expect(await manager.list()).toEqual([]);
});

test("jobs are listed newest first, with running ones as they are now", async () => {
  await using host = await openJobHost({ maxRunning: 1 });
  const { manager, library } = host;
  const script = new ScriptedJob();
  manager.register("test.job", script);
  const first = await manager.dispatch("test.job", {}, { library });
  const second = await manager.dispatch("test.job", {}, { library, parent: first.id });
  (await script.next()).context.reportProgress(0.3, "now");
  const listed = await manager.list();
  expect(listed.map(({ id, status, progress }) => [id, status, progress])).toEqual([
    [second.id, "queued", 0],
    [first.id, "running", 0.3],
  ]);
  expect((await manager.list({ parent: first.id })).map(({ id }) => id)).toEqual([second.id]);
  expect(await manager.list({ limit: 1, library })).toHaveLength(1);
  await expect(manager.list({ limit: 0 })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(manager.list({ library: createLibraryId() })).rejects.toMatchObject({ code: "LIBRARY_NOT_FOUND" });
});
