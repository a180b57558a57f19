import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { describeIssues, parseJson, SpacedriveError } from "@spacedrive/wire";
import { z } from "zod";
import type { HostRun, HostUnderTest, Observation } from "./host-under-test.js";

const eventSchema = z.looseObject({ event: z.string() });

const replySchema = z.object({
  id: z.int(),
  skipped: z.string().optional(),
  observations: z
    .array(
      z.looseObject({
        error: z.string().optional(),
        message: z.string().optional(),
        returned: z.int().optional(),
        answer: z.string().optional(),
        outcome: z.string().optional(),
        keptWarnings: z.int().optional(),
        alive: z.boolean(),
        events: z.array(eventSchema),
      }),
    )
    .optional(),
});

/** A question that has not been answered, and of whom it was asked. */
interface Waiting {
  readonly of: ChildProcess;
  readonly settle: (line: string) => void;
  readonly fail: (error: Error) => void;
}

/**
 * A host in any language: a command that reads one JSON object a line, `{ id, vector, engine, needs, wasm (base64), limits, host, steps }`,
 * and answers `{ id, observations }` or `{ id, skipped }`, one a line. Its stderr is passed on. It is started again where
 * it has ended, or has left a question open.
 */
export function createSubprocessHost(command: string): HostUnderTest {
  let child: ChildProcess | null = null;
  let waiting: Waiting | null = null;
  let runs = 0;

  const open = (): ChildProcess => {
    // A group of its own: what the shell has started is ended with it.
    const started = spawn(command, { shell: true, detached: true, stdio: ["pipe", "pipe", "inherit"] });
    const end = (why: string): void => {
      if (child === started) child = null;
      if (waiting?.of !== started) return;
      waiting.fail(new SpacedriveError("HOST_UNREACHABLE", `The command "${command}" ${why}.`));
      waiting = null;
    };
    started.on("error", (error) => end(`could not be started: ${error.message}`));
    started.on("exit", (code, signal) =>
      end(`ended (${code === null ? signal : `exit code ${code}`}) while it was asked`),
    );
    // Whoever waits hears of the end by the exit.
    started.stdin.on("error", () => {});
    createInterface({ input: started.stdout }).on("line", (line) => {
      if (waiting?.of !== started) return;
      waiting.settle(line);
      waiting = null;
    });
    child = started;
    return started;
  };

  const ask = async (line: string): Promise<string> => {
    if (child !== null && waiting !== null) {
      // It was given up: its answer, should it still come, is to no question of ours.
      waiting = null;
      kill(child);
      child = null;
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
      const reply = replySchema.safeParse(parseJson(line, `A line of "${command}"`));
      if (!reply.success) {
        throw new SpacedriveError("INVALID_INPUT", `"${command}" answered no reply: ${describeIssues(reply.error)}`);
      }
      if (reply.data.id !== id) {
        throw new SpacedriveError("INVALID_INPUT", `"${command}" answered the id ${reply.data.id} to ${id}.`);
      }
      if (reply.data.skipped !== undefined) return reply.data.skipped;
      // Proof: what an event lacks is a difference from what is expected, and compared as such.
      return (reply.data.observations ?? []) as unknown as readonly Observation[];
    },
    async [Symbol.asyncDispose](): Promise<void> {
      const running = child;
      child = null;
      waiting = null;
      if (running === null || running.exitCode !== null) return;
      const gone = new Promise((resolve) => running.once("exit", resolve));
      kill(running);
      await gone;
    },
  };
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
