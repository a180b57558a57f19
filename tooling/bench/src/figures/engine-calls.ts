import { Arrivals } from "../arrivals.ts";
import type { Comparison } from "../comparison.ts";
import { bareNodeWasi } from "../engines/bare-node-wasi.ts";
import { bareWasmer } from "../engines/bare-wasmer.ts";
import type { PrepareEngine } from "../engines/engine.ts";
import { ownEngine } from "../engines/own-engine.ts";
import type { Contender } from "../figure.ts";

const CALLS = 200;
/** Before the first that counts: threads that look out for each other and code that serves are warm then. */
const WARM_UP = 2_000;
const LARGE_BYTES = 10_000;

function call(name: string, prepare: PrepareEngine, bytes: number): Contender {
  return {
    name: `${name}, a call that answers its input`,
    async open(run) {
      const engine = await (await prepare())();
      const guest = await engine.start();
      const input = JSON.stringify({ data: "x".repeat(bytes) });
      const times = async (count: number): Promise<number[]> => {
        const samples: number[] = [];
        for (let index = 0; index < count; index++) {
          const from = performance.now();
          await guest.handle("echo", input);
          samples.push((performance.now() - from) * 1000);
        }
        return samples;
      };
      if (bytes < LARGE_BYTES) await times(run.scaled(WARM_UP));
      return {
        round: () => times(run.scaled(CALLS)),
        async [Symbol.asyncDispose]() {
          await guest[Symbol.asyncDispose]();
          await engine[Symbol.asyncDispose]();
        },
      };
    },
  };
}

function hostCall(name: string, prepare: PrepareEngine, loop: "ping_loop" | "ping_large_loop"): Contender {
  return {
    name: `${name}, a guest's calls to the host, in a loop`,
    async open(run) {
      // Between two arrivals lies one call.
      const times = run.scaled(CALLS) + 1;
      const arrivals = new Arrivals(times);
      const engine = await (await prepare())();
      const guest = await engine.start(arrivals.add);
      const round = async (): Promise<number[]> => {
        await guest.handle(loop, JSON.stringify({ times }));
        return arrivals.take();
      };
      for (let done = 0; done < run.scaled(WARM_UP); done += times) await round();
      return {
        round,
        async [Symbol.asyncDispose]() {
          await guest[Symbol.asyncDispose]();
          await engine[Symbol.asyncDispose]();
        },
      };
    },
  };
}

function onEach(contender: (name: string, prepare: PrepareEngine) => Contender): Comparison["engines"] {
  return {
    shim: contender("shim", ownEngine("shim")),
    wasmer: contender("wasmer", ownEngine("wasmer")),
    core: contender("core", ownEngine("core")),
    "node:wasi": contender("node:wasi", bareNodeWasi),
    "@wasmer/sdk": contender("@wasmer/sdk", bareWasmer),
  };
}

const figure = { unit: "µs", better: "lower", rounds: 10 } as const;

export const comparisons: readonly Comparison[] = [
  {
    ...figure,
    name: "engines-call-80b",
    title: "a call and back, 80 B",
    engines: onEach((name, prepare) => call(name, prepare, 69)),
  },
  {
    ...figure,
    name: "engines-call-100kb",
    title: "a call and back, 100 KB",
    engines: onEach((name, prepare) => call(name, prepare, 100_000)),
  },
  {
    ...figure,
    name: "engines-host-call-80b",
    title: "a guest calls the host, 80 B",
    engines: onEach((name, prepare) => hostCall(name, prepare, "ping_loop")),
  },
  {
    ...figure,
    name: "engines-host-call-10kb",
    title: "a guest calls the host, 10 KB",
    engines: onEach((name, prepare) => hostCall(name, prepare, "ping_large_loop")),
  },
];
