import { StoreThread } from "./store-thread.js";
import { SyncThread } from "./sync-thread.js";

/** The threads behind the databases of a process. Each starts when it is first needed, and goes when it no longer is. */
export interface StoreThreads {
  /** Makes commits durable. */
  readonly sync: SyncThread;
  /** Copies WALs into their databases. */
  readonly checkpoints: StoreThread;
  /** Answers long reads. A thread of its own: a checkpoint would wait for the end of a scan, and commits for it. */
  readonly scans: StoreThread;
}

const threadsOf = new Map<string, StoreThreads>();

/** The same for every database of the process that uses the same worker file. */
export function storeThreads(workerUrl: URL): StoreThreads {
  let threads = threadsOf.get(workerUrl.href);
  if (threads === undefined) {
    threads = {
      sync: new SyncThread(workerUrl),
      checkpoints: new StoreThread(workerUrl, "spacedrive-store-checkpoints"),
      scans: new StoreThread(workerUrl, "spacedrive-store-scans"),
    };
    threadsOf.set(workerUrl.href, threads);
  }
  return threads;
}
