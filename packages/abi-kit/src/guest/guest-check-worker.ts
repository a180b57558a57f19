import { parentPort, workerData } from "node:worker_threads";
import { GUEST_CHECKS } from "./guest-checks.js";
import { GuestProblem } from "./guest-problem.js";
import { StrictGuest } from "./strict-guest.js";
import { WASI_GUEST_CHECKS } from "./wasi/wasi-checks.js";
import { type WasiManners, WasiStrictGuest } from "./wasi/wasi-strict-guest.js";

/** What the thread is given. */
export interface GuestCheckOrder {
  readonly protocol: "abi" | "wasi";
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** Ids of the checks to make, in order. */
  readonly checks: readonly string[];
}

/** What the thread says of each check. `problem` null: passed. */
export interface GuestCheckAnswer {
  readonly id: string;
  readonly problem: string | null;
}

/** Makes the checks of a guest of the ABI. */
function* makeAbiChecks(module: WebAssembly.Module): Iterable<readonly [id: string, run: () => void]> {
  const bench = { start: () => new StrictGuest(module) };
  for (const { id, run } of GUEST_CHECKS) yield [id, () => run(bench)];
}

/** Makes those of a command, each of whose instances has a thread that ends with its check. */
function* makeWasiChecks(module: WebAssembly.Module): Iterable<readonly [id: string, run: () => void]> {
  for (const { id, run } of WASI_GUEST_CHECKS) {
    yield [
      id,
      () => {
        const started: WasiStrictGuest[] = [];
        const start = (manners?: WasiManners): WasiStrictGuest => {
          const guest = new WasiStrictGuest(module, manners);
          started.push(guest);
          return guest;
        };
        try {
          run({ start });
        } finally {
          for (const guest of started) void guest.close();
        }
      },
    ];
  }
}

// A thread of its own, since a guest that does not come back can only be ended with it.
// Proof: only checkGuest starts this file, with an order.
const { protocol, wasm, checks } = workerData as GuestCheckOrder;
const module = new WebAssembly.Module(wasm);
for (const [id, run] of protocol === "wasi" ? makeWasiChecks(module) : makeAbiChecks(module)) {
  if (!checks.includes(id)) continue;
  let problem: string | null = null;
  try {
    run();
  } catch (thrown) {
    problem =
      thrown instanceof GuestProblem
        ? thrown.message
        : `The kit itself failed: ${thrown instanceof Error ? thrown.stack : String(thrown)}`;
  }
  parentPort?.postMessage({ id, problem } satisfies GuestCheckAnswer);
}
