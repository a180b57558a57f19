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
} from "@spacedrive/runtime/engine";
import { type Process, Wasmer } from "@wasmer/sdk/node";
import { GuestSession } from "./guest-session.js";
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

async function runCommand(wasmer: Wasmer, end: GuestEnd, link: GuestLink): Promise<never> {
  // Proof: the host posts a StartMessage before it sends START, the first command on every thread.
  const { bytes, limits } = end.receive() as StartMessage;
  link.reset(limits);
  const session = new GuestSession(end, link, limits);
  const command = await spawn(wasmer, bytes ?? new Uint8Array());
  const errors = readErrors(command, session);
  try {
    await serve(command, session);
    await errors;
  } catch (thrown) {
    session.fault(thrown instanceof GuestFault ? thrown : faultOf(thrown), 0);
  }
  const { exitCode } = await command
    .wait({ check: false })
    .catch((thrown: unknown) => session.fault(faultOf(thrown), 0));
  return session.exited(exitCode, 0);
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
async function warmUp(wasmer: Wasmer): Promise<void> {
  const command = await spawn(wasmer, Buffer.from(WARM_UP_COMMAND, "base64"));
  await command.stdin?.close();
  await command.wait({ check: false });
  await delay(FREE_AFTER_MS);
}

async function serve({ stdin, stdout }: Process, session: GuestSession): Promise<void> {
  if (stdin === null || stdout === null) throw new GuestFault("trap", "its standard streams are not there");
  const feed = async (): Promise<void> => {
    for (;;) {
      const input = session.takeInput(INPUT_BYTES);
      if (input === null) return;
      // It fails where the command has ended, which its exit tells better.
      await stdin.write(input).catch(() => {});
    }
  };
  await feed();
  for await (const chunk of stdout) {
    const output = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    session.writeOutput(output, 0, output.length);
    if (session.answered) {
      // What it wrote to standard error meanwhile is handed on first, where it has come.
      await nextTurn();
      // Sleeps: the guest has nothing to do until the next command, beside a last log line, which waits as long.
      session.nextCommand(0);
    }
    await feed();
  }
}

async function readErrors({ stderr }: Process, session: GuestSession): Promise<void> {
  if (stderr === null) return;
  for await (const chunk of stderr) {
    const output = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    session.writeError(output, 0, output.length);
  }
}

/** The SDK tells of a trap by a message that has the stack in it, its own frames included. */
function faultOf(thrown: unknown): GuestFault {
  const text = (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, MAX_STACK_CHARACTERS);
  if (OVERFLOW.test(text)) return new GuestFault("stack-overflow", "its stack overflowed");
  const lines = text.split("\n");
  const below = lines.findIndex((line) => line.includes("wasmer_sdk_js"));
  const stack = lines.slice(0, below < 0 ? lines.length : below).filter((line) => GUEST_FRAME.test(line));
  return new GuestFault(
    "trap",
    printableLine(RUNTIME_ERROR.exec(text)?.[1]?.replace(/^js: /, "") ?? lines[0] ?? text, MAX_SHOWN_CHARACTERS),
    ["", ...stack].join("\n"),
  );
}

async function run(data: ThreadData): Promise<void> {
  const end = new GuestEnd(data);
  const link = new GuestLink(end, data.shared);
  const wasmer = new Wasmer({ cache: "memory", parallelism: 1 });
  await wasmer.ready();
  if (data.spare) await warmUp(wasmer);
  end.tell(TO_HOST.READY);
  if (end.awaitCommand() === TO_GUEST.START) await runCommand(wasmer, end, link);
}

if (!isMainThread) {
  // Proof: the engine makes this data, and nothing else starts this file.
  void run(workerData as ThreadData);
}
