import { parentPort, workerData } from "node:worker_threads";
import { GuestBench } from "./guest-check.js";
import { GUEST_CHECKS } from "./guest-checks.js";
import { GuestProblem } from "./guest-problem.js";

/** What the thread is given. */
export interface GuestCheckOrder {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** Ids of the checks to make, in order. */
  readonly checks: readonly string[];
}

/** What the thread says of each check. `problem` null: passed. */
export interface GuestCheckAnswer {
  readonly id: string;
  readonly problem: string | null;
}

// A thread of its own, since a guest that does not come back can only be ended with it.
// Proof: only checkGuest starts this file, with an order.
const { wasm, checks } = workerData as GuestCheckOrder;
const bench = new GuestBench(new WebAssembly.Module(wasm));
for (const check of GUEST_CHECKS.filter(({ id }) => checks.includes(id))) {
  let problem: string | null = null;
  try {
    check.run(bench);
  } catch (thrown) {
    problem =
      thrown instanceof GuestProblem
        ? thrown.message
        : `The kit itself failed: ${thrown instanceof Error ? thrown.stack : String(thrown)}`;
  }
  parentPort?.postMessage({ id: check.id, problem } satisfies GuestCheckAnswer);
}
