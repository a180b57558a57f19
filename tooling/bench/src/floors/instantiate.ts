import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** A thread that instantiates the modules that it is sent, with imports that do nothing. */
export interface BareThread extends AsyncDisposable {
  instantiate(module: WebAssembly.Module): Promise<void>;
}

export function startBareThread(): BareThread {
  const worker = new Worker(new URL("./instantiate-worker.js", import.meta.url), { execArgv: [] });
  return {
    async instantiate(module) {
      worker.postMessage(module);
      await once(worker, "message");
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}
