import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { createWorkerEngine, DEFAULT_GUEST_LIMITS } from "@spacedrive/runtime";
import type { Contender, Figure } from "../figure.ts";
import { growthOfEach } from "../growth-of-each.ts";
import { openCallHost } from "../host/open-host.ts";
import { testExtensionWasm } from "../host/test-extension.ts";
import { prepareExtism } from "../peer/extism.ts";

const INSTANCES = 32;
const INSTALLED = 200;
/** Instances and threads that idle are given back after so long, and it is waited for that. */
const IDLE_MS = 200;
const SETTLE_MS = 2_000;

const live: Contender = {
  name: "resident memory of a live instance of test-extension that idles, thread included",
  process: "fresh",
  async open(run) {
    const engine = createWorkerEngine({ spareThreads: 0 });
    const module = await engine.compile("test-extension", await readFile(testExtensionWasm()), DEFAULT_GUEST_LIMITS);
    const host = { call: async () => "{}", log() {}, register: () => true };
    return {
      round: () => growthOfEach(run.scaled(INSTANCES), () => module.start(host)),
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    };
  },
};

/** The limits of the default engine's threads, and nothing of ours. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 4 };
const SLEEP = `require("node:worker_threads").parentPort.postMessage(0);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`;

const bareThread: Contender = {
  name: "a bare worker under the same limits, which sleeps",
  process: "fresh",
  async open(run) {
    const workers: Worker[] = [];
    return {
      round: () =>
        growthOfEach(run.scaled(INSTANCES), async () => {
          const worker = new Worker(SLEEP, { eval: true, resourceLimits: LIMITS, execArgv: [], env: {} });
          workers.push(worker);
          await once(worker, "message");
        }),
      async [Symbol.asyncDispose]() {
        await Promise.all(workers.map((worker) => worker.terminate()));
      },
    };
  },
};

const extism: Contender = {
  name: "a plugin of Extism in a worker",
  process: "fresh",
  async open(run) {
    const start = await prepareExtism();
    const stack = new AsyncDisposableStack();
    return {
      round: () =>
        growthOfEach(run.scaled(INSTANCES), async () => {
          const plugin = await start();
          stack.defer(() => plugin.close());
        }),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  },
};

const installed: Contender = {
  name: "what the process grows by with 199 more extensions loaded, once all idle",
  process: "fresh",
  async open(run) {
    const rssWith = async (copies: number): Promise<number> => {
      await using _host = await openCallHost(() => {}, {
        copies,
        idleMs: IDLE_MS,
        engine: createWorkerEngine({ keepThreadMs: IDLE_MS }),
      });
      await delay(run.scaled(SETTLE_MS));
      return process.memoryUsage.rss();
    };
    return {
      async round() {
        const one = await rssWith(1);
        return [Math.max(0.001, ((await rssWith(run.scaled(INSTALLED))) - one) / 1e6)];
      },
      async [Symbol.asyncDispose]() {},
    };
  },
};

const figure = { unit: "MB", better: "lower", warmUp: false, rounds: 3 } as const;

export const figures: readonly Figure[] = [
  {
    ...figure,
    name: "memory-instance",
    title: "resident memory of a live instance",
    targets: [{ kind: "at-most", value: 6 }],
    subject: live,
    floor: bareThread,
    peer: extism,
  },
  {
    ...figure,
    name: "memory-200",
    title: "resident memory of 200 extensions, installed and idle",
    targets: [],
    subject: installed,
  },
];
