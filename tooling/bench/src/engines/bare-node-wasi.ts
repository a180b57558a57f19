import { execFile } from "node:child_process";
import { once } from "node:events";
import { constants, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { compileGuest } from "../compile-guest.ts";
import type { LiveGuest, PrepareEngine } from "./engine.ts";
import { RecordTalk } from "./record-talk.ts";

const WORKER = new URL("./node-wasi-worker.js", import.meta.url);
/** Node says of each worker that WASI is experimental. */
const QUIET = ["--disable-warning=ExperimentalWarning"];
/** Neither blocks until the other end is there, nor ends when it is gone. */
const OWN_END = constants.O_RDWR | constants.O_NONBLOCK;

/** Two named pipes: Node hands out no unnamed ones within a process. */
interface Pipes {
  readonly input: string;
  readonly output: string;
}

/** The command on `node:wasi`, in a worker as long as it lives, whose standard streams are pipes. */
export const bareNodeWasi: PrepareEngine = async () => {
  const bytes = await compileGuest("bench-command");
  const folder = await mkdtemp(join(tmpdir(), "spacedrive-bench-"));
  const free = [await makePipes(folder, 0)];
  let made = 1;
  return async () => {
    const module = await WebAssembly.compile(bytes);
    return {
      async start(onCall = () => {}) {
        const pipes = free.pop() ?? (await makePipes(folder, made++));
        return await startGuest(module, pipes, onCall, () => free.push(pipes));
      },
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
    };
  };
};

async function makePipes(folder: string, number: number): Promise<Pipes> {
  const input = join(folder, `${number}.in`);
  const output = join(folder, `${number}.out`);
  await promisify(execFile)("mkfifo", [input, output]);
  return { input, output };
}

async function startGuest(
  module: WebAssembly.Module,
  pipes: Pipes,
  onCall: () => void,
  onGone: () => void,
): Promise<LiveGuest> {
  const toGuest = new Socket({ fd: openSync(pipes.input, OWN_END), readable: false, writable: true });
  const fromGuest = new Socket({ fd: openSync(pipes.output, OWN_END), readable: true, writable: false });
  const worker = new Worker(WORKER, { workerData: { module, ...pipes }, execArgv: QUIET, env: {} });
  const exited = once(worker, "exit");
  const talk = new RecordTalk((record) => toGuest.write(record), onCall);
  fromGuest.on("data", (bytes: Uint8Array) => talk.receive(bytes));
  // It sleeps inside of a read, out of which only the end of its input wakes it: no `terminate()` does.
  const end = async (): Promise<void> => {
    toGuest.destroy();
    await exited;
    fromGuest.destroy();
    onGone();
  };
  await talk.command("start", { protocol: 1 });
  return {
    handle: async (operation, input) =>
      String(await talk.command("handle", { export: operation, context: "{}", input })),
    async stopLoop(limitMs) {
      void talk.command("call", { export: "loop" });
      const { promise, resolve } = Promise.withResolvers<number>();
      setTimeout(() => resolve(performance.now()), limitMs);
      const from = await promise;
      await worker.terminate();
      return performance.now() - from;
    },
    [Symbol.asyncDispose]: end,
  };
}
