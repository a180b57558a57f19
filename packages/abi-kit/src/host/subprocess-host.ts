import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as after } from "node:timers/promises";
import { describeIssues, parseJson, SpacedriveError } from "@spacedrive/wire";
import { z } from "zod";
import { hostMissing } from "./host-missing.js";
import type { HostRun, HostUnderTest, Observation } from "./host-under-test.js";
import { observationsSchema, parseObservations } from "./observations.js";
import { readLines } from "./read-lines.js";

const replySchema = z
  .object({ id: z.int(), skipped: z.string().min(1).optional(), observations: observationsSchema.optional() })
  .refine(({ skipped, observations }) => (skipped === undefined) !== (observations === undefined), {
    error: "needs either observations or skipped",
  });

/** What a shell ends with where what it was given cannot be run, or is not there. */
const CANNOT_RUN: readonly (number | null)[] = [126, 127];
/** How long what a command wrote last may be on its way after its end, where something else holds its stdout open. */
const LAST_WORDS_MS = 1_000;

/** A question that has not been answered, and of whom it was asked. */
interface Waiting {
  readonly of: ChildProcess;
  readonly settle: (line: string) => void;
  readonly fail: (error: Error) => void;
}

/**
 * A host in any language: a command that reads one JSON object a line, `{ id, vector, engine, needs, wasm (base64), limits, host, steps }`,
 * and answers `{ id, observations }` or `{ id, skipped }`, one a line. Its stderr is passed on. It is started again where
 * it has ended, has left a question open, or has written what is no answer.
 *
 * @throws SpacedriveError `INVALID_INPUT` for an empty command. A run rejects with `HOST_UNREACHABLE` where the command ends.
 */
export function createSubprocessHost(command: string): HostUnderTest {
  if (command.trim() === "") throw new SpacedriveError("INVALID_INPUT", "The command of a host is empty.");
  let child: ChildProcess | null = null;
  let waiting: Waiting | null = null;
  /** What it wrote without being asked, which the next question is answered with. */
  let unasked: SpacedriveError | null = null;
  let answered = false;
  let runs = 0;

  const drop = (): void => {
    if (child !== null) kill(child);
    child = null;
  };

  const open = (): ChildProcess => {
    // A group of its own: what the shell has started is ended with it, also where this process is ended.
    const started = spawn(command, { shell: true, detached: true, stdio: ["pipe", "pipe", "inherit"] });
    const killWithUs = (): void => kill(started);
    process.once("exit", killWithUs);
    const fail = (error: Error): void => {
      if (child === started) child = null;
      if (waiting?.of !== started) return;
      waiting.fail(error);
      waiting = null;
    };
    const heard = listen(started, (line) => {
      if (waiting?.of === started) {
        waiting.settle(line);
        waiting = null;
      } else if (child === started) {
        unasked = wrongLine(command, `wrote a line that nothing was asked for: ${line.slice(0, 200)}`);
        drop();
      }
    }).catch((error: Error) => {
      fail(wrongLine(command, `gave no answer: ${error.message.replace(/\.$/, "")}`));
      kill(started);
    });
    started.on("error", (error) =>
      fail(hostMissing(`The command "${command}" could not be started: ${error.message}`)),
    );
    const endedWith = async (code: number | null, signal: string | null): Promise<void> => {
      process.removeListener("exit", killWithUs);
      await Promise.race([heard, after(LAST_WORDS_MS)]);
      if (!answered && CANNOT_RUN.includes(code)) {
        const advice = "Is its path right from here, and may it be executed?";
        fail(hostMissing(`The command "${command}" could not be run: its shell ended with ${code}. ${advice}`));
      }
      const how = code === null ? signal : `exit code ${code}`;
      fail(new SpacedriveError("HOST_UNREACHABLE", `The command "${command}" ended (${how}) while it was asked.`));
    };
    started.on("exit", (code, signal) => void endedWith(code, signal));
    // Whoever waits hears of the end by the exit.
    started.stdin.on("error", () => {});
    child = started;
    return started;
  };

  const ask = async (line: string): Promise<string> => {
    if (unasked !== null) {
      const complaint = unasked;
      unasked = null;
      throw complaint;
    }
    if (waiting !== null) {
      // It was given up: its answer, should it still come, is to no question of ours.
      waiting = null;
      drop();
    }
    const asked = child ?? open();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    waiting = { of: asked, settle: resolve, fail: reject };
    asked.stdin?.write(`${line}\n`);
    return promise;
  };

  return {
    name: command,
    async run({ wasm, ...run }: HostRun): Promise<readonly Observation[] | string> {
      const id = ++runs;
      const line = await ask(JSON.stringify({ id, ...run, wasm: Buffer.from(wasm).toString("base64") }));
      try {
        const reply = readReply(command, line, id);
        answered = true;
        return reply.skipped ?? parseObservations(reply.observations);
      } catch (error) {
        // What else it has written, or will, answers nobody's question.
        drop();
        throw error;
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      const running = child;
      child = null;
      waiting = null;
      if (running === null || running.exitCode !== null || running.signalCode !== null) return;
      const gone = new Promise((resolve) => running.once("exit", resolve));
      kill(running);
      await gone;
    },
  };
}

async function listen({ stdout }: ChildProcess, onLine: (line: string) => void): Promise<void> {
  if (stdout === null) return;
  for await (const line of readLines(stdout)) onLine(line);
}

function readReply(command: string, line: string, id: number): z.infer<typeof replySchema> {
  let value: unknown;
  try {
    value = parseJson(line, "what it wrote");
  } catch (error) {
    throw wrongLine(command, `answered no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const reply = replySchema.safeParse(value);
  if (!reply.success) {
    throw new SpacedriveError("INVALID_INPUT", `"${command}" answered no reply: ${describeIssues(reply.error)}`);
  }
  if (reply.data.id !== id) throw wrongLine(command, `answered the id ${reply.data.id} to ${id}`);
  return reply.data;
}

function wrongLine(command: string, what: string): SpacedriveError {
  const next = "Its stdout is for answers alone, one line for each question; all else belongs on stderr.";
  return new SpacedriveError("INVALID_INPUT", `"${command}" ${what}. ${next}`);
}

/** Ends the shell and what it has started. */
function kill(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended already; and where there are no groups, its own end is all that there is.
    child.kill("SIGKILL");
  }
}
