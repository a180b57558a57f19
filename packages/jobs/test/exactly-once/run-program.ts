import { type Answer, type Call, digestOf, type Program, type ProgramState, textOf } from "./program.js";

/** What a program runs on: a job's context, or the reference. */
export interface ProgramHost {
  call(call: Call, text: string): Promise<Answer>;
  /** Whether the state is durable. */
  checkpoint(state: ProgramState): Promise<boolean>;
  interrupted(): boolean;
  progress(fraction: number, message: string): void;
  warn(message: string): void;
  count(bytes: number, items: number): void;
  /** Between two steps. It may throw, and then so does the run. */
  between(): void;
  /** The program has been answered. */
  answered(answer: Answer, call: Call): void;
}

export type ProgramEnd =
  | { readonly kind: "completed" | "failed"; readonly result: string }
  | { readonly kind: "interrupted" }
  /** `state` null: as it was checkpointed. */
  | { readonly kind: "suspended"; readonly state: ProgramState | null; readonly until: "children" | "event" | number };

/** A step was refused what it cannot do without. */
export class StepRefused extends Error {}

/** Runs a program from a state to an end. It is the same code for a job and for its reference: what differs is the host. */
export async function runProgram(program: Program, state: ProgramState, host: ProgramHost): Promise<ProgramEnd> {
  const { name } = state;
  const { steps, end } = program;
  const answers = [...state.answers];
  const note = (answer: Answer, call: Call): void => {
    answers.push(answer);
    host.answered(answer, call);
  };
  const next = (at: number): ProgramState => ({ name, at: at + 1, answers: [...answers] });
  for (let at = state.at; at < steps.length; at++) {
    host.between();
    const step = steps[at];
    if (step === undefined) break;
    switch (step.do) {
      case "call":
        note(await host.call(step.call, textOf(step.call, name, `${at}`, answers)), step.call);
        break;
      case "parallel": {
        const told = [...answers];
        const made = step.calls.map(async (call, i) => {
          return { call, answer: await host.call(call, textOf(call, name, `${at}.${i}`, told)) };
        });
        for (const { call, answer } of await Promise.all(made)) note(answer, call);
        break;
      }
      case "checkpoint":
        if (!(await host.checkpoint(next(at))) && step.must) throw new StepRefused("checkpoint");
        break;
      case "report":
        host.progress((at + 1) / steps.length, `step ${at} ${digestOf(answers)}`);
        host.count(step.bytes, step.items);
        if (step.warns) host.warn(`warning ${at} ${digestOf(answers)}`);
        break;
      case "look":
        if (!host.interrupted()) break;
        if (step.saves) await host.checkpoint(next(at));
        return { kind: "interrupted" };
      case "skip":
        if ((digestOf(answers) >> step.bit) & 1) at += step.by;
        break;
      case "sleep": {
        const wake: Call = { op: "wake", ms: step.ms };
        const answer = await host.call(wake, "");
        note(answer, wake);
        if (!answer.ok) break;
        if (!(await host.checkpoint(next(at)))) throw new StepRefused("checkpoint before sleep");
        return { kind: "suspended", state: null, until: step.ms };
      }
      case "nap":
        return { kind: "suspended", state: next(at), until: step.ms };
      case "await_children":
        return { kind: "suspended", state: next(at), until: "children" };
      case "await_event":
        return { kind: "suspended", state: next(at), until: "event" };
      default:
        step satisfies never;
    }
  }
  host.between();
  return { kind: end, result: JSON.stringify({ digest: digestOf(answers) }) };
}

/** Makes the calls of an `outer`, one after another, and answers what they were answered. */
export async function runInner(
  inner: readonly Call[],
  text: string,
  call: (call: Call, text: string) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const [i, each] of inner.entries()) answers.push(await call(each, textOf(each, text, `${i}`, answers)));
  return answers;
}
