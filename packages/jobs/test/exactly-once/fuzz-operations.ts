import {
  defineAction,
  defineQuery,
  fromEnvelope,
  isEnvelope,
  isSpacedriveError,
  type Operation,
  type OperationContext,
  parseJson,
  SpacedriveError,
  type Transaction,
  type Wire,
} from "@spacedrive/wire";
import { z } from "zod";
import type { Migration } from "../../src/database/migration.js";
import type { Answer, Call } from "./program.js";
import { runInner } from "./run-program.js";
import { CHILD_TYPE, EXTENSION, type World } from "./world.js";

/** A moment in an operation at which its host may be cut. It may take long. */
export type OperationMoment = "prepare" | "prepared" | "commit" | "committed" | "run" | "ran";

export interface OperationParts {
  readonly world: World;
  readonly wire: () => Wire;
  readonly reach: (moment: OperationMoment) => Promise<void>;
  /** Inside a transaction, which cannot wait. */
  readonly reachNow: (moment: OperationMoment) => void;
  /** Reaches the outside, unless the host is dead. */
  readonly send: (text: string, key: string) => void;
  readonly read: (name: string) => { readonly lines: number; readonly counter: number };
}

/** Tables of what the operations leave. */
export const FUZZ_MIGRATIONS: readonly Migration[] = [
  {
    name: "create traces",
    sql: `CREATE TABLE lines (name TEXT NOT NULL, text TEXT NOT NULL) STRICT;
      CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;`,
  },
];

const METHODS: Readonly<Record<Call["op"], string>> = {
  read: "query:fuzz.read",
  noise: "query:fuzz.noise",
  secret: "query:fuzz.secret",
  append: "action:fuzz.append",
  append_secret: "action:fuzz.append_secret",
  append_host: "action:fuzz.append_host",
  bump: "action:fuzz.bump",
  reject: "action:fuzz.reject",
  broken: "action:fuzz.broken",
  flaky: "action:fuzz.flaky",
  gated: "action:fuzz.gated",
  limited: "action:fuzz.limited",
  missing: "action:fuzz.missing",
  invalid: "action:fuzz.append",
  send: "action:fuzz.send",
  spawn: "action:jobs.spawn",
  spawn_many: "action:jobs.spawn_many",
  emit: "action:jobs.emit_event",
  wake: "action:jobs.wake_when",
  outer: "action:fuzz.outer",
};

/** A call as it goes over the wire. */
export function callOf(name: string, call: Call, text: string): { readonly method: string; readonly payload: unknown } {
  const method = METHODS[call.op];
  switch (call.op) {
    case "read":
      return { method, payload: { name, padding: call.padding } };
    case "noise":
      return { method, payload: {} };
    case "bump":
      return { method, payload: { name, by: call.by } };
    case "invalid":
      return { method, payload: { name, text: 7 } };
    case "spawn":
      return { method, payload: { job_type: CHILD_TYPE, params: text } };
    case "spawn_many":
      return { method, payload: { job_type: CHILD_TYPE, params: [`${text} a`, `${text} b`] } };
    case "emit":
      return { method, payload: { name, payload: text } };
    case "wake":
      return { method, payload: { after_ms: call.ms } };
    case "outer":
      return {
        method: call.foreign ? `action:${OTHER_EXTENSION}:fuzz.outer` : method,
        payload: { name, text, inner: call.inner, fails: call.fails },
      };
    default:
      return { method, payload: { name, text } };
  }
}

/** What a call was answered, without what is long or of no consequence. */
export async function answerOf(made: Promise<unknown>): Promise<Answer> {
  try {
    const output = await made;
    if (typeof output !== "object" || output === null || !("padding" in output)) return { ok: true, output };
    return { ok: true, output: { ...output, padding: String(output.padding).length } };
  } catch (thrown) {
    if (!isSpacedriveError(thrown)) throw thrown;
    const { inner } = thrown.details;
    return { ok: false, code: thrown.code, ...(inner === undefined ? {} : { details: { inner } }) };
  }
}

/** @throws SpacedriveError where it is an envelope. */
export function outputOf(reply: string): unknown {
  const value = parseJson(reply, "a reply");
  if (isEnvelope(value)) throw fromEnvelope(value);
  return value;
}

const line = z.object({ name: z.string(), text: z.string() });

function append(tx: Transaction, { name, text }: z.output<typeof line>): { row: number } {
  tx.run("INSERT INTO lines VALUES (?, ?)", name, text);
  return { row: Number(tx.get("SELECT count(*) AS n FROM lines WHERE name = ?", name)?.n) };
}

