import { isMainThread, workerData } from "node:worker_threads";
import { GuestWitness } from "../watch/guest-watch.js";
import { watchInstances } from "../watch/watch-instances.js";

/*
 * A thread of the SDK's, in which a command runs: the SDK's own file, with an eye on the instance that it makes.
 */

export interface WasmerThreadData {
  /** The SDK's file for its threads. */
  readonly sdkUrl: string;
  /** The SDK's own memory, in which it holds everything beside the command's. */
  readonly memory: WebAssembly.Memory | null;
  readonly words: Int32Array<SharedArrayBuffer>;
}

if (!isMainThread) {
  // Proof: SdkThread makes this data, and nothing else starts this file.
  const { sdkUrl, memory, words } = workerData as WasmerThreadData;
  watchInstances({ witness: new GuestWitness(words), heldBytes: () => memory?.buffer.byteLength ?? 0 });
  // What is posted meanwhile waits until the SDK listens. Where it fails the thread ends, which is told.
  void import(sdkUrl);
}
