// Run by plugin-settles.test.ts: works with extensions, closes, and ends without process.exit. Arguments: what to do, a folder.
import { existsSync, mkdirSync, readdirSync, writeFileSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createWire, defineQuery, grantWhatManifestAsks, localUser, PluginManager } from "@spacedrive/runtime";
import wabt from "wabt";
import { z } from "zod";

const [, , what, dir] = process.argv;
const EXPORT = "(param i32 i32 i32 i32) (result i32)";
const WAT = `(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "query:test.sleep.v1") (data (i32.const 32) "{}") (data (i32.const 64) "\\01\\00\\00\\001")
  (global $heap (mut i32) (i32.const 1024))
  (func (export "wasm_alloc") (param i32) (result i32)
    (global.set $heap (i32.add (global.get $heap) (local.get 0))) (i32.sub (global.get $heap) (local.get 0)))
  (func (export "wasm_free") (param i32 i32))
  (func (export "fine") ${EXPORT} (i32.const 64))
  (func (export "trap") ${EXPORT} unreachable)
  (func (export "wait") ${EXPORT}
    (call $call (i32.const 0) (i32.const 19) (i32.const 0) (i32.const 32) (i32.const 2))))`;

const names = ["fine", "trap", "wait"];
const operations = names.map((name) => ({
  kind: "query",
  name,
  version: 1,
  scope: "host",
  export: name,
  input: {},
  output: {},
}));
const manifest = { id: "one", name: "One", version: "1.0.0", wasm_file: "one.wasm", operations };
mkdirSync(path.join(dir, "one"));
writeFileSync(
  path.join(dir, "one", "manifest.json"),
  JSON.stringify({ ...manifest, permissions: { methods: ["test."] } }),
);
writeFileSync(path.join(dir, "one", "one.wasm"), (await wabt()).parseWat("one.wat", WAT).toBinary({}).buffer);

// The threads by which Node itself reads files are there from now on.
await Promise.all(Array.from({ length: 16 }, () => readFile(path.join(dir, "one", "one.wasm"))));
const threads = () => (existsSync("/proc/self/task") ? readdirSync("/proc/self/task").length : 0);
const listeners = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
const before = { threads: threads(), listeners: listeners() };

const sleeping = Promise.withResolvers();
const sleep = defineQuery({
  name: "test.sleep",
  scope: "host",
  input: z.object({}),
  output: z.object({}),
  run: () => {
    sleeping.resolve();
    return new Promise(() => {});
  },
});
const wire = createWire([sleep]);
const plugins = new PluginManager({
  dir,
  wire,
  grants: grantWhatManifestAsks(),
  restart: { kind: "reload", faultsInARow: 2, waitMs: 60_000 },
});
await plugins.load("one");
const call = (name) => wire.call(`query:one:${name}.v1`, {}, { caller: localUser });
await call("fine");
const pending = [];
if (what === "faults") for (let fault = 0; fault < 4; fault++) await call("trap").catch(() => {});
if (what === "a call under way" || what === "a call that waits") {
  pending.push(call("wait").catch((error) => error.code));
  await sleeping.promise;
}
if (what === "a call that waits") pending.push(call("fine").catch((error) => error.code));
if (what === "a reload") await plugins.reload("one").then(() => call("fine"));
await plugins.close();
const codes = await Promise.all(pending);
if (codes.some((code) => code !== "UNLOADED")) throw new Error(`settled with ${codes.join(", ")}`);

const closedAt = performance.now();
const after = {
  threads: threads() - before.threads,
  // What would keep the process alive.
  resources: process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap" && name !== "TTYWrap"),
  listeners: listeners() - before.listeners,
};
process.on("exit", () => {
  writeSync(1, JSON.stringify({ ...after, exitedAfterMs: performance.now() - closedAt }));
});
