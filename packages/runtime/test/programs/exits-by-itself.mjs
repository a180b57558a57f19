// Run by worker-threads.test.ts: works with guests, and ends without process.exit. Argument: what to leave behind.
import { readFileSync } from "node:fs";
import { createWorkerEngine, DEFAULT_GUEST_LIMITS } from "@spacedrive/runtime";

const [, , left, wasm] = process.argv;
const engine = createWorkerEngine();
const module = await engine.compile("kitchen", readFileSync(wasm), DEFAULT_GUEST_LIMITS);
const host = { call: async (request) => request.payload, log() {}, register: () => true };
const guest = await module.start(host);
if ((await guest.handle("relay", "{}", "ping")) !== "ping") throw new Error("no answer");
if (left === "nothing") {
  await guest[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
}
if (left === "a trapped guest" || left === "a large guest") {
  // With nothing else to do while the thread ends: an exit code of 13 would say that an await never settled.
  if (left === "a large guest") await guest.call("pages_grown_to");
  else await guest.call("trap").catch(() => {});
  await guest[Symbol.asyncDispose]();
}
if (left === "a bomb") {
  const bomb = guest.call("fill_bomb", { timeoutMs: 200 }).catch((error) => error.code);
  if ((await bomb) !== "TIMEOUT") throw new Error("not stopped");
}
// "an idle guest" leaves the instance, a spare thread and the engine as they are.
process.stdout.write("done\n");
