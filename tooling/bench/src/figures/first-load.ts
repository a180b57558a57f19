import { readFile } from "node:fs/promises";
import { openCore } from "@spacedrive/core";
import { grantWhatManifestAsks, PluginManager } from "@spacedrive/runtime";
import type { Contender, Figure } from "../figure.ts";
import { startBareThread } from "../floors/instantiate.ts";
import { writeBenchExtension } from "../host/bench-extension.ts";
import { EXTENSIONS, testExtensionWasm } from "../host/test-extension.ts";
import { prepareExtism } from "../peer/extism.ts";

const subject: Contender = {
  name: "PluginManager.load of test-extension in a fresh process, its thread's start included",
  process: "fresh",
  async open() {
    testExtensionWasm();
    const stack = new AsyncDisposableStack();
    const { data } = stack.use(await writeBenchExtension());
    const core = stack.use(await openCore({ dataDir: data }));
    const plugins = stack.use(
      new PluginManager({ dir: EXTENSIONS, wire: core.wire, jobs: core.jobs, grants: grantWhatManifestAsks() }),
    );
    return {
      async round() {
        const from = performance.now();
        await plugins.load("test-extension");
        return [performance.now() - from];
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  },
};

const floor: Contender = {
  name: "new Worker, compile, post the module, instantiate, in a fresh process",
  process: "fresh",
  async open() {
    const file = testExtensionWasm();
    const stack = new AsyncDisposableStack();
    return {
      async round() {
        const from = performance.now();
        const thread = stack.use(startBareThread());
        await thread.instantiate(await WebAssembly.compile(await readFile(file)));
        return [performance.now() - from];
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  },
};

const peer: Contender = {
  name: "Extism, createPlugin in a worker, in a fresh process",
  process: "fresh",
  async open() {
    const start = await prepareExtism();
    const stack = new AsyncDisposableStack();
    return {
      async round() {
        const from = performance.now();
        const plugin = await start();
        const elapsed = performance.now() - from;
        stack.defer(() => plugin.close());
        return [elapsed];
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  },
};

export const figures: readonly Figure[] = [
  {
    name: "first-load",
    title: "first load of an extension",
    unit: "ms",
    better: "lower",
    targets: [{ kind: "at-most", value: 60 }],
    rounds: 15,
    subject,
    floor,
    peer,
  },
];
