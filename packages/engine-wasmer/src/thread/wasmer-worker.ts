import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { isMainThread, workerData } from "node:worker_threads";
import {
  GuestEnd,
  GuestFault,
  GuestLink,
  printableLine,
  type StartMessage,
  type ThreadData,
  TO_GUEST,
  TO_HOST,
  toFault,
} from "@spacedrive/runtime/engine";
import { type Process, Wasmer } from "@wasmer/sdk/node";
import { createWatchWords, GuestWatch } from "../watch/guest-watch.js";
import { GuestSession } from "./guest-session.js";
import { provideSdkThreads } from "./sdk-thread.js";
import { WARM_UP_COMMAND } from "./warm-up-command.js";

/*
 * The thread of one command on @wasmer/sdk. The SDK runs the command in threads of its own below this one, all of which end
 * with it; what the command writes comes as events of this thread's loop, which sleeps only where the guest waits for us.
 */

const MAX_STACK_CHARACTERS = 16_384;
/** Of what the SDK says, in the host's messages. */
const MAX_SHOWN_CHARACTERS = 500;
const INPUT_BYTES = 65_536;
/** Until the SDK's own thread is free again after a command, which it does not tell. */
const FREE_AFTER_MS = 50;
const RUNTIME_ERROR = /RuntimeError: (.*)/;
const OVERFLOW = /Maximum call stack size exceeded/;
/** A frame of the guest's own, as V8 writes it. */
const GUEST_FRAME = /^\s*at .*wasm-function\[\d+\]/;

async function runCommand(wasmer: Wasmer, end: GuestEnd, link: GuestLink, watch: GuestWatch): Promise<never> {
  // Proof: the host posts a StartMessage before it sends START, the first command on every thread.
  const { bytes, limits, maxPages } = end.receive() as StartMessage;
  link.reset(limits);
  const session = new GuestSession(end, link, limits);
  if (bytes === undefined) return session.misplaced("wasmer", "shim");
  const command = await spawn(wasmer, bytes);
  const fail = (thrown: unknown): never => session.fault(faultOf(thrown, watch.grewTo(maxPages)), watch.pages);
  await serve(command, session, watch).catch(fail);
  const { exitCode } = await command.wait({ check: false }).catch(fail);
  return session.exited(exitCode, watch.pages);
}

async function spawn(wasmer: Wasmer, bytes: Uint8Array): Promise<Process> {
  const pkg = await wasmer.packages.load(bytes);
  const sandbox = await wasmer.sandboxes.create({ packages: [pkg], env: {}, network: { mode: "disabled" } });
  return await sandbox.command(pkg, []).spawn({ stdin: "pipe", stdout: "pipe", stderr: "pipe" });
}

/**
 * Runs a command to its end in a spare thread: the SDK makes a thread of its own for the first one, which takes a hundred
 * milliseconds and more, and keeps it for the next. Not where a start is waited for, which would only wait longer.
 */
async function warmUp(wasmer: Wasmer, words: Int32Array): Promise<void> {
  const command = await spawn(wasmer, Buffer.from(WARM_UP_COMMAND, "base64"));
  await command.stdin?.close();
  await command.wait({ check: false });
  await delay(FREE_AFTER_MS);
  // What is watched begins with the guest.
  words.fill(0);
}

/** Until the command's streams have ended. */
async function serve({ stdin, stdout, stderr }: Process, session: GuestSession, watch: GuestWatch): Promise<void> {
  if (stdin === null || stdout === null || stderr === null)
    throw new GuestFault("trap", "its standard streams are not there");
  let fed = Promise.resolve();
  const feed = (): void => {
    for (let input = session.takeInput(INPUT_BYTES); input !== null; input = session.takeInput(INPUT_BYTES)) {
      const part = input;
      watch.sent(part.length);
      // It fails where the command has ended, which its exit tells better.
      fed = fed.then(() => stdin.write(part)).catch(() => {});
    }
  };
  const readOutput = async (): Promise<void> => {
    for await (const chunk of stdout) {
      if (!watch.seen) throw new GuestFault("trap", UNSEEN);
      session.writeOutput(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length), 0, chunk.length);
      feed();
      watch.receivedOutput(chunk.length);
    }
  };
  const readErrors = async (): Promise<void> => {
    for await (const chunk of stderr) {
      session.writeError(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length), 0, chunk.length);
      watch.receivedErrors(chunk.length);
    }
  };
  const takeTurns = async (): Promise<void> => {
    while (!session.closing) {
      await watch.change();
      // A wait that ends at once is none: a turn later it is over, or another one.
      const { wait } = watch;
      await nextTurn();
      if (wait === null || watch.wait !== wait) continue;
      if (!session.answered) throw session.stuck();
      // Sleeps: until the next command the guest waits, too.
      session.nextCommand(watch.pages);
      feed();
    }
    await stdin.close();
    await ended;
  };
  feed();
  const ended = Promise.all([readOutput(), readErrors()]);
  await Promise.race([ended, takeTurns()]);
}

const UNSEEN =
  "the installed @wasmer/sdk runs it in another way than its version 0.16.0, in which it cannot be watched. Install that version";

/** The SDK tells of a trap by a message that has the stack in it, its own frames included. */
function faultOf(thrown: unknown, memoryAtCap: boolean): GuestFault {
  if (thrown instanceof GuestFault) return thrown;
  const text = (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, MAX_STACK_CHARACTERS);
  if (OVERFLOW.test(text)) return new GuestFault("stack-overflow", "its stack overflowed");
  const lines = text.split("\n");
  const below = lines.findIndex((line) => line.includes("wasmer_sdk_js"));
  const stack = lines.slice(0, below < 0 ? lines.length : below).filter((line) => GUEST_FRAME.test(line));
  const said = RUNTIME_ERROR.exec(text)?.[1]?.replace(/^js: /, "") ?? lines[0] ?? text;
  const error = new Error(printableLine(said, MAX_SHOWN_CHARACTERS));
  error.stack = ["", ...stack].join("\n");
  return toFault(error, memoryAtCap);
}

async function run(data: ThreadData): Promise<void> {
  const end = new GuestEnd(data);
  const link = new GuestLink(end, data.shared);
  const words = createWatchWords();
  provideSdkThreads(new URL("./wasmer-thread.js", import.meta.url), words);
  const wasmer = new Wasmer({ cache: "memory", parallelism: 1 });
  await wasmer.ready();
  if (data.spare) await warmUp(wasmer, words);
  end.tell(TO_HOST.READY);
  if (end.awaitCommand() === TO_GUEST.START) await runCommand(wasmer, end, link, new GuestWatch(words));
}

if (!isMainThread) {
  // Proof: the engine makes this data, and nothing else starts this file.
  void run(workerData as ThreadData);
}
