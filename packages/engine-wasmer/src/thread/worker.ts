import { isMainThread, workerData } from "node:worker_threads";
import {
  GuestEnd,
  GuestLink,
  type StartMessage,
  type ThreadData,
  TO_GUEST,
  TO_HOST,
  toFault,
} from "@spacedrive/runtime/engine";
import { PREVIEW1_MODULE } from "../preview1/preview1-signatures.js";
import { GuestSession } from "./guest-session.js";
import { Preview1Shim, type StandardStreams } from "../preview1/preview1-shim.js";

/*
 * The thread of one command. `_start` runs from the first instruction to the end of the guest's life: the host's commands
 * are what it reads from standard input, and while it waits for one the whole thread sleeps. It has no event loop.
 */

/** Frames of a trap's stack; V8's default of 10 cuts off the author's own function. */
const STACK_FRAMES = 32;
/** As on the other transport, and never more than the guest's memory may have. */
const MOST_FILE_BYTES = 64 * 1024 * 1024;
const NOTHING = Buffer.alloc(0);

function runCommand(end: GuestEnd, link: GuestLink): never {
  // Proof: the host posts a StartMessage before it sends START, the first command on every thread.
  const { module, limits, maxPages } = end.receive() as StartMessage;
  link.reset(limits);
  const session = new GuestSession(end, link, limits);
  const streams: StandardStreams = {
    read(maxBytes) {
      for (;;) {
        const bytes = session.takeInput(maxBytes);
        if (bytes !== null) return bytes;
        if (session.closing) return NOTHING;
        if (!session.answered) throw session.stuck();
        session.nextCommand(shim.pages);
      }
    },
    writeOutput: (buffer, start, length) => session.writeOutput(buffer, start, length),
    writeError: (buffer, start, length) => session.writeError(buffer, start, length),
    exit: (code) => session.exited(code, shim.pages),
    fault: (thrown) => session.fault(toFault(thrown, false), shim.pages),
  };
  const shim = new Preview1Shim(streams, Math.min(MOST_FILE_BYTES, limits.maxMemoryBytes));
  let firstPages = 0;
  try {
    const instance = new WebAssembly.Instance(module, { [PREVIEW1_MODULE]: shim.functions() });
    // Proof: admission saw the export "memory", and that it is one; and "_start", and that it takes and gives nothing.
    shim.setMemory(instance.exports["memory"] as WebAssembly.Memory);
    firstPages = shim.pages;
    (instance.exports["_start"] as () => void)();
  } catch (thrown) {
    // A memory that began at its maximum says nothing about a trap.
    session.fault(toFault(thrown, shim.pages >= maxPages && shim.pages > firstPages), shim.pages);
  }
  return session.exited(0, shim.pages);
}

function run(data: ThreadData): never {
  const end = new GuestEnd(data);
  const link = new GuestLink(end, data.shared);
  end.tell(TO_HOST.READY);
  const command = end.awaitCommand();
  if (command === TO_GUEST.START) return runCommand(end, link);
  return end.sleepForEver();
}

if (!isMainThread) {
  Error.stackTraceLimit = STACK_FRAMES;
  // Proof: the engine makes this data, and nothing else starts this file.
  run(workerData as ThreadData);
}
