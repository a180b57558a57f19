import { isDeepStrictEqual } from "node:util";
import type { Answer, Call, Program, ProgramState } from "./program.js";
import { type ProgramEnd, type ProgramHost, runInner, runProgram } from "./run-program.js";

/** What a program leaves behind, in its library and elsewhere. */
export interface Traces {
  readonly lines: string[];
  readonly hostLines: string[];
  readonly children: string[];
  readonly events: string[];
  readonly sent: string[];
  counter: number;
}

/** Where a job stands for those who look at it. */
export interface Reported {
  progress: number;
  message: string;
  bytes: number;
  items: number;
  readonly warnings: string[];
}

/** Codes with which a call may be answered when a disk fails: then it has had no effect. */
const STORE_CODES: readonly string[] = ["DISK_FULL", "STORE_FAILED", "STORE_LOCKED"];

/** Answers that only the run itself can tell: they are taken from it. What is left must be as the reference has it. */
const UNFORESEEN: Readonly<Record<Call["op"], readonly string[]>> = {
  read: [],
  noise: ["value"],
  secret: ["value"],
  append: STORE_CODES,
  append_secret: STORE_CODES,
  append_host: STORE_CODES,
  bump: STORE_CODES,
  reject: STORE_CODES,
  broken: [],
  flaky: ["OPERATION_FAILED", ...STORE_CODES],
  gated: ["PERMISSION_DENIED", ...STORE_CODES],
  limited: ["RATE_LIMITED", ...STORE_CODES],
  missing: [],
  invalid: [],
  send: ["key", ...STORE_CODES],
  spawn: ["job_id", ...STORE_CODES],
  spawn_many: ["job_ids", ...STORE_CODES],
  emit: STORE_CODES,
  wake: STORE_CODES,
  outer: [],
};

/** The run was told what no undisturbed run is told. */
export class Impossible extends Error {}

class AnswersOver extends Error {}

/**
 * A program that nobody disturbs, on a library of its own: what a job must look like, however often it was cut. What cannot be
 * foreseen (noise, refusals of the gate, faults of the disk) is as the job was told.
 */
export class Reference implements ProgramHost {
  readonly traces: Traces = { lines: [], hostLines: [], children: [], events: [], sent: [], counter: 0 };
  readonly reported: Reported = { progress: 0, message: "", bytes: 0, items: 0, warnings: [] };
  readonly #program: Program;
  readonly #told: readonly Answer[];
  #calls = 0;

  /** @param told what the job was told, from its beginning. */
  constructor(program: Program, told: readonly Answer[]) {
    this.#program = program;
    this.#told = told;
  }

  /** Runs to the program's end, or until the answers are over: then it answers null. */
  async run(name: string): Promise<ProgramEnd | null> {
    let state: ProgramState = { name, at: 0, answers: [] };
    this.#calls = 0;
    try {
      for (;;) {
        const end = await runProgram(this.#program, state, this);
        if (end.kind !== "suspended") return end;
        state = end.state ?? this.#saved ?? state;
      }
    } catch (thrown) {
      if (thrown instanceof AnswersOver) return null;
      throw thrown;
    }
  }

  #saved: ProgramState | null = null;

  async call(call: Call, text: string): Promise<Answer> {
    const told = this.#told[this.#calls++];
    if (told === undefined) throw new AnswersOver();
    return this.#answer(call, text, told);
  }

  async checkpoint(state: ProgramState): Promise<boolean> {
    this.#saved = state;
    return true;
  }

  interrupted(): boolean {
    return false;
  }

  progress(fraction: number, message: string): void {
    this.reported.progress = fraction;
    this.reported.message = message;
  }

  warn(message: string): void {
    this.reported.warnings.push(message);
  }

  count(bytes: number, items: number): void {
    this.reported.bytes += bytes;
    this.reported.items += items;
  }

  between(): void {}

  answered(): void {}

  async #answer(call: Call, text: string, told: Answer): Promise<Answer> {
    if (call.op === "outer") return this.#outer(call, text, told);
    const unforeseen = UNFORESEEN[call.op];
    if (!told.ok && (unforeseen.includes(told.code) || told.code === "JOURNAL_FULL")) return told;
    const field = unforeseen[0];
    const expected = this.#effect(call, text);
    const output = isRecord(expected.output) ? expected.output : {};
    const toldOutput = told.ok && isRecord(told.output) ? told.output : {};
    const free = field !== undefined && field in toldOutput ? { [field]: toldOutput[field] } : {};
    const answer: Answer = expected.ok ? { ok: true, output: { ...output, ...free } } : expected.failure;
    if (!isDeepStrictEqual(answer, told)) {
      throw new Impossible(
        `${call.op} ${text} was answered ${JSON.stringify(told)}, and should be ${JSON.stringify(answer)}`,
      );
    }
    return answer;
  }

