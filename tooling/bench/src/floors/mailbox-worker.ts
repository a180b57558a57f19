import { parentPort, workerData } from "node:worker_threads";
import { MAILBOX_BYTES, REPLY, REPLY_AT, REQUEST, REQUEST_AT } from "./mailbox-layout.ts";

// Proof: mailbox.ts starts this file, with its SharedArrayBuffer as workerData.
const shared = workerData as SharedArrayBuffer;
const words = new Int32Array(shared);
const bytes = Buffer.from(shared);
const own = Buffer.alloc(MAILBOX_BYTES, "x");
let sent = 0;

parentPort?.on("message", (times: number) => {
  for (let call = 0; call < times; call++) {
    own.copy(bytes, REQUEST_AT);
    sent++;
    Atomics.store(words, REQUEST, sent);
    Atomics.notify(words, REQUEST);
    Atomics.wait(words, REPLY, sent - 1);
    bytes.copy(own, 0, REPLY_AT, REPLY_AT + MAILBOX_BYTES);
  }
});
