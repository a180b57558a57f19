// Run by hostile-time.test.ts: calls an export that never comes back and, a while into it, exits, or waits for its limit and ends by
// itself. Arguments: the wasm file, the export, "exit" or "limit". Prints a line when only the exit is left.
import { readFileSync } from "node:fs";
import { createWorkerEngine, DEFAULT_GUEST_LIMITS } from "@spacedrive/runtime";

const [, , wasm, name, how] = process.argv;
const engine = createWorkerEngine();
const module = await engine.compile("hostile", readFileSync(wasm), DEFAULT_GUEST_LIMITS);
const guest = await module.start({ call: async (request) => request.payload, log() {}, register: () => true });
const ended = guest.call(name, { timeoutMs: how === "exit" ? 60_000 : 400 }).catch((error) => error.code);
// The guest is in the middle of it: the memory has grown to its cap, and all code is compiled.
if (how === "exit") await new Promise((resolve) => setTimeout(resolve, 400));
else if ((await ended) !== "TIMEOUT") throw new Error("not stopped");
process.stdout.write("done\n");
if (how === "exit") process.exit(0);
