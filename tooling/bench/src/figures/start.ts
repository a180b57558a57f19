import { readFile } from "node:fs/promises";
import { createWorkerEngine, DEFAULT_GUEST_LIMITS, type WorkerEngineOptions } from "@spacedrive/runtime";
import type { Contender, Figure } from "../figure.ts";
import { startBareThread } from "../floors/instantiate.ts";
import { testExtensionWasm } from "../host/test-extension.ts";
import { prepareExtism } from "../peer/extism.ts";

const STARTS = 30;
const COLD_STARTS = 5;
const HOST = { call: async () => "{}", log() {}, register: () => true };

function starts(name: string, count: number, options: WorkerEngineOptions): Contender {
  return {
    name,
    async open(run) {
      const engine = createWorkerEngine(options);
      const module = await engine.compile("test-extension", await readFile(testExtensionWasm()), DEFAULT_GUEST_LIMITS);
      return {
        async round() {
          const samples: number[] = [];
          for (let start = 0; start < run.scaled(count); start++) {
            const from = performance.now();
            const guest = await module.start(HOST);
            samples.push(performance.now() - from);
            // Gives the thread back, warm, where it is to be used again.
            await guest[Symbol.asyncDispose]();
          }
          return samples;
        },
        [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
      };
    },
  };
}

const subject = starts("GuestModule.start of test-extension on a warm thread, plugin_init included", STARTS, {});

const floor: Contender = {
  name: "post the compiled module to a live thread, instantiate, answer",
  async open(run) {
    const module = await WebAssembly.compile(await readFile(testExtensionWasm()));
    const thread = startBareThread();
    return {
      async round() {
        const samples: number[] = [];
        for (let start = 0; start < run.scaled(STARTS); start++) {
          const from = performance.now();
          await thread.instantiate(module);
          samples.push(performance.now() - from);
        }
        return samples;
      },
      [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
    };
  },
};

const cold = starts(
  "GuestModule.start of test-extension where no thread is ready, its thread's own start included",
  COLD_STARTS,
  { spareThreads: 0 },
);

const coldFloor: Contender = {
  name: "new Worker, post the compiled module, instantiate, answer",
  async open(run) {
    const module = await WebAssembly.compile(await readFile(testExtensionWasm()));
    return {
      async round() {
        const samples: number[] = [];
        for (let start = 0; start < run.scaled(COLD_STARTS); start++) {
          const from = performance.now();
          await using thread = startBareThread();
          await thread.instantiate(module);
          samples.push(performance.now() - from);
        }
        return samples;
      },
      async [Symbol.asyncDispose]() {},
    };
  },
};

const coldPeer: Contender = {
  name: "Extism, createPlugin in a worker",
  async open(run) {
    const start = await prepareExtism();
    return {
      async round() {
        const samples: number[] = [];
        for (let index = 0; index < run.scaled(COLD_STARTS); index++) {
          const from = performance.now();
          const plugin = await start();
          samples.push(performance.now() - from);
          await plugin.close();
        }
        return samples;
      },
      async [Symbol.asyncDispose]() {},
    };
  },
};

export const figures: readonly Figure[] = [
  {
    name: "start",
    title: "start of an instance on a warm thread",
    unit: "ms",
    better: "lower",
    targets: [{ kind: "at-most", value: 1 }],
    rounds: 15,
    subject,
    floor,
  },
  {
    name: "start-cold",
    title: "start of an instance where no thread is ready",
    unit: "ms",
    better: "lower",
    targets: [],
    rounds: 10,
    subject: cold,
    floor: coldFloor,
    peer: coldPeer,
  },
];
