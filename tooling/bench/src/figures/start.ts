import { readFile } from "node:fs/promises";
import { createWorkerEngine, DEFAULT_GUEST_LIMITS } from "@spacedrive/runtime";
import type { Contender, Figure } from "../figure.ts";
import { startBareThread } from "../floors/instantiate.ts";
import { testExtensionWasm } from "../host/test-extension.ts";

const STARTS = 30;

const subject: Contender = {
  name: "GuestModule.start of test-extension on a warm thread, plugin_init included",
  async open(run) {
    const engine = createWorkerEngine();
    const module = await engine.compile("test-extension", await readFile(testExtensionWasm()), DEFAULT_GUEST_LIMITS);
    const host = { call: async () => "{}", log() {}, register: () => true };
    return {
      async round() {
        const samples: number[] = [];
        for (let start = 0; start < run.scaled(STARTS); start++) {
          const from = performance.now();
          const guest = await module.start(host);
          samples.push(performance.now() - from);
          // Gives the thread back, warm.
          await guest[Symbol.asyncDispose]();
        }
        return samples;
      },
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    };
  },
};

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
];
