import type { DiagnosticMessage, Program } from "assemblyscript";

/** Programs whose diagnostics are explained already. */
const EXPLAINED = Symbol.for("@spacedrive/sdk/hints");

/** What is looked at behind a diagnostic's place. */
const MAX_TEXT_BEHIND = 80;

/** A diagnostic, and the source around it. */
interface Told {
  readonly message: string;
  /** What the diagnostic points at. */
  readonly text: string;
  /** The line up to there. */
  readonly before: string;
  /** From there on. */
  readonly from: string;
}

interface Hint {
  readonly fits: (told: Told) => boolean;
  readonly text: string;
}

/** What people who know TypeScript write first, and what AssemblyScript says to it without a word of what to write instead. */
const HINTS: readonly Hint[] = [
  {
    fits: ({ message }) => message.startsWith("Not implemented: Exceptions"),
    text: 'There is no try and catch: what can fail returns a Result; return fail("CODE", "message"), hand a failure on with orReturn(result), or look at result.failed',
  },
  {
    fits: ({ message }) => message.startsWith("Not implemented: Closures"),
    text: "There are no closures: a function sees its own variables and what stands at the top of a file. Write a loop, or pass the value as a parameter",
  },
  {
    fits: ({ message }) => message.startsWith("Variable ") && message.includes("is used before being assigned"),
    text: "Where it belongs to the function around this one: there are no closures; pass it as a parameter",
  },
  {
    fits: ({ text }) => text === "async" || text === "await" || text === "Promise",
    text: "Nothing is asynchronous in an extension: ctx.call(...) and the clients answer at once. Leave out async and await, and return a Result",
  },
  {
    fits: ({ before, from }) =>
      /^for\s*\(\s*(?:const|let|var)\s+\w+\s+in\b/.test(
        `${before.slice(Math.max(0, before.lastIndexOf("for")))}${from}`,
      ),
    text: "There is no for…in: write `for (const key of map.keys())`, or count: `for (let i = 0; i < list.length; i++)`",
  },
  {
    fits: ({ message, text }) =>
      /^Type '(.+) \| null' is not assignable to type '\1'/.test(message) && /[.[]/.test(text),
    text: "A check does not narrow a field: copy it first, `const value = thing.field; if (value !== null) …`",
  },
  {
    fits: ({ before, from }) => before.endsWith("?") && /^[?.]/.test(from),
    text: "There is no ?? and no ?. : write `value === null ? other : value`",
  },
  {
    fits: ({ message, before }) =>
      message.startsWith("Property 'length' does not exist") &&
      /\bfor\s*\(\s*(?:const|let)\s+\w+\s+of\s+$/.test(before),
    text: "for…of goes over arrays and what has a length and indexes; over a Map or Set: `for (const key of map.keys())`, `for (const one of set.values())`",
  },
  {
    fits: ({ message, text }) => message.startsWith("Property 'failed' does not exist") && text.startsWith("orReturn("),
    text: "orReturn takes a Result: leave it out where nothing can fail",
  },
  {
    fits: ({ message }) => message.startsWith("Property '") && message.includes("has no initializer"),
    text: "Write `name!: type` where it must be given, or a default: `name: type = value`",
  },
  {
    fits: ({ message }) => message.startsWith("Not implemented: union types"),
    text: "Of unions there is only `SomeClass | null`: write a class with a field for each case",
  },
  {
    fits: ({ message, text, from }) =>
      message.startsWith("Identifier expected") && /^(?:const|let|var)$/.test(text) && /^\w+\s*[{[]/.test(from),
    text: "There is no destructuring: name each value, `const x = thing.x;`",
  },
  {
    fits: ({ message }) => message.startsWith("Type '<object>' is not assignable to type 'auto'"),
    text: "An object is of a class: declare it, and write `const point: Point = { x: 1 }` or `new Point()`",
  },
  {
    fits: ({ message, text }) => message.startsWith("Cannot find name") && /^(?:any|unknown)$/.test(text),
    text: "Every value has one type that is known: write it, or use a type parameter; for JSON of any shape there is JsonValue of @spacedrive/sdk",
  },
  {
    fits: ({ message }) => message.startsWith("File '~lib/"),
    text: "Only AssemblyScript can be imported: JavaScript packages and the modules of Node are not there in WebAssembly",
  },
  {
    fits: ({ message, text }) =>
      message.startsWith("Cannot find name") && /^(?:setTimeout|setInterval|setImmediate|queueMicrotask)$/.test(text),
    text: "There are no timers: a job waits with orReturn(ctx.sleep(ms))",
  },
  {
    fits: ({ message, text }) =>
      message.startsWith("Cannot find name") && /^(?:fetch|require|Buffer|TextDecoder|TextEncoder|URL)$/.test(text),
    text: "Nothing of Node or of a browser is there: what an extension needs comes from its context, ctx, and from @spacedrive/sdk",
  },
  {
    fits: ({ message, text }) => message.startsWith("Cannot find name") && text === "JSON",
    text: "@json classes are read and written by the SDK; for JSON as text there are JsonValue.parse(text) and JsonValue.from(value)",
  },
];

/** Adds to what the compiler says, from here on, what to write instead. */
export function explainDiagnostics(program: Program): void {
  const { diagnostics } = program;
  if (Reflect.get(diagnostics, EXPLAINED) === true) return;
  Reflect.set(diagnostics, EXPLAINED, true);
  const given = new Set<string>();
  // The compiler has no hook for this. It, its parser and its resolver hand everything they say to this one array.
  diagnostics.push = (...messages) => {
    for (const message of messages) explain(message, given);
    return Array.prototype.push.apply(diagnostics, messages);
  };
}

function explain(diagnostic: DiagnosticMessage, given: Set<string>): void {
  const { range, message } = diagnostic;
  if (range === null) return;
  const source = range.source.text;
  const lineStart = source.lastIndexOf("\n", range.start - 1) + 1;
  const told: Told = {
    message,
    text: source.slice(range.start, range.end),
    before: source.slice(lineStart, range.start),
    from: source.slice(range.start, range.start + MAX_TEXT_BEHIND),
  };
  const hint = HINTS.find(({ fits }) => fits(told))?.text;
  if (hint === undefined) return;
  // Of one mistake the parser often makes several.
  const once = `${range.source.normalizedPath}:${lineStart}:${hint}`;
  if (given.has(once)) return;
  given.add(once);
  diagnostic.message = `${message.replace(/\.$/, "")}. ${hint}.`;
}
