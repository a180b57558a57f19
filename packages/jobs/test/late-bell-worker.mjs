// A sync thread that wakes the host too early, each time: as a wake-up does that comes late from the answer before.
import { fdatasyncSync } from "node:fs";
import { workerData } from "node:worker_threads";

const [ASKED, DONE, FD, ERRNO] = [0, 1, 2, 3];
const words = new Int32Array(workerData.sync);
const never = new Int32Array(new SharedArrayBuffer(4));
for (let seen = 0; ; ) {
  while (Atomics.load(words, ASKED) === seen) Atomics.wait(words, ASKED, seen);
  seen = Atomics.load(words, ASKED);
  // The host waits by now, or will within this moment.
  Atomics.wait(never, 0, 0, 2);
  Atomics.notify(words, DONE);
  Atomics.wait(never, 0, 0, 2);
  fdatasyncSync(words[FD]);
  words[ERRNO] = 0;
  Atomics.store(words, DONE, seen);
  Atomics.notify(words, DONE);
}
