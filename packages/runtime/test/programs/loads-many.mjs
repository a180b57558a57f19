// Run by plugin-cycles.test.ts: loads every extension of a folder at once, and tells how many threads that costs.
import { existsSync, readdirSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createWire, createWorkerEngine, grantWhatManifestAsks, localUser, PluginManager } from "@spacedrive/runtime";

const [, , dir] = process.argv;
const ids = readdirSync(dir).filter((id) => id.startsWith("extension-"));
// The threads by which Node itself reads files are there from now on.
await Promise.all(Array.from({ length: 16 }, () => readFile(path.join(dir, ids[0], "guest.wasm"))));
const threads = () => (existsSync("/proc/self/task") ? readdirSync("/proc/self/task").length : 0);
const before = threads();

const wire = createWire([]);
const engine = createWorkerEngine({ keepThreadMs: 500 });
const plugins = new PluginManager({ dir, wire, engine, grants: grantWhatManifestAsks(), idleMs: 100 });
await Promise.all(ids.map((id) => plugins.load(id)));
const loaded = threads() - before;
for (const id of ids.slice(0, 3)) await wire.call(`query:${id}:fine.v1`, {}, { caller: localUser });
const used = threads() - before;
const from = performance.now();
while (threads() - before > 1 && performance.now() - from < 20_000) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const idle = threads() - before;
if (plugins.list().length !== ids.length) throw new Error("not all are loaded");
await plugins.close();
await engine[Symbol.asyncDispose]();
writeSync(1, JSON.stringify({ loaded, used, idle }));
