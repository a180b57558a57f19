// Run by hostile-memory.test.ts. Arguments: the wasm file, and what to do. Prints JSON.
import { readFileSync } from "node:fs";
import { createWorkerEngine, DEFAULT_GUEST_LIMITS } from "@spacedrive/runtime";

const MB = 1024 * 1024;
const [, , wasm, what] = process.argv;
const bytes = readFileSync(wasm);
const host = { call: async (request) => request.payload, log() {}, register: () => true };
const engine = createWorkerEngine();
const compile = (limits = {}) => engine.compile("hostile", bytes, { ...DEFAULT_GUEST_LIMITS, ...limits });
const start = async (limits) => (await compile(limits)).start(host);
const rssMb = () => {
  globalThis.gc?.();
  return process.memoryUsage.rss() / MB;
};

const tasks = {
  /** What the process takes more while a guest holds all that it may, and once it is gone. */
  async fill() {
    const first = await start();
    await first[Symbol.asyncDispose]();
    const before = rssMb();
    const guest = await start({ maxMemoryBytes: 128 * MB });
    await guest.call("fill");
    const filled = rssMb() - before;
    await guest[Symbol.asyncDispose]();
    return { filled, after: rssMb() - before };
  },
  /** What the process takes after each of ten rounds of a hundred faults. */
  async faults() {
    const faults = [
      ["fill_and_trap", "GUEST_MEMORY_LIMIT"],
      ["recurse", "GUEST_TRAPPED"],
      ["table_and_trap", "GUEST_TRAPPED"],
      ["trap", "GUEST_TRAPPED"],
    ];
    const module = await compile({ maxMemoryBytes: 4 * MB });
    const rounds = [];
    for (let round = 0; round < 10; round++) {
      // Two at a time: a machine of two cores is busy with that.
      const one = async (lane) => {
        for (let i = lane; i < 100; i += 2) {
          const [name, code] = faults[i % faults.length];
          const guest = await module.start(host);
          const ended = await guest.call(name).catch((error) => error.code);
          if (ended !== code) throw new Error(`${name} ended with ${ended}`);
          await guest[Symbol.asyncDispose]();
        }
      };
      await Promise.all([one(0), one(1)]);
      rounds.push(rssMb());
    }
    return { rounds };
  },
  /** A table grows to its limit and not beyond, with others beside it; the process lives. */
  async tables() {
    const grown = [];
    for (let i = 0; i < 3; i++) {
      const guest = await start();
      grown.push(await guest.call("grow_tables"));
      await guest[Symbol.asyncDispose]();
    }
    return { grown };
  },
};

const result = await tasks[what]();
await engine[Symbol.asyncDispose]();
process.stdout.write(JSON.stringify(result));
