import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { Arrivals } from "../arrivals.ts";
import type { Contender } from "../figure.ts";
import { MAILBOX_BYTES, REPLY_AT, REQUEST, REQUEST_AT, REPLY } from "./mailbox-layout.ts";

/** 80 bytes through shared memory, a waker on each side, and back: nothing that could be left out. */
export function mailboxFloor(calls: number, loops: number): Contender {
  return {
    name: "80 B through a bare mailbox, Atomics.waitAsync echo",
    async open(run) {
      const times = run.scaled(calls);
      const shared = new SharedArrayBuffer(1024);
      const words = new Int32Array(shared);
      const bytes = Buffer.from(shared);
      const arrivals = new Arrivals(times);
      const worker = new Worker(new URL("./mailbox-worker.ts", import.meta.url), { workerData: shared, execArgv: [] });
      await once(worker, "online");
      let seen = 0;
      const loop = async (): Promise<number[]> => {
        worker.postMessage(times);
        for (let call = 0; call < times; call++) {
          while (Atomics.load(words, REQUEST) === seen) {
            const wait = Atomics.waitAsync(words, REQUEST, seen);
            if (wait.async) await wait.value;
          }
          seen++;
          arrivals.add();
          bytes.copy(bytes, REPLY_AT, REQUEST_AT, REQUEST_AT + MAILBOX_BYTES);
          Atomics.store(words, REPLY, seen);
          Atomics.notify(words, REPLY);
        }
        return arrivals.take();
      };
      return {
        async round() {
          const samples: number[] = [];
          for (let index = 0; index < loops; index++) samples.push(...(await loop()));
          return samples;
        },
        async [Symbol.asyncDispose]() {
          await worker.terminate();
        },
      };
    },
  };
}