/** Operations of every kind, on the traces of the job that its payload names. */
export function fuzzOperations(parts: OperationParts): Operation[] {
  const { world, reach, reachNow, send, read } = parts;
  const appending = (
    op: string,
    options: {
      readonly scope?: "library" | "host";
      readonly secret?: boolean;
      readonly prepare?: () => void;
      readonly commit?: () => void;
    } = {},
  ): Operation =>
    defineAction({
      name: `fuzz.${op}`,
      scope: options.scope ?? "library",
      secret: options.secret ?? false,
      timeoutMs: HELD_MS,
      input: line,
      output: z.object({ row: z.int() }),
      async prepare(_ctx, input) {
        await reach("prepare");
        options.prepare?.();
        await reach("prepared");
        return input;
      },
      commit(tx, input) {
        const answer = append(tx, input);
        reachNow("commit");
        options.commit?.();
        return answer;
      },
      committed: () => reach("committed"),
    });
  const noise = (op: string, scope: "library" | "host", secret: boolean): Operation =>
    defineQuery({
      name: `fuzz.${op}`,
      scope,
      secret,
      input: z.object({}),
      output: z.object({ value: z.int() }),
      run: () => ({ value: world.next() }),
    });
  return [
    noise("noise", "host", false),
    noise("secret", "library", true),
    appending("append"),
    appending("append_secret", { secret: true }),
    appending("append_host", { scope: "host" }),
    appending("gated"),
    appending("limited"),
    appending("flaky", {
      prepare() {
        if (world.chance(0.5)) throw new SpacedriveError("OPERATION_FAILED", "not this time");
      },
    }),
    appending("broken", {
      prepare() {
        throw new TypeError("a fault of the operation's");
      },
    }),
    appending("reject", {
      commit() {
        throw new SpacedriveError("OPERATION_FAILED", "it changed its mind");
      },
    }),
    defineQuery({
      name: "fuzz.read",
      scope: "library",
      input: z.object({ name: z.string(), padding: z.int() }),
      output: z.object({ lines: z.int(), counter: z.int(), padding: z.string() }),
      run: (_ctx, { name, padding }) => ({ ...read(name), padding: "x".repeat(padding) }),
    }),
    defineAction({
      name: "fuzz.bump",
      scope: "library",
      timeoutMs: HELD_MS,
      input: z.object({ name: z.string(), by: z.int() }),
      output: z.object({ counter: z.int() }),
      async prepare(_ctx, input) {
        await reach("prepare");
        return input;
      },
      commit(tx, { name, by }) {
        const value =
          "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value";
        tx.run(value, name, by);
        return { counter: Number(tx.get("SELECT value FROM counters WHERE name = ?", name)?.value) };
      },
    }),
    defineAction({
      name: "fuzz.send",
      scope: "host",
      timeoutMs: HELD_MS,
      input: line,
      output: z.object({ key: z.string() }),
      async run(ctx, { text }) {
        await reach("run");
        send(text, ctx.idempotencyKey);
        await reach("ran");
        return { key: ctx.idempotencyKey };
      },
    }),
    outer(parts, {}),
    outer(parts, { extension: OTHER_EXTENSION }),
  ];
}

const OTHER_EXTENSION = "ledger";

/** Operations are not to time out while a test holds them. */
export const HELD_MS = 1e12;

function outer({ wire, reach }: OperationParts, by: { readonly extension?: string }): Operation {
  return defineAction({
    ...by,
    name: "fuzz.outer",
    scope: "library",
    timeoutMs: HELD_MS,
    input: z.object({ name: z.string(), text: z.string(), inner: z.array(z.custom<Call>()), fails: z.boolean() }),
    output: z.object({ inner: z.array(z.unknown()) }),
    async run(ctx, { name, text, inner, fails }) {
      await reach("run");
      const answers = await runInner(inner, text, (call, innerText) => callInside(wire(), ctx, name, call, innerText));
      await reach("ran");
      if (fails) throw new SpacedriveError("OPERATION_FAILED", "after all that", { details: { inner: answers } });
      return { inner: answers };
    },
  });
}

function callInside(wire: Wire, ctx: OperationContext, name: string, call: Call, text: string): Promise<Answer> {
  const { caller, library, signal, recorder } = ctx;
  const { method, payload } = callOf(name, call, text);
  return answerOf(wire.call(method, payload, { caller, library, signal, recorder }));
}

/** What a gate says of a call of the jobs. */
export function refusalOf(world: World, method: string): SpacedriveError | null {
  if (method.includes("fuzz.gated") && world.chance(0.5)) {
    return new SpacedriveError("PERMISSION_DENIED", `"${EXTENSION}" may not, this time`);
  }
  if (method.includes("fuzz.limited") && world.chance(0.5)) {
    return new SpacedriveError("RATE_LIMITED", "not so fast", { details: { retry_after_ms: 7 } });
  }
  return null;
}
