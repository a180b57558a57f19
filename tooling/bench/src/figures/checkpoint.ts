import type { Contender, Figure } from "../figure.ts";
import { openBareDatabase } from "../floors/commit.ts";
import { openCheckpointingJobs } from "../host/checkpointing-jobs.ts";
import { openJobHost } from "../host/open-host.ts";
import { runJob } from "../host/run-job.ts";

const TIMES = 500;

const subject: Contender = {
  name: "job_checkpoint of 1 KB from WASM, durable when it returns",
  async open(run) {
    const times = run.scaled(TIMES);
    const marks: number[] = [];
    const host = await openJobHost(() => marks.push(performance.now()));
    return {
      async round() {
        marks.length = 0;
        await runJob(host, "save", times);
        const [from = Number.NaN, to = Number.NaN] = marks;
        return [(times * 1000) / (to - from)];
      },
      [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
    };
  },
};

/** How many checkpoints of native jobs a second become durable, with so many jobs at once. */
function nativeJobs(count: number): Contender {
  return {
    name: `ctx.checkpoint of 1 KB by ${count === 1 ? "a native job" : `${count} native jobs at once`}, durable when it resolves`,
    async open(run) {
      const times = run.scaled(TIMES);
      const jobs = await openCheckpointingJobs();
      return {
        async round() {
          const from = performance.now();
          await Promise.all(Array.from({ length: count }, () => jobs.run(times)));
          return [(count * times * 1000) / (performance.now() - from)];
        },
        [Symbol.asyncDispose]: () => jobs[Symbol.asyncDispose](),
      };
    },
  };
}

const floor: Contender = {
  name: "a commit of 1 KB in a bare SQLite database, WAL and synchronous FULL",
  async open(run) {
    const times = run.scaled(TIMES);
    const database = await openBareDatabase();
    return {
      async round() {
        const from = performance.now();
        for (let commit = 0; commit < times; commit++) database.commit();
        return [(times * 1000) / (performance.now() - from)];
      },
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  },
};

export const figures: readonly Figure[] = [
  {
    name: "checkpoint",
    title: "checkpoints of 1 KB, one job",
    unit: "/s",
    better: "higher",
    // The floor holds the loop all the time.
    targets: [{ kind: "floors-at-least", ratio: 0.7 }],
    rounds: 10,
    subject,
    floor,
  },
  {
    name: "checkpoint-native",
    title: "checkpoints of 1 KB, one native job",
    unit: "/s",
    better: "higher",
    targets: [{ kind: "floors-at-least", ratio: 0.7 }],
    rounds: 10,
    subject: nativeJobs(1),
    floor,
  },
  {
    name: "checkpoint-8",
    title: "checkpoints of 1 KB, eight native jobs (floor: one)",
    unit: "/s",
    better: "higher",
    targets: [{ kind: "floors-at-least", ratio: 4 }],
    rounds: 10,
    subject: nativeJobs(8),
    floor: nativeJobs(1),
  },
];
