import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { giveBackHeap } from "./give-back-heap.js";

const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 4 };

// Until its turn has ended a new weak reference keeps its target.
const THREAD = `
  const garbage = new WeakRef(new Array(1000).fill(0));
  setImmediate(() => {
    (${giveBackHeap.toString()})();
    require("node:worker_threads").parentPort.postMessage(garbage.deref() === undefined);
  });`;

describe("giving heap back", () => {
  it("has what nothing in its thread refers to collected, with no flag", async () => {
    const worker = new Worker(THREAD, { eval: true, execArgv: [], env: {}, resourceLimits: LIMITS });
    const [collected] = await once(worker, "message");
    expect(collected).toBe("transfer" in ArrayBuffer.prototype);
  });
});
