// Run by plugin-cycles.test.ts. Arguments: a folder of extensions with "one" in it, and how many cycles.
import { existsSync, readdirSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createWire, grantWhatManifestAsks, localUser, PluginManager } from "@spacedrive/runtime";

const [, , dir, cycles] = process.argv;
await Promise.all(Array.from({ length: 16 }, () => readFile(path.join(dir, "one", "guest.wasm"))));

const count = (folder) => (existsSync(folder) ? readdirSync(folder).length : 0);
/** What is there once garbage is gone. */
async function measure() {
  for (let turn = 0; turn < 5; turn++) {
    globalThis.gc();
    await new Promise(setImmediate);
  }
  return {
    threads: count("/proc/self/task"),
    files: count("/proc/self/fd"),
    resources: process.getActiveResourcesInfo().length,
    operations: wire.operations().length,
    rssMb: process.memoryUsage.rss() / 2 ** 20,
    heapMb: process.memoryUsage().heapUsed / 2 ** 20,
  };
}

const wire = createWire([]);
const plugins = new PluginManager({ dir, wire, grants: grantWhatManifestAsks() });
const call = (name) => wire.call(`query:one:${name}.v1`, {}, { caller: localUser });

async function cycle(index) {
  await plugins.load("one");
  if ((await call("fine")) !== 1) throw new Error("no answer");
  // The instance that traps goes with its thread.
  if (index % 10 === 0) await call("trap").catch(() => {});
  if (index % 3 === 0) await plugins.reload("one");
  await plugins.unload("one");
}

const warm = Math.floor(Number(cycles) / 2);
for (let index = 0; index < warm; index++) await cycle(index);
const before = await measure();
const from = performance.now();
for (let index = warm; index < Number(cycles); index++) await cycle(index);
const tookMs = performance.now() - from;
const after = await measure();
await plugins.close();
writeSync(1, JSON.stringify({ before, after, tookMs }));
