import { ERROR_CODES } from "@spacedrive/wire";
import { z } from "zod";

/** Text as it is, or a long one told by its parts. */
const textSchema = z.union([z.string(), z.strictObject({ repeat: z.string(), times: z.int().min(1) })]);

/** What a text must be: exactly so, JSON with at least these fields, or a text that has these parts. */
const expectedTextSchema = z.union([
  textSchema,
  z.strictObject({ json: z.record(z.string(), z.unknown()) }),
  z.strictObject({ includes: z.array(z.string()), at_most_bytes: z.int().optional() }),
]);

const codeSchema = z.string().refine((code) => code in ERROR_CODES, { error: "is no code of docs/errors.md" });

/** What reaches the host. `items` and `bytes` are the totals of a step, and come last. */
const expectedEventSchema = z.discriminatedUnion("event", [
  z.strictObject({
    event: z.literal("log"),
    level: z.enum(["debug", "info", "warn", "error"]),
    message: expectedTextSchema,
  }),
  z.strictObject({
    event: z.literal("call"),
    method: expectedTextSchema,
    library: z.string().nullable(),
    payload: expectedTextSchema,
  }),
  z.strictObject({
    event: z.literal("register"),
    kind: z.enum(["job", "query", "action"]),
    name: expectedTextSchema,
    export: expectedTextSchema,
    resumable: z.boolean().optional(),
  }),
  z.strictObject({ event: z.literal("progress"), fraction: z.number(), message: expectedTextSchema }),
  z.strictObject({ event: z.literal("checkpoint"), state: expectedTextSchema }),
  z.strictObject({ event: z.literal("warning"), message: expectedTextSchema }),
  z.strictObject({ event: z.literal("fail"), reason: expectedTextSchema }),
  z.strictObject({ event: z.literal("complete"), result: expectedTextSchema }),
  z.strictObject({ event: z.literal("items"), total: z.string() }),
  z.strictObject({ event: z.literal("bytes"), total: z.string() }),
]);

const interruptSchema = z.union([z.literal(0), z.literal(1), z.literal(2)]);

const operationSchema = z.strictObject({
  /** Method string with its version. */
  method: z.string(),
  /** Default `host`: a library is neither needed nor looked at. */
  scope: z.enum(["library", "host"]).optional(),
  /** Fields that its schema needs to be strings; all else is allowed. */
  requires: z.array(z.string()).optional(),
  answer: z.union([
    z.strictObject({ echo: z.literal(true) }),
    z.strictObject({ output: z.unknown() }),
    /** A JSON string of this text. */
    z.strictObject({ text: textSchema }),
    z.strictObject({
      error: z.strictObject({
        code: codeSchema,
        message: z.string(),
        details: z.record(z.string(), z.unknown()).optional(),
      }),
    }),
    z.strictObject({ never: z.literal(true) }),
  ]),
  /** The operation's own limit. */
  timeout_ms: z.int().optional(),
  /** What the job is told from now on, set before the operation answers. */
  interrupt: interruptSchema.optional(),
});

/** The host's side of a vector: what it answers. What is not named is not there, and what is not said is accepted. */
export const hostScriptSchema = z.strictObject({
  operations: z.array(operationSchema).optional(),
  /** Names of registrations that are refused, such as `counter` and `summary.v1`. */
  refuse: z.array(z.string()).optional(),
  /** For each checkpoint of a job in turn: whether it becomes durable, and what the job is told from then on. The last counts on. */
  checkpoints: z
    .array(z.strictObject({ durable: z.boolean().optional(), interrupt: interruptSchema.optional() }))
    .optional(),
});

const expectationSchema = z.strictObject({
  /** Code of the error that the step ends with; several where the ABI leaves it open. Left out: it succeeds. */
  error: z.union([codeSchema, z.array(codeSchema).min(1)]).optional(),
  /** What the error's message says, in any case of letters. */
  mentions: z.array(z.string()).optional(),
  /** What a bare export or a job returned. */
  returned: z.int().optional(),
  /** What an operation's block held. */
  answer: expectedTextSchema.optional(),
  /** Of a job: what its return means. */
  outcome: z.enum(["completed", "interrupted", "failed", "suspended"]).optional(),
  /** How many warnings the host keeps with a job. */
  kept_warnings: z.int().optional(),
  /** Whether the instance, or the extension, lives on. Default: it does where the step succeeds. */
  alive: z.boolean().optional(),
  /**
   * All that reached the host in this step. Kinds are compared one by one, since a host may hear of logs and of calls
   * on two ways; of `progress` only the last counts. Default: nothing.
   */
  events: z.array(expectedEventSchema).optional(),
  /** Lines of the host's own may be among the logs, such as why it refused something. */
  host_may_log: z.boolean().optional(),
  /** `exactly`: in this order across all kinds. `among`: other things may reach the host, too. Default `by-kind`. */
  order: z.enum(["by-kind", "exactly", "among"]).optional(),
});

