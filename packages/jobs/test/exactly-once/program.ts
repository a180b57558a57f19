/**
 * A call that a program makes. Its payload's text names its step and what the program has been answered so far, or is its label:
 * then programs that differ can make equal calls.
 */
export type Call = CallKind & { readonly label?: string };

/** What a call does. */
type CallKind =
  /** How many lines there are, and what the counter says; with so many characters of padding. */
  | { readonly op: "read"; readonly padding: number }
  /** Something else each time it is asked. */
  | { readonly op: "noise" }
  /** The same, secret. */
  | { readonly op: "secret" }
  | { readonly op: "append" }
  | { readonly op: "append_secret" }
  | { readonly op: "append_host" }
  | { readonly op: "bump"; readonly by: number }
  /** Writes, and then throws in its commit. */
  | { readonly op: "reject" }
  /** Throws what is none of our errors. */
  | { readonly op: "broken" }
  /** As append, where it does not fail: that changes from one time to the next. */
  | { readonly op: "flaky" }
  /** As append, where the gate lets it pass. */
  | { readonly op: "gated" }
  | { readonly op: "limited" }
  | { readonly op: "missing" }
  | { readonly op: "invalid" }
  /** Reaches something outside. */
  | { readonly op: "send" }
  | { readonly op: "spawn" }
  | { readonly op: "spawn_many" }
  | { readonly op: "emit" }
  /** Asks to be woken. Only made by the step `sleep`. */
  | { readonly op: "wake"; readonly ms: number }
  /** It makes calls to answer. `foreign`: as another extension's action. */
  | { readonly op: "outer"; readonly inner: readonly Call[]; readonly fails: boolean; readonly foreign: boolean };

/** One step of a program. */
export type Step =
  | { readonly do: "call"; readonly call: Call }
  /** Several calls, none of which waits for the one before. */
  | { readonly do: "parallel"; readonly calls: readonly Call[] }
  /** `must`: the job fails where it is refused. */
  | { readonly do: "checkpoint"; readonly must: boolean }
  | { readonly do: "report"; readonly bytes: number; readonly items: number; readonly warns: boolean }
  /** Looks whether it is interrupted; if so it ends, `saves`: with a checkpoint. */
  | { readonly do: "look"; readonly saves: boolean }
  /** Leaves out the next steps, depending on what it has been answered so far. */
  | { readonly do: "skip"; readonly bit: number; readonly by: number }
  /** As a guest sleeps: asks to be woken, checkpoints, ends as suspended. */
  | { readonly do: "sleep"; readonly ms: number }
  /** As a native job waits: with its state. */
  | { readonly do: "nap"; readonly ms: number }
  | { readonly do: "await_children" }
  /** For an event of its own, or for some time. */
  | { readonly do: "await_event" };

/** What a job does; its attempts have these versions of its program in turn. */
export type Versions = readonly [Program, ...Program[]];

/** What one version does: a list of steps, in which it only goes forward. */
export interface Program {
  readonly steps: readonly Step[];
  readonly end: "completed" | "failed";
  /** Its calls travel as JSON text, as a guest's do. */
  readonly asText: boolean;
  /** It takes CANCELLED for an answer like any other, and goes on. */
  readonly stubborn: boolean;
}

/** What a call was answered, as the program remembers it: a value without what is long. */
export type Answer =
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly code: string; readonly details?: unknown };

/** All that an attempt begins with. */
export interface ProgramState {
  readonly name: string;
  readonly at: number;
  readonly answers: readonly Answer[];
}

/** A number that stands for all answers so far. */
export function digestOf(answers: readonly unknown[]): number {
  let hash = 0x811c9dc5;
  for (const char of JSON.stringify(answers)) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

/** What the payload of a call says. */
export function textOf({ label }: Call, name: string, at: string, answers: readonly Answer[]): string {
  return label === undefined ? `${name}:${at}:${digestOf(answers).toString(36)}` : `${name}/${label}`;
}
