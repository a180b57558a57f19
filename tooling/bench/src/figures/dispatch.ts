import type { Contender, Figure } from "../figure.ts";
import { openBareDatabase } from "../floors/commit.ts";
import { openJobHost } from "../host/open-host.ts";

const DISPATCHES = 30;

const subject: Contender = {
  name: "from dispatch() to the first call that the job's guest makes",
  async open(run) {
    const times = run.scaled(DISPATCHES);
    let startedAt = Number.NaN;
    const host = await openJobHost(() => (startedAt = performance.now()));
    return {
      async round() {
        const samples: number[] = [];
        for (let dispatch = 0; dispatch < times; dispatch++) {
          const from = performance.now();
          const job = await host.core.jobs.dispatch("bench:start", { times: 1 }, { library: host.library });
          await job.done();
          samples.push(startedAt - from);
        }
        return samples;
      },
      [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
    };
  },
};

const floor: Contender = {
  name: "two commits in a bare SQLite database: the job, and the claim on it",
  async open(run) {
    const times = run.scaled(DISPATCHES);
    const database = await openBareDatabase();
    return {
      async round() {
        const samples: number[] = [];
        for (let dispatch = 0; dispatch < times; dispatch++) {
          const from = performance.now();
          database.commit();
          database.commit();
          samples.push(performance.now() - from);
        }
        return samples;
      },
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  },
};

export const figures: readonly Figure[] = [
  {
    name: "dispatch",
    title: "from dispatch to the job's first step",
    unit: "ms",
    better: "lower",
    targets: [],
    rounds: 10,
    subject,
    floor,
  },
];
