import { rm } from "node:fs/promises";
import { openCore } from "@spacedrive/core";
import type { Contender, Figure } from "../figure.ts";
import { commitsOfEight, openBareDatabase } from "../floors/commit.ts";
import { interruptJobs, resumedJob } from "../host/interrupted-jobs.ts";

const JOBS = 1_000;

const subject: Contender = {
  name: "from openCore() on what a killed host left until the last of its jobs runs again, eight at once",
  async open(run) {
    const jobs = run.scaled(JOBS);
    const interrupted = await interruptJobs(jobs);
    return {
      async round() {
        const dataDir = await interrupted.copy();
        let left = jobs;
        const all = Promise.withResolvers<void>();
        const from = performance.now();
        const core = await openCore({ dataDir });
        core.jobs.register(
          resumedJob(() => {
            if (--left === 0) all.resolve();
          }),
        );
        await all.promise;
        const elapsedMs = performance.now() - from;
        await core.close();
        await rm(dataDir, { recursive: true });
        return [elapsedMs];
      },
      [Symbol.asyncDispose]: () => interrupted[Symbol.asyncDispose](),
    };
  },
};

const floor: Contender = {
  name: "what they write, in a bare SQLite database: 1 KB when they are queued again, claimed and ended, eight in a commit",
  async open(run) {
    const database = await openBareDatabase();
    return {
      round: async () => [commitsOfEight(database, run.scaled(JOBS), 3)],
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  },
};

export const figures: readonly Figure[] = [
  {
    name: "resume-1000",
    title: "1,000 interrupted jobs, from the start of the host until the last runs again",
    unit: "ms",
    better: "lower",
    targets: [],
    rounds: 10,
    subject,
    floor,
  },
];
