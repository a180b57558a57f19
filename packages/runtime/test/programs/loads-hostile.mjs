// Run by hostile-modules.test.ts: loads, starts and calls each wasm file that is named, then ends by itself. Prints for each how
// many milliseconds that took and what came of it; the last line is there when nothing is left but the exit.
import { readFileSync } from "node:fs";
import { createWorkerEngine, DEFAULT_GUEST_LIMITS } from "@spacedrive/runtime";

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const host = { call: async (request) => request.payload, log() {}, register: () => true };
const engine = createWorkerEngine();
for (const file of process.argv.slice(2)) {
  const bytes = readFileSync(file);
  let loaded = null;
  const from = performance.now();
  try {
    const module = await engine.compile("hostile", bytes, DEFAULT_GUEST_LIMITS);
    const guest = await module.start(host);
    loaded = performance.now() - from;
    // Compiles the function, which waits for its first call.
    say({ ms: loaded, ends: await guest.call("f", { timeoutMs: 10_000 }) });
  } catch (error) {
    say({ ms: loaded ?? performance.now() - from, ends: error.code });
  }
}
await engine[Symbol.asyncDispose]();
process.stdout.write("done\n");
