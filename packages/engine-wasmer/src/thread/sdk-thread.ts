import { Worker } from "node:worker_threads";
import type { WasmerThreadData } from "./wasmer-thread.js";

/** All that the SDK holds of one guest beside the guest's own memory, in pages; without this it is 4 GB. */
const MOST_SDK_PAGES = 8_192;

/** As browsers have it, which is what the SDK wants of a worker. */
interface SdkWorker {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: SdkWorkerError) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}

interface SdkWorkerError {
  readonly message: string;
  readonly filename: string;
  readonly lineno: number;
  readonly colno: number;
}

/**
 * Gives the SDK, loaded in this thread from now on, its threads and its memory: threads of ours that run its file with an eye on
 * the guest, without a way to the network, and a memory that has an end.
 */
export function provideSdkThreads(threadUrl: URL, words: Int32Array<SharedArrayBuffer>): void {
  let memory: WebAssembly.Memory | null = null;
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct(target, [descriptor]: [WebAssembly.MemoryDescriptor]) {
      const { maximum = MOST_SDK_PAGES } = descriptor;
      memory = new target({ ...descriptor, maximum: Math.min(maximum, MOST_SDK_PAGES) });
      return memory;
    },
  });

  class SdkThread implements SdkWorker {
    onmessage: SdkWorker["onmessage"] = null;
    onerror: SdkWorker["onerror"] = null;
    readonly #worker: Worker;

    constructor(url: string | URL) {
      const data: WasmerThreadData = { sdkUrl: String(url), memory, words };
      // What the SDK says of its own troubles is told by the end of the guest.
      const streams = { stdout: true, stderr: true };
      this.#worker = new Worker(threadUrl, { workerData: data, execArgv: [], argv: [], env: {}, ...streams });
      this.#worker.stdout.resume();
      this.#worker.stderr.resume();
      this.#worker.on("message", (message) => this.onmessage?.({ data: message }));
      this.#worker.on("error", (error) => {
        const message = error instanceof Error ? error.message : String(error);
        this.onerror?.({ message, filename: "", lineno: 0, colno: 0 });
      });
    }

    postMessage(message: unknown): void {
      this.#worker.postMessage(message);
    }

    terminate(): void {
      void this.#worker.terminate();
    }
  }
  Object.defineProperty(globalThis, "Worker", { configurable: true, value: SdkThread });
}
