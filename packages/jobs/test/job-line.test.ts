import { createLibraryId, createWire } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineJob, JobManager, MemoryJobStore } from "../src/index.js";

const counter = defineJob({
  type: "test.counter",
  state: z.object({ current: z.int().default(0), target: z.int() }),
  result: z.object({ counted: z.int() }),
  async run(ctx, state) {
    while (state.current < state.target) {
      ctx.throwIfInterrupted();
      state.current++;
      ctx.reportProgress(state.current / state.target, `Counted ${state.current}/${state.target}`);
      ctx.incrementItems(1);
      await ctx.checkpoint(state);
    }
    return { counted: state.current };
  },
});

test("a dispatched job runs, is watched, and is done", async () => {
  const library = createLibraryId();
  await using manager = new JobManager({ wire: createWire() });
  manager.register(counter);
  await manager.attach(library, new MemoryJobStore());

  const job = await manager.dispatch(counter, { target: 5 }, { library });
  const progress: number[] = [];
  for await (const update of job.updates()) progress.push(update.progress);
  expect(progress.at(-1)).toBe(1);

  const done = await job.done();
  expect(done).toMatchObject({
    status: "completed",
    result: '{"counted":5}',
    checkpoint: 5,
    attempt: 1,
    metrics: { items: 5 },
  });
  expect(done.state).toBe('{"current":5,"target":5}');
});
