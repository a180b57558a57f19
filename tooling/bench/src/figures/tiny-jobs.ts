import { defineJob, type Job } from "@spacedrive/runtime";
import { z } from "zod";
import type { Contender, Figure } from "../figure.ts";
import { commitsOfEight, openBareDatabase } from "../floors/commit.ts";
import { openNativeHost } from "../host/native-host.ts";
import { openJobHost } from "../host/open-host.ts";

const JOBS = 500;

/** Dispatches so many jobs at once, and waits for the end of each: jobs in a second. */
async function rateOf(jobs: number, dispatch: () => Promise<Job>): Promise<number[]> {
  const from = performance.now();
  const ended = await Promise.all(Array.from({ length: jobs }, async () => (await dispatch()).done()));
  const elapsedMs = performance.now() - from;
  const failed = ended.find(({ status }) => status !== "completed");
  if (failed !== undefined) throw new Error(`a job ended as ${failed.status}: ${failed.error?.message ?? "no reason"}`);
  return [(jobs * 1000) / elapsedMs];
}

const inWasm: Contender = {
  name: "jobs of an extension that make one call and end: each has a fresh instance, eight run at once",
  async open(run) {
    const host = await openJobHost(() => {});
    const { jobs } = host.core;
    return {
      round: () =>
        rateOf(run.scaled(JOBS), () => jobs.dispatch("bench:start", { times: 1 }, { library: host.library })),
      [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
    };
  },
};

const native: Contender = {
  name: "native jobs that do nothing, eight run at once",
  async open(run) {
    const nothing = defineJob({ type: "bench.nothing", state: z.object({ times: z.int() }), run: () => {} });
    const host = await openNativeHost([nothing]);
    const { jobs } = host.core;
    return {
      round: () => rateOf(run.scaled(JOBS), () => jobs.dispatch(nothing, { times: 1 }, { library: host.library })),
      [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
    };
  },
};

const floor: Contender = {
  name: "what they write, in a bare SQLite database: 1 KB at dispatch, claim and end, eight jobs in a commit",
  async open(run) {
    const database = await openBareDatabase();
    const jobs = run.scaled(JOBS);
    return {
      round: async () => [(jobs * 1000) / commitsOfEight(database, jobs, 3)],
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  },
};

const figure = { unit: "/s", better: "higher", targets: [], rounds: 10, floor } as const;

export const figures: readonly Figure[] = [
  { ...figure, name: "tiny-jobs", title: "tiny jobs of an extension, to their end", subject: inWasm },
  { ...figure, name: "tiny-jobs-native", title: "tiny native jobs, to their end", subject: native },
];
