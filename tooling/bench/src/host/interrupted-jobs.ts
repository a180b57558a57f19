import { cp } from "node:fs/promises";
import { basename, join } from "node:path";
import { defineJob, type NativeJob } from "@spacedrive/jobs";
import { z } from "zod";
import { openNativeHost } from "./native-host.ts";
import { runNativeJob } from "./run-job.ts";

/** Files by which a host says that it is there. A killed one's mean nothing. */
const OF_THE_HOST = new Set(["host.lock", "host.pid", "host.sock"]);

const state = z.object({ data: z.string() });

/** A data directory as a host leaves it that is killed. */
export interface InterruptedJobs extends AsyncDisposable {
  /** A copy of it. */
  copy(): Promise<string>;
}

/** The job that was interrupted, for a host that is to go on with it. */
export function resumedJob(onRun: () => void): NativeJob<z.input<typeof state>> {
  return defineJob({ type: "bench.long", state, run: onRun });
}

/** Has so many jobs checkpoint a state of 1 KB, and takes what is on the disk while all of them run. */
export async function interruptJobs(count: number): Promise<InterruptedJobs> {
  const running = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  let started = 0;
  const long = defineJob({
    type: "bench.long",
    state,
    async run(ctx, saved) {
      await ctx.checkpoint(saved);
      if (++started === count) running.resolve();
      await over.promise;
    },
  });
  const host = await openNativeHost([long], { maxRunning: count });
  const params = { data: "a".repeat(1000) };
  const ended = Promise.all(Array.from({ length: count }, () => runNativeJob(host, long, params)));
  await running.promise;
  const killed = join(host.folder, "killed");
  await cp(join(host.folder, "data"), killed, {
    recursive: true,
    filter: (file) => !OF_THE_HOST.has(basename(file)),
  });
  over.resolve();
  await ended;
  let copies = 0;
  return {
    async copy() {
      const folder = join(host.folder, `copy-${++copies}`);
      await cp(killed, folder, { recursive: true });
      return folder;
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
