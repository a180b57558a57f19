import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { defineJob, type NativeJob } from "../src/index.js";
import { openJobHost } from "./job-host.js";

const CounterState = z.object({ current: z.int().default(0), target: z.int() });

function defineCounter(
  onStep: (current: number) => Promise<void> | void = () => {},
): NativeJob<z.input<typeof CounterState>> {
  return defineJob({
    type: "test.counter",
    state: CounterState,
    result: z.object({ counted: z.int() }),
    async run(ctx, state) {
      while (state.current < state.target) {
        state.current++;
        ctx.reportProgress(state.current / state.target, `Counted ${state.current}/${state.target}`);
        await ctx.checkpoint(state);
        await onStep(state.current);
        ctx.throwIfInterrupted();
      }
      return { counted: state.current };
    },
  });
}

test("a native job is typed by its schema, runs, and answers a checked result", async () => {
  await using host = await openJobHost();
  const counter = defineCounter();
  expectTypeOf(counter).toExtend<NativeJob<{ current?: number | undefined; target: number }>>();
  host.manager.register(counter);
  const job = await host.manager.dispatch(counter, { target: 3 }, { library: host.library });
  expect(await job.done()).toMatchObject({
    status: "completed",
    result: '{"counted":3}',
    state: '{"current":3,"target":3}',
    checkpoint: 3,
    message: "Counted 3/3",
  });
});

test("throwIfInterrupted ends the attempt, and the job goes on from its checkpoint", async () => {
  await using host = await openJobHost();
  const third = Promise.withResolvers<void>();
  const paused = Promise.withResolvers<void>();
  const counter = defineCounter((current) => {
    if (current !== 3) return;
    third.resolve();
    return paused.promise;
  });
  host.manager.register(counter);
  const job = await host.manager.dispatch(counter, { target: 5 }, { library: host.library });
  await third.promise;
  const pausing = host.manager.pause(job.id);
  paused.resolve();
  expect(await pausing).toMatchObject({ status: "paused", state: '{"current":3,"target":5}' });
  await host.manager.resume(job.id);
  expect(await job.done()).toMatchObject({ status: "completed", result: '{"counted":5}', attempt: 2 });
});

test("what a signal's abort makes run throw ends a cancelled job as cancelled", async () => {
  await using host = await openJobHost();
  const waiting = Promise.withResolvers<void>();
  const job = defineJob({
    type: "test.waiter",
    state: z.object({}),
    run: (ctx) =>
      new Promise<void>((_resolve, reject) => {
        ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason));
        waiting.resolve();
      }),
  });
  host.manager.register(job);
  const { id } = await host.manager.dispatch(job, {}, { library: host.library });
  await waiting.promise;
  expect((await host.manager.cancel(id)).status).toBe("cancelled");
});

test("parameters that do not fit the schema are refused at dispatch, naming the path", async () => {
  await using host = await openJobHost();
  host.manager.register(defineCounter());
  const { manager, library } = host;
  await expect(manager.dispatch("test.counter", { target: "5" }, { library })).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: expect.stringContaining("target"),
  });
  await expect(manager.dispatch("test.counter", undefined, { library })).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
});

test("a checkpoint that does not fit the schema is refused, and the stored state stays", async () => {
  await using host = await openJobHost();
  const job = defineJob({
    type: "test.broken",
    state: CounterState,
    run: (ctx) => ctx.checkpoint({ target: 0.5 }),
  });
  host.manager.register(job);
  const dispatched = await host.manager.dispatch(job, { target: 1 }, { library: host.library });
  expect(await dispatched.done()).toMatchObject({
    status: "failed",
    error: { code: "INVALID_STATE", message: expect.stringContaining("target") },
    state: '{"target":1}',
  });
});

test("a result that does not fit its schema fails the job", async () => {
  await using host = await openJobHost();
  const job = defineJob({
    type: "test.broken",
    state: z.object({}),
    result: z.object({ n: z.int() }),
    run: () => ({ n: 0.5 }),
  });
  host.manager.register(job);
  const dispatched = await host.manager.dispatch(job, {}, { library: host.library });
  expect(await dispatched.done()).toMatchObject({ status: "failed", error: { code: "OPERATION_FAILED" } });
});

test("a stored state that no longer fits the schema fails the job, and can be retried by a version that takes it", async () => {
  await using host = await openJobHost();
  const strict = defineJob({ type: "test.job", state: z.object({ b: z.int() }), run: () => {} });
  const registration = host.manager.register("test.job", { ...strict, validate: () => {} });
  const job = await host.manager.dispatch("test.job", { a: 1 }, { library: host.library });
  expect(await job.done()).toMatchObject({ status: "failed", error: { code: "INVALID_STATE" } });
  await registration.unregister();
  host.manager.register(defineJob({ type: "test.job", state: z.object({ a: z.int() }), run: () => {} }));
  await host.manager.retry(job.id);
  expect(await job.done()).toMatchObject({ status: "completed", result: null });
});
