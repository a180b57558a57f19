import { createWire, parseLibraryId } from "@spacedrive/wire";
import { z } from "zod";
import { defineJob, JobManager, SqliteDatabase, SqliteJobStore } from "../../src/index.js";

/*
 * A host of one library, as a process of its own, so that a test can kill it.
 *   main.ts <database> <library> <halt at> [<target: dispatch a job that counts so far>]
 * It prints one line of JSON for each checkpoint that has resolved, and one for the end. At <halt at> the job goes on only
 * when it is interrupted. SIGTERM closes the manager. It ends by itself.
 */
const [path = "", libraryText, haltText, targetText] = process.argv.slice(2);
const library = parseLibraryId(libraryText);
const haltAt = Number(haltText);

const counter = defineJob({
  type: "test.counter",
  state: z.object({ current: z.int(), sum: z.int(), target: z.int() }),
  result: z.object({ sum: z.int() }),
  async run(ctx, state) {
    say({ started: state.current, attempt: ctx.attempt });
    while (state.current < state.target) {
      ctx.throwIfInterrupted();
      state.current++;
      state.sum += state.current;
      ctx.incrementItems(1);
      ctx.reportProgress(state.current / state.target, `at ${state.current}`);
      if (state.current % 100 === 0) ctx.addWarning(`passed ${state.current}`);
      await ctx.checkpoint(state);
      say({ checkpoint: state.current });
      if (state.current === haltAt) await interrupted(ctx.onInterrupt);
    }
    return { sum: state.sum };
  },
});

function interrupted(onInterrupt: (listener: () => void) => unknown): Promise<void> {
  // Only a timer keeps the process alive meanwhile.
  const alive = setInterval(() => {}, 1_000);
  return new Promise((resolve) => {
    onInterrupt(() => {
      clearInterval(alive);
      resolve();
    });
  });
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main(): Promise<void> {
  await using database = SqliteDatabase.open(path);
  await using manager = new JobManager({ wire: createWire() });
  process.once("SIGTERM", () => void manager.close());
  manager.register(counter);
  await manager.attach(library, new SqliteJobStore(database, library));
  if (targetText !== undefined)
    await manager.dispatch(counter, { current: 0, sum: 0, target: Number(targetText) }, { library });
  const [newest] = await manager.list();
  if (newest === undefined) return;
  const job = await manager.get(newest.id);
  const done = await job.done();
  say({
    done: done.status,
    result: done.result,
    attempt: done.attempt,
    items: done.metrics.items,
    warnings: done.warnings,
  });
}

main().catch((error: unknown) => {
  say({
    failed: error instanceof Error ? `${"code" in error ? String(error.code) : ""} ${error.message}` : String(error),
  });
});
