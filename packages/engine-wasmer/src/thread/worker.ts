import { isMainThread, MessageChannel, receiveMessageOnPort, workerData } from "node:worker_threads";
import {
  DEFAULT_GUEST_LIMITS,
  GuestEnd,
  GuestLink,
  type StartMessage,
  type ThreadData,
  TO_GUEST,
  TO_HOST,
  toFault,
  WORD,
} from "@spacedrive/runtime/engine";
import { PREVIEW1_MODULE } from "../preview1/preview1-signatures.js";
import { GuestSession } from "./guest-session.js";
import { Preview1Shim, type StandardStreams } from "../preview1/preview1-shim.js";
import { WARM_UP_COMMAND } from "./warm-up-command.js";

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
  const { module, bytes, limits, maxPages } = end.receive() as StartMessage;
  link.reset(limits);
  const session = new GuestSession(end, link, limits);
  if (bytes !== undefined) return session.misplaced("shim", "wasmer");
  const streams: StandardStreams = {
    read(maxBytes) {
      streams.awaitInput();
      return session.takeInput(maxBytes) ?? NOTHING;
    },
    awaitInput() {
      while (!session.hasInput && !session.closing) {
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

/**
 * Runs a command once while the thread is idle: the first one on a thread compiles our own code and sets WebAssembly up, which
 * takes milliseconds. The host hears nothing of it.
 */
function warmUp(end: GuestEnd, link: GuestLink): void {
  const { port1, port2 } = new MessageChannel();
  const start: StartMessage = {
    module: new WebAssembly.Module(Buffer.from(WARM_UP_COMMAND, "base64")),
    maxPages: 1,
    limits: DEFAULT_GUEST_LIMITS,
  };
  port1.postMessage(start);
  // Proof: it was posted on the line above.
  const received = receiveMessageOnPort(port2)?.message as StartMessage;
  const { module, limits } = received;
  port1.close();
  link.reset(limits);
  const session = new GuestSession(end, link, limits);
  const unexpected = (): never => {
    throw new Error("the command that warms a thread up did what it never does");
  };
  const streams: StandardStreams = {
    read: (maxBytes) => session.takeInput(maxBytes) ?? unexpected(),
    awaitInput: unexpected,
    writeOutput: (buffer, start, length) => session.writeOutput(buffer, start, length),
    writeError: unexpected,
    exit: unexpected,
    fault: unexpected,
  };
  const shim = new Preview1Shim(streams, 0);
  const instance = new WebAssembly.Instance(module, { [PREVIEW1_MODULE]: shim.functions() });
  // Proof: the comment of WARM_UP_COMMAND shows both exports.
  shim.setMemory(instance.exports["memory"] as WebAssembly.Memory);
  (instance.exports["_start"] as () => void)();
  // What it logged is nobody's: the host has not begun to read.
  end.words[WORD.RING_HEAD] = end.words[WORD.RING_TAIL] ?? 0;
}

function run(data: ThreadData): never {
  const end = new GuestEnd(data);
  const link = new GuestLink(end, data.shared);
  warmUp(end, link);
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
