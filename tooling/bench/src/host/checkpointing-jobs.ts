import { defineJob } from "@spacedrive/runtime";
import { z } from "zod";
import { type NativeHost, openNativeHost } from "./native-host.ts";
import { runNativeJob } from "./run-job.ts";

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

export interface CheckpointingJobs extends NativeHost {
  /** Runs a job that makes so many checkpoints, to its end. */
  run(times: number): Promise<void>;
}

export async function openCheckpointingJobs(): Promise<CheckpointingJobs> {
  // Eight of these, and a job that indexes.
  const host = await openNativeHost([save], { maxRunning: 9 });
  return { ...host, run: (times) => runNativeJob(host, save, { times, done: 0, data: "" }) };
}
