import type { Comparison } from "../comparison.ts";
import { bareNodeWasi } from "../engines/bare-node-wasi.ts";
import { bareWasmer } from "../engines/bare-wasmer.ts";
import type { PrepareEngine } from "../engines/engine.ts";
import { ownEngine } from "../engines/own-engine.ts";
import type { Contender } from "../figure.ts";
import { growthOfEach } from "../growth-of-each.ts";

const STOPS = 5;
const LIMIT_MS = 20;
const INSTANCES = 8;

function stop(name: string, prepare: PrepareEngine): Contender {
  return {
    name: `${name}, from the limit of an endless loop until its thread is gone`,
    async open(run) {
      const engine = await (await prepare())();
      return {
        async round() {
          const samples: number[] = [];
          for (let index = 0; index < run.scaled(STOPS); index++) {
            const guest = await engine.start();
            samples.push(await guest.stopLoop(LIMIT_MS));
            await guest[Symbol.asyncDispose]();
          }
          return samples;
        },
        [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
      };
    },
  };
}

/** Without a spare thread, which would count for one of them. */
function memory(name: string, prepare: PrepareEngine): Contender {
  return {
    name: `${name}, resident memory of a live instance that waits`,
    process: "fresh",
    async open(run) {
      const engine = await (await prepare())();
      const guests = new AsyncDisposableStack();
      return {
        round: () => growthOfEach(run.quick ? 1 : INSTANCES, async () => guests.use(await engine.start())),
        async [Symbol.asyncDispose]() {
          await guests.disposeAsync();
          await engine[Symbol.asyncDispose]();
        },
      };
    },
  };
}

export const comparisons: readonly Comparison[] = [
  {
    name: "engines-stop",
    title: "an endless loop, from its limit to its end",
    unit: "ms",
    better: "lower",
    rounds: 5,
    engines: {
      shim: stop("shim", ownEngine("shim")),
      wasmer: stop("wasmer", ownEngine("wasmer")),
      core: stop("core", ownEngine("core")),
      "node:wasi": stop("node:wasi", bareNodeWasi),
      "@wasmer/sdk": { because: "its kill and its time limit answer at once, and the loop goes on" },
    },
  },
  {
    name: "engines-memory",
    title: "resident memory of a live instance",
    unit: "MB",
    better: "lower",
    rounds: 3,
    warmUp: false,
    engines: {
      shim: memory("shim", ownEngine("shim", { spareThreads: 0 })),
      wasmer: memory("wasmer", ownEngine("wasmer", { spareThreads: 0 })),
      core: memory("core", ownEngine("core", { spareThreads: 0 })),
      "node:wasi": memory("node:wasi", bareNodeWasi),
      "@wasmer/sdk": memory("@wasmer/sdk", bareWasmer),
    },
  },
];