/** Checks, compiles and starts an instance of the module; the steps that follow are made with it. */
const startSchema = z.strictObject({ do: z.literal("start") });
/** Calls an export without parameters. */
const callSchema = z.strictObject({ do: z.literal("call"), export: z.string() });
/** Calls an operation's export with the context that the host makes of library and caller. */
const handleSchema = z.strictObject({
  do: z.literal("handle"),
  export: z.string(),
  library: z.uuid().nullable(),
  caller: z.string(),
  input: textSchema,
});
/** Runs a job's export with the context that the host makes of the ids. */
const jobSchema = z.strictObject({
  do: z.literal("job"),
  export: z.string(),
  job: z.uuid(),
  library: z.uuid(),
  /** Empty: there is none. */
  state: textSchema,
  /** What `job_check_interrupt` answers from the beginning. Default 0. */
  interrupt: interruptSchema.optional(),
});

/** Unloads the extension: only where there is a manifest. */
const unloadSchema = z.strictObject({ do: z.literal("unload") });

/** A step as a host is given it: without what is expected of it. */
export const hostStepSchema = z.discriminatedUnion("do", [
  startSchema,
  callSchema,
  handleSchema,
  jobSchema,
  unloadSchema,
]);

const expected = { expect: expectationSchema };
const stepSchema = z.discriminatedUnion("do", [
  startSchema.extend(expected),
  callSchema.extend(expected),
  handleSchema.extend(expected),
  jobSchema.extend(expected),
  unloadSchema.extend(expected),
]);

const json = z.record(z.string(), z.unknown());

/** What a manifest says of the module's jobs and operations, with all that may be left out there. */
export const extensionSchema = z.strictObject({
  jobs: z.array(z.looseObject({ name: z.string(), export: z.string() })).optional(),
  operations: z
    .array(
      z.looseObject({
        kind: z.enum(["query", "action"]),
        name: z.string(),
        version: z.int(),
        export: z.string(),
        input: json,
        output: json,
      }),
    )
    .optional(),
});

export const limitsSchema = z.strictObject({
  maxModuleBytes: z.int().optional(),
  maxFunctionBodyBytes: z.int().optional(),
  maxBranchValues: z.int().optional(),
  maxLoops: z.int().optional(),
  maxLocals: z.int().optional(),
  maxTableEntries: z.int().optional(),
  maxMemoryBytes: z.int().optional(),
  initTimeoutMs: z.int().optional(),
  callTimeoutMs: z.int().optional(),
  silenceMs: z.int().optional(),
  maxPayloadBytes: z.int().optional(),
  maxPayloadValues: z.int().optional(),
  maxStateValues: z.int().optional(),
  maxReplyBytes: z.int().optional(),
  maxLogLineBytes: z.int().optional(),
  maxLogBytesPerSecond: z.int().optional(),
});

/** The description that stands beside each module in `vectors/`. */
export const vectorSchema = z.strictObject({
  /** What docs/abi.md promises, in plain words. */
  promise: z.string().min(10),
  /** Where it does: a section's number, and words that stand in it. */
  cites: z.array(z.strictObject({ section: z.string(), words: z.string().min(1) })).min(1),
  /** Limits that the host must have for this vector; the others have their defaults. */
  limits: limitsSchema.optional(),
  host: hostScriptSchema.optional(),
  /** With it the module is an extension: its jobs and operations are those of the host, with whatever the host does for them. */
  manifest: extensionSchema.optional(),
  /** What lies beside the module as its source map. */
  source_map: json.optional(),
  steps: z.array(stepSchema).min(1),
});

export type VectorDescription = z.infer<typeof vectorSchema>;
export type HostStep = z.infer<typeof hostStepSchema>;
export type VectorStep = z.infer<typeof stepSchema>;
export type VectorLimits = z.infer<typeof limitsSchema>;
export type VectorExtension = z.infer<typeof extensionSchema>;
export type HostScript = z.infer<typeof hostScriptSchema>;
export type ScriptedOperation = z.infer<typeof operationSchema>;
export type Expectation = z.infer<typeof expectationSchema>;
export type ExpectedEvent = z.infer<typeof expectedEventSchema>;
export type ExpectedText = z.infer<typeof expectedTextSchema>;
export type VectorEngine = "wasm" | "wasi";
/** `turns`: that a guest has not read a reply yet; `streams`: the order of its two outputs. */
export type VectorNeed = "turns" | "streams";
export type VectorText = z.infer<typeof textSchema>;

/** A module and what is promised of it. */
export interface Vector extends VectorDescription {
  /** `v1/<theme>/<name>`: the version of the ABI, and where it stands; `wasi/v1/…` for the protocol of WASI guests. */
  readonly id: string;
  /** The manifest's `engine`, which says what the module speaks. Default `wasm`: the ABI. */
  readonly engine?: VectorEngine;
  /** What the host must see for it; a host that does not may decline the vector. */
  readonly needs?: readonly VectorNeed[] | undefined;
  /** The script that the module plays, where it has one. */
  readonly guest?: readonly string[] | undefined;
  /** File of the text that it was assembled from, within `vectors/`; of a scripted guest the description. */
  readonly source: string;
  readonly wasm: Uint8Array;
}

/** The page that promises what a vector of this engine holds. */
export function pageOf(engine: VectorEngine = "wasm"): string {
  return engine === "wasi" ? "docs/wasi-protocol.md" : "docs/abi.md";
}

/** The text itself. */
export function writeOut(text: VectorText): string {
  return typeof text === "string" ? text : text.repeat.repeat(text.times);
}
