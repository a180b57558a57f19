import { Worker } from "node:worker_threads";
import { once } from "node:events";
import type { Contender, Figure } from "../figure.ts";
import { type Bomb, openBombHost } from "../host/bombs.ts";
import { delaysDuring, idleLoop } from "../loop-delays.ts";

/** What each bomb is allowed: enough for `fill` to have taken all its memory. */
const LIMIT_MS: Readonly<Record<Bomb, number>> = { loop: 20, fill: 300 };

/** Too few samples for a p99 that is not the worst would say too little. */
const STOPS: Readonly<Record<Bomb, number>> = { loop: 25, fill: 5 };

function subject(bomb: Bomb): Contender {
  return {
    name: `from the limit of a call until its thread is gone: ${bomb}`,
    async open(run) {
      const bombs = await openBombHost();
      return {
        async round() {
          const samples: number[] = [];
          for (let stop = 0; stop < run.scaled(STOPS[bomb]); stop++)
            samples.push(await bombs.stop(bomb, LIMIT_MS[bomb]));
          return samples;
        },
        [Symbol.asyncDispose]: () => bombs[Symbol.asyncDispose](),
      };
    },
  };
}

const floor: Contender = {
  name: "terminate() of a bare worker in an endless loop of JavaScript",
  async open(run) {
    return {
      async round() {
        const samples: number[] = [];
        for (let stop = 0; stop < run.scaled(STOPS.loop); stop++) {
          const worker = new Worker("for (;;);", { eval: true, execArgv: [] });
          await once(worker, "online");
          const from = performance.now();
          await worker.terminate();
          samples.push(performance.now() - from);
        }
        return samples;
      },
      async [Symbol.asyncDispose]() {},
    };
  },
};

const delays: Contender = {
  name: "delays of the loop while a plain loop and a loop of memory.fill run, and are stopped",
  async open(run) {
    const bombs = await openBombHost();
    return {
      round: () =>
        delaysDuring(async () => {
          for (let stop = 0; stop < run.scaled(10); stop++) await bombs.stop("loop", LIMIT_MS.loop);
          for (let stop = 0; stop < run.scaled(3); stop++) await bombs.stop("fill", LIMIT_MS.fill);
        }),
      [Symbol.asyncDispose]: () => bombs[Symbol.asyncDispose](),
    };
  },
};

const figure = { unit: "ms", better: "lower" } as const;

export const figures: readonly Figure[] = [
  {
    ...figure,
    name: "stop-loop",
    title: "an endless loop, from its limit to its end",
    targets: [{ kind: "p99-at-most", value: 20 }],
    rounds: 8,
    subject: subject("loop"),
    floor,
  },
  {
    ...figure,
    name: "stop-fill",
    title: "a loop of memory.fill over 256 MB, from its limit to its end",
    targets: [{ kind: "p99-at-most", value: 250 }],
    rounds: 4,
    subject: subject("fill"),
  },
  {
    ...figure,
    name: "stop-delay",
    title: "delay of the loop while such run and are stopped",
    targets: [{ kind: "p99-at-most", value: 20 }],
    rounds: 3,
    subject: delays,
    floor: idleLoop,
  },
];
