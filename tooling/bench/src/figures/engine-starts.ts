import { setTimeout as delay } from "node:timers/promises";
import { createWire, grantWhatManifestAsks, JobManager, PluginManager } from "@spacedrive/runtime";
import type { Comparison } from "../comparison.ts";
import { bareNodeWasi } from "../engines/bare-node-wasi.ts";
import { bareWasmer } from "../engines/bare-wasmer.ts";
import type { OwnEngineName, PrepareEngine } from "../engines/engine.ts";
import { createOwnEngine, ownEngine } from "../engines/own-engine.ts";
import type { Contender } from "../figure.ts";
import { writeBenchExtension } from "../host/bench-extension.ts";

const STARTS = 5;
/** Until the thread that was made for the next start is ready. */
const PAUSE_MS: Readonly<Record<OwnEngineName, number>> = { core: 0, shim: 100, wasmer: 600 };

/** As `first-load`, of the bench's own guest. */
function ownFirst(name: OwnEngineName): Contender {
  return {
    name: "PluginManager.load in a fresh process",
    process: "fresh",
    async open() {
      const stack = new AsyncDisposableStack();
      const { extensions } = stack.use(await writeBenchExtension(1, name === "core" ? "wasm" : "wasi"));
      const wire = createWire([], { libraries: { has: () => true } });
      const jobs = stack.use(new JobManager({ wire }));
      const engines = name === "core" ? {} : { wasi: stack.use(createOwnEngine(name)) };
      const plugins = stack.use(
        new PluginManager({ dir: extensions, wire, jobs, grants: grantWhatManifestAsks(), engines }),
      );
      return {
        async round() {
          const from = performance.now();
          await plugins.load("bench");
          return [performance.now() - from];
        },
        [Symbol.asyncDispose]: () => stack.disposeAsync(),
      };
    },
  };
}

function bareFirst(name: string, prepare: PrepareEngine): Contender {
  return {
    name: `${name}, compile and start in a fresh process`,
    process: "fresh",
    async open() {
      const load = await prepare();
      const stack = new AsyncDisposableStack();
      return {
        async round() {
          const from = performance.now();
          const engine = stack.use(await load());
          stack.use(await engine.start());
          return [performance.now() - from];
        },
        [Symbol.asyncDispose]: () => stack.disposeAsync(),
      };
    },
  };
}

function later(name: string, prepare: PrepareEngine, pauseMs: number): Contender {
  return {
    name: `${name}, one start after another`,
    async open(run) {
      const engine = await (await prepare())();
      return {
        async round() {
          const samples: number[] = [];
          for (let start = 0; start < run.scaled(STARTS); start++) {
            await delay(pauseMs);
            const from = performance.now();
            const guest = await engine.start();
            samples.push(performance.now() - from);
            await guest[Symbol.asyncDispose]();
          }
          return samples;
        },
        [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
      };
    },
  };
}

const figure = { unit: "ms", better: "lower" } as const;
const bareLater = {
  "node:wasi": later("node:wasi", bareNodeWasi, 0),
  "@wasmer/sdk": later("@wasmer/sdk", bareWasmer, 0),
};

export const comparisons: readonly Comparison[] = [
  {
    ...figure,
    name: "engines-first",
    title: "first start in a process",
    rounds: 8,
    engines: {
      shim: ownFirst("shim"),
      wasmer: ownFirst("wasmer"),
      core: ownFirst("core"),
      "node:wasi": bareFirst("node:wasi", bareNodeWasi),
      "@wasmer/sdk": bareFirst("@wasmer/sdk", bareWasmer),
    },
  },
  {
    ...figure,
    name: "engines-start",
    title: "later start, where a thread is ready",
    rounds: 5,
    engines: {
      shim: later("shim", ownEngine("shim"), PAUSE_MS.shim),
      wasmer: later("wasmer", ownEngine("wasmer"), PAUSE_MS.wasmer),
      core: later("core", ownEngine("core"), PAUSE_MS.core),
      ...bareLater,
    },
  },
  {
    ...figure,
    name: "engines-start-row",
    title: "later start, the next at once",
    rounds: 5,
    engines: {
      shim: later("shim", ownEngine("shim"), 0),
      wasmer: later("wasmer", ownEngine("wasmer"), 0),
      core: later("core", ownEngine("core"), 0),
      ...bareLater,
    },
  },
];
