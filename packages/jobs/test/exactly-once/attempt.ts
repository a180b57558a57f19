import { isSpacedriveError, parseJson, SpacedriveError } from "@spacedrive/wire";
import type { JobContext, JobOutcome, WakeWhen } from "../../src/index.js";
import { Dead, type FuzzHost } from "./fuzz-host.js";
import { answerOf, callOf, outputOf } from "./fuzz-operations.js";
import type { Answer, Call, Program, ProgramState } from "./program.js";
import { type ProgramEnd, type ProgramHost, runProgram, StepRefused } from "./run-program.js";
import { EXTENSION } from "./world.js";

/** What an attempt does is seen here. */
export interface AttemptWatch {
  /** The program makes a call. */
  began(call: Call): void;
  /** The program has been told so by a host that lives. */
  answered(answer: Answer, call: Call): void;
  /** A checkpoint was acknowledged. */
  saved(state: ProgramState): void;
  /** A promise was broken. */
  broken(promise: string): void;
  /** What the next step is to throw instead of being made, or null. */
  trap(): SpacedriveError | null;
}

/** The attempt ends as an interrupted one does. */
class Interrupted extends Error {}

/** Codes of a disk that fails. */
export function isStoreCode(code: string): boolean {
  return code === "DISK_FULL" || code === "STORE_FAILED" || code === "STORE_LOCKED";
}

/** The state that a job of these tests has. */
export function programStateOf(text: string | null): ProgramState {
  // Proof: only these tests dispatch jobs of this type, and only their attempts checkpoint.
  return parseJson(text ?? "", "the state of a program") as ProgramState;
}

/** Runs a program as a job's handler does, from its state. */
export async function runAttempt(
  program: Program,
  state: ProgramState,
  host: FuzzHost,
  context: JobContext,
  watch: AttemptWatch,
): Promise<JobOutcome> {
  try {
    return outcomeOf(await runProgram(program, state, programHost(program, state.name, host, context, watch)));
  } catch (thrown) {
    if (thrown instanceof Interrupted) return { kind: "interrupted" };
    if (thrown instanceof StepRefused) throw new SpacedriveError("DISK_FULL", thrown.message);
    throw thrown;
  }
}

function outcomeOf(end: ProgramEnd): JobOutcome {
  switch (end.kind) {
    case "completed":
      return { kind: "completed", result: end.result };
    case "failed":
      return { kind: "failed", error: new SpacedriveError("JOB_FAILED", end.result) };
    case "interrupted":
      return { kind: "interrupted" };
    case "suspended": {
      if (end.state === null) return { kind: "suspended" };
      return { kind: "suspended", state: JSON.stringify(end.state), until: wakeWhen(end.until, end.state.name) };
    }
    default:
      return end satisfies never;
  }
}

function wakeWhen(until: "children" | "event" | number, name: string): WakeWhen {
  if (until === "children") return { children: "ended" };
  if (until === "event") return { event: { name: `${EXTENSION}:${name}`, after: 0 }, afterMs: 5_000 };
  return { afterMs: until };
}

function programHost(
  { asText, stubborn }: Program,
  name: string,
  host: FuzzHost,
  context: JobContext,
  watch: AttemptWatch,
): ProgramHost {
  /** Calls that it has to make again before it is where it was. */
  let replayed = host.alive ? host.recordedCalls(context.id) : 0;
  let spoiled = false;
  const checkAlive = (): void => {
    if (!host.alive) throw new Dead();
  };
  return {
    async call(call, text) {
      const { method, payload } = callOf(name, call, text);
      watch.began(call);
      const made = asText
        ? context.callJson(method, JSON.stringify(payload), context.library).then(outputOf)
        : context.call(method, payload);
      const answer = await answerOf(made);
      replayed--;
      checkAlive();
      if (!answer.ok && (answer.code === "CANCELLED" || answer.code === "JOB_NOT_RUNNING")) {
        spoiled = true;
        if (!stubborn) throw new Interrupted();
      }
      return answer;
    },
    async checkpoint(state) {
      try {
        await context.checkpoint(JSON.stringify(state));
      } catch (thrown) {
        checkAlive();
        if (isSpacedriveError(thrown) && isStoreCode(thrown.code)) return false;
        if (isSpacedriveError(thrown) && (thrown.code === "CANCELLED" || thrown.code === "JOB_NOT_RUNNING")) {
          throw new Interrupted();
        }
        throw thrown;
      }
      checkAlive();
      watch.saved(state);
      return true;
    },
    interrupted() {
      host.happened("look");
      checkAlive();
      const interrupt = context.interrupt();
      if (interrupt === "pause" && replayed > 0) watch.broken(`${name} was told of a pause while it was replayed`);
      return interrupt !== "none";
    },
    progress: (fraction, message) => context.reportProgress(fraction, message),
    warn: (message) => context.addWarning(message),
    count(bytes, items) {
      context.incrementBytes(bytes);
      context.incrementItems(items);
    },
    between() {
      host.happened("step");
      checkAlive();
      const trap = watch.trap();
      if (trap !== null) throw trap;
    },
    answered(answer, call) {
      if (!spoiled) watch.answered(answer, call);
    },
  };
}