  async #outer(call: Call & { op: "outer" }, text: string, told: Answer): Promise<Answer> {
    const answers = innerAnswersOf(told);
    if (answers === null) {
      // Refused before it began.
      if (!told.ok && (told.code === "JOURNAL_FULL" || STORE_CODES.includes(told.code))) return told;
      throw new Impossible(`outer ${text} was answered ${JSON.stringify(told)}`);
    }
    let at = 0;
    await runInner(call.inner, text, async (inner, innerText) => {
      const answer = answers[at++];
      if (answer === undefined) throw new Impossible(`outer ${text} made too few calls: ${JSON.stringify(told)}`);
      return this.#answer(inner, innerText, answer);
    });
    if (at !== answers.length || told.ok === call.fails) throw new Impossible(`outer ${text}: ${JSON.stringify(told)}`);
    return told;
  }

  /** What the call does to the library, and what it answers. */
  #effect(
    call: Call & { op: Exclude<Call["op"], "outer"> },
    text: string,
  ):
    | { readonly ok: true; readonly output: unknown }
    | { readonly ok: false; readonly failure: Answer; output?: unknown } {
    const { traces } = this;
    const fails = (code: string): { readonly ok: false; readonly failure: Answer } => ({
      ok: false,
      failure: { ok: false, code },
    });
    switch (call.op) {
      case "read":
        return {
          ok: true,
          output: { lines: traces.lines.length, counter: traces.counter, padding: call.padding },
        };
      case "noise":
      case "secret":
        return { ok: true, output: {} };
      case "append":
      case "append_secret":
      case "flaky":
      case "gated":
      case "limited":
        return { ok: true, output: { row: traces.lines.push(text) } };
      case "append_host":
        return { ok: true, output: { row: traces.hostLines.push(text) } };
      case "bump":
        traces.counter += call.by;
        return { ok: true, output: { counter: traces.counter } };
      case "reject":
      case "broken":
        return fails("OPERATION_FAILED");
      case "missing":
        return fails("NOT_FOUND");
      case "invalid":
        return fails("INVALID_INPUT");
      case "send":
        traces.sent.push(text);
        return { ok: true, output: {} };
      case "spawn":
        traces.children.push(text);
        return { ok: true, output: {} };
      case "spawn_many":
        traces.children.push(`${text} a`, `${text} b`);
        return { ok: true, output: {} };
      case "emit":
        return { ok: true, output: { number: traces.events.push(text) } };
      case "wake":
        return { ok: true, output: {} };
      default:
        return call satisfies never;
    }
  }
}

/** What the calls inside an `outer` were answered; null where it made none. */
function innerAnswersOf(told: Answer): readonly Answer[] | null {
  const from = told.ok ? told.output : told.details;
  // Proof: only what `outer` answers has this field, and it puts answers there.
  return isRecord(from) && Array.isArray(from["inner"]) ? (from["inner"] as Answer[]) : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
