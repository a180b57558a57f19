import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Core, openCore } from "@spacedrive/core";
import { defineJob, type LibraryId } from "@spacedrive/runtime";
import { z } from "zod";

const state = z.object({ times: z.int(), done: z.int(), data: z.string() });

/** Native jobs that do nothing but checkpoint a state of 1 KB, on a library on disk. */
const save = defineJob({
  type: "bench.save",
  state,
  result: z.null(),
  async run(ctx, saved) {
    while (saved.done < saved.times) {
      ctx.throwIfInterrupted();
      saved.done++;
      saved.data = String(saved.done).padEnd(980, "a");
      await ctx.checkpoint(saved);
    }
    return null;
  },
});

export interface CheckpointingJobs extends AsyncDisposable {
  readonly core: Core;
  readonly library: LibraryId;
  /** The folder that goes with it, for the files of a bench. */
  readonly folder: string;
  /** Runs a job that makes so many checkpoints, to its end. */
  run(times: number): Promise<void>;
}

export async function openCheckpointingJobs(): Promise<CheckpointingJobs> {
  const folder = await mkdtemp(join(tmpdir(), "spacedrive-bench-"));
  // Eight of these, and a job that indexes.
  const core = await openCore({ dataDir: join(folder, "data"), jobLimits: { maxRunning: 9 } });
  core.jobs.register(save);
  const library = await core.libraries.open("bench");
  return {
    core,
    library: library.id,
    folder,
    async run(times) {
      const job = await core.jobs.dispatch(save, { times, done: 0, data: "" }, { library: library.id });
      const { status, error } = await job.done();
      if (status !== "completed") throw new Error(`a job ended as ${status}: ${error?.message ?? "no reason"}`);
    },
    async [Symbol.asyncDispose]() {
      await core.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
