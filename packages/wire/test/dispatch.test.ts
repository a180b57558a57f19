import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  type Caller,
  type CallOptions,
  type CallOutcome,
  createJobId,
  createLibraryId,
  createWire,
  defineAction,
  defineQuery,
  type Gate,
  type LibraryDirectory,
  localUser,
  type OpenRecord,
  type Operation,
  type RecordableCall,
  type Recorder,
  SpacedriveError,
  type Transaction,
} from "../src/index.js";
import { manualClock } from "./manual-clock.js";
import { ping } from "./ping.js";

const library = createLibraryId();
const libraries: LibraryDirectory = { has: (id) => id === library };
const asUser: CallOptions = { caller: localUser, library };
const extension: Caller = { kind: "extension", extension: "finance" };

function coded(code: string): unknown {
  return expect.objectContaining({ name: "SpacedriveError", code });
}

describe("calling", () => {
  it("answers the ping, typed", async () => {
    const wire = createWire([ping], { libraries });
    const reply = await wire.call(ping, { message: "hi" }, asUser);
    expect(reply.echo satisfies string).toBe("Pong: hi");
  });

  it("answers the ping by method string, with and without version", async () => {
    const wire = createWire([ping], { libraries });
    expect(await wire.call("query:test.ping.v1", { message: "hi", count: 3 }, asUser)).toEqual({
      echo: "Pong: hi",
      count: 3,
    });
    expect(await wire.call("query:test.ping", { message: "hi" }, asUser)).toEqual({ echo: "Pong: hi", count: 1 });
  });

  it("names the path of a field that does not fit", async () => {
    const wire = createWire([ping], { libraries });
    await expect(wire.call("query:test.ping.v1", { message: "hi", count: "three" }, asUser)).rejects.toThrowError(
      /count: /,
    );
  });

  it("needs a library where the operation is library-scoped", async () => {
    const wire = createWire([ping], { libraries });
    await expect(wire.call(ping, { message: "" }, { caller: localUser })).rejects.toEqual(coded("LIBRARY_REQUIRED"));
    await expect(wire.call(ping, { message: "" }, { caller: localUser, library: createLibraryId() })).rejects.toEqual(
      coded("LIBRARY_NOT_FOUND"),
    );
  });

  it("gives no library to an operation of the host", async () => {
    const seen = defineQuery({
      name: "host_only",
      scope: "host",
      input: z.object({}),
      output: z.object({ library: z.string().nullable() }),
      run: (ctx) => ({ library: ctx.library }),
    });
    expect(await createWire([seen], { libraries }).call(seen, {}, asUser)).toEqual({ library: null });
  });
});

describe("the reply as JSON", () => {
  it("is the output", async () => {
    const wire = createWire([ping], { libraries });
    expect(await wire.callJson("query:test.ping.v1", '{"message":"hi"}', asUser)).toBe('{"echo":"Pong: hi","count":1}');
  });

  it.each([
    ["query:test.ping.v1", "{", "INVALID_INPUT"],
    ["query:test.ping.v1", "", "INVALID_INPUT"],
    ["query:test.ping.v1", "[]", "INVALID_INPUT"],
    ["nonsense", "{}", "INVALID_INPUT"],
    ["query:test.pong.v1", "{}", "NOT_FOUND"],
  ])("is an envelope for %s %j", async (method, payload, code) => {
    const wire = createWire([ping], { libraries });
    expect(JSON.parse(await wire.callJson(method, payload, asUser))).toMatchObject({ code, retryable: false });
  });
});

describe("who may call", () => {
  it("denies an extension that no gate stands for, before its input is looked at", async () => {
    const wire = createWire([ping], { libraries });
    await expect(wire.call("query:test.ping.v1", 7, { caller: extension, library })).rejects.toEqual(
      coded("PERMISSION_DENIED"),
    );
  });

  it("denies a remote client where the host was given no gate for those", async () => {
    const wire = createWire([ping], { libraries });
    const caller: Caller = { kind: "remote", client: "phone" };
    await expect(wire.call(ping, { message: "" }, { caller, library })).rejects.toEqual(coded("PERMISSION_DENIED"));
  });

  it("asks the extension's gate, and no longer once it is taken back", async () => {
    const wire = createWire([ping], { libraries });
    const asked: string[] = [];
    const gate: Gate = {
      authorize: (request) => void asked.push(request.method),
      limit: () => void asked.push("limit"),
    };
    const registration = wire.registerGate("finance", gate);
    await wire.call(ping, { message: "" }, { caller: extension, library });
    expect(asked).toEqual(["query:test.ping.v1", "limit"]);
    registration.unregister();
    await expect(wire.call(ping, { message: "" }, { caller: extension, library })).rejects.toEqual(
      coded("PERMISSION_DENIED"),
    );
  });

  it("does not run an operation that a gate refuses", async () => {
    let ran = false;
    const operation = defineQuery({
      name: "a.b",
      scope: "host",
      input: z.object({}),
      output: z.object({}),
      run: () => ((ran = true), {}),
    });
    const wire = createWire([operation]);
    wire.registerGate("finance", {
      authorize() {},
      limit() {
        throw new SpacedriveError("RATE_LIMITED", "slow down", { details: { retry_after_ms: 5 } });
      },
    });
    const reply: unknown = JSON.parse(await wire.callJson("query:a.b.v1", "{}", { caller: extension }));
    expect(reply).toMatchObject({ code: "RATE_LIMITED", retry_after_ms: 5, retryable: true });
    expect(ran).toBe(false);
  });
});

describe("operations that misbehave", () => {
  const misbehaving = (run: () => unknown) =>
    createWire([
      defineQuery({ name: "a.b", scope: "host", input: z.object({}), output: z.any(), run: run as () => object }),
    ]);

  it.each([
    [
      "throws a stranger",
      () => {
        throw new TypeError("secret path");
      },
    ],
    [
      "throws nothing at all",
      () => {
        // oxlint-disable-next-line typescript/only-throw-error -- strangers do.
        throw undefined;
      },
    ],
    ["rejects with a string", () => Promise.reject("secret path")],
    ["answers an envelope", () => ({ error: "mine" })],
    [
      "answers a cycle",
      () => {
        const a: { a?: unknown } = {};
        a.a = a;
        return a;
      },
    ],
    ["answers undefined", () => undefined],
  ])("one that %s is answered with OPERATION_FAILED", async (_name, run) => {
    const text = await misbehaving(run).callJson("query:a.b.v1", "{}", { caller: localUser });
    expect(JSON.parse(text)).toMatchObject({ code: "OPERATION_FAILED" });
    expect(text).not.toContain("secret path");
  });

  it("answers OPERATION_FAILED where the output does not fit its schema", async () => {
    const operation = defineQuery({
      name: "a.b",
      scope: "host",
      input: z.object({}),
      output: z.object({ n: z.int() }),
      run: () => ({ n: 1.5 }),
    });
    await expect(createWire([operation]).call(operation, {}, { caller: localUser })).rejects.toEqual(
      coded("OPERATION_FAILED"),
    );
  });

  it("is given up at its time limit, and its signal is aborted", async () => {
    const clock = manualClock();
    let signal: AbortSignal | undefined;
    const operation = defineQuery({
      name: "a.b",
      scope: "host",
      input: z.object({}),
      output: z.object({}),
      timeoutMs: 100,
      run: (ctx) => {
        signal = ctx.signal;
        return new Promise<Record<string, never>>(() => {});
      },
    });
    const reply = createWire([operation], { clock }).call(operation, {}, { caller: localUser });
    clock.advance(99);
    expect(signal?.aborted).toBe(false);
    clock.advance(1);
    await expect(reply).rejects.toEqual(coded("TIMEOUT"));
    expect(signal?.aborted).toBe(true);
  });

  it("starts no timer where the handler answers at once", async () => {
    let timers = 0;
    const clock = { now: () => 0, after: () => ((timers += 1), () => {}) };
    const wire = createWire([ping], { clock, libraries });
    await wire.call(ping, { message: "hi" }, asUser);
    expect(timers).toBe(0);
  });

  it("is given up when its caller aborts, and what it answers later reaches nobody", async () => {
    const controller = new AbortController();
    const late = Promise.withResolvers<Record<string, never>>();
    const operation = defineQuery({
      name: "a.b",
      scope: "host",
      input: z.object({}),
      output: z.object({}),
      run: () => late.promise,
    });
    const reply = createWire([operation]).call(operation, {}, { caller: localUser, signal: controller.signal });
    controller.abort();
    await expect(reply).rejects.toEqual(coded("CANCELLED"));
    late.reject(new Error("late"));
  });

  it("is given up also where its caller aborts before it has so much as begun to wait", async () => {
    const controller = new AbortController();
    const operation = defineQuery({
      name: "a.b",
      scope: "host",
      input: z.object({}),
      output: z.object({}),
      async run() {
        controller.abort();
        await Promise.resolve();
        return {};
      },
    });
    const reply = createWire([operation]).call(operation, {}, { caller: localUser, signal: controller.signal });
    await expect(reply).rejects.toEqual(coded("CANCELLED"));
  });
});

/** Transactions over an array: enough to see what was written and what was rolled back. */
function memoryLibraries(): LibraryDirectory & { readonly rows: string[] } {
  const rows: string[] = [];
  return {
    rows,
    has: (id) => id === library,
    async transaction<T>(_id: unknown, work: (tx: Transaction) => T): Promise<T> {
      const before = rows.length;
      const tx: Transaction = {
        run: (sql) => rows.push(sql),
        get: () => undefined,
        all: () => [],
      };
      try {
        return work(tx);
      } catch (error) {
        rows.length = before;
        throw error;
      }
    },
  };
}

describe("actions that commit", () => {
  const write = (output: unknown, prepare: () => Promise<void> = async () => {}) =>
    defineAction({
      name: "a.write",
      scope: "library",
      input: z.object({}),
      output: z.object({ ok: z.literal(true) }),
      prepare,
      commit: (tx) => {
        tx.run("effect");
        return output as { ok: true };
      },
    });

  it("write in one transaction and answer its output", async () => {
    const directory = memoryLibraries();
    const wire = createWire([write({ ok: true })], { libraries: directory });
    expect(await wire.call("action:a.write", {}, asUser)).toEqual({ ok: true });
    expect(directory.rows).toEqual(["effect"]);
  });

  it("leave nothing behind where the output does not fit", async () => {
    const directory = memoryLibraries();
    const wire = createWire([write({ ok: false })], { libraries: directory });
    await expect(wire.call("action:a.write", {}, asUser)).rejects.toEqual(coded("OPERATION_FAILED"));
    expect(directory.rows).toEqual([]);
  });

  it("leave nothing behind where the caller gave up while they prepared", async () => {
    const directory = memoryLibraries();
    const prepared = Promise.withResolvers<void>();
    const operation = write({ ok: true }, () => prepared.promise);
    const wire = createWire([operation], { libraries: directory });
    const controller = new AbortController();
    const reply = wire.call(operation, {}, { ...asUser, signal: controller.signal });
    controller.abort();
    await expect(reply).rejects.toEqual(coded("CANCELLED"));
    prepared.resolve();
    await prepared.promise;
    await new Promise(setImmediate);
    expect(directory.rows).toEqual([]);
  });

  it("say so where the host has no database", async () => {
    const operation = write({ ok: true });
    await expect(createWire([operation], { libraries }).call(operation, {}, asUser)).rejects.toThrowError(
      /this host has none/,
    );
  });
});

describe("the recorder", () => {
  const caller: Caller = { kind: "job", job: { id: createJobId(), type: "native", attempt: 1 } };

  interface Journal extends Recorder {
    readonly log: string[];
    readonly begun: RecordableCall[];
  }

  interface JournalOptions {
    readonly recorded?: CallOutcome;
    readonly inAnnounce?: () => void;
    readonly inCommit?: () => void;
    readonly inSettle?: () => void;
  }

  function journal(options: JournalOptions = {}): Journal {
    const log: string[] = [];
    const begun: RecordableCall[] = [];
    const record: OpenRecord = {
      idempotencyKey: "key-1",
      nested: { begin: () => ({ kind: "recorded", outcome: { ok: true, output: "inner" } }) },
      admit: (operation) => void log.push(`admit ${operation.name}`),
      async announce() {
        options.inAnnounce?.();
        log.push("announce");
      },
      commit(_tx, output) {
        options.inCommit?.();
        log.push(`commit ${JSON.stringify(output)}`);
      },
      async settle(outcome) {
        options.inSettle?.();
        log.push(`settle ${outcome.ok ? JSON.stringify(outcome.output) : outcome.error.code}`);
      },
    };
    return {
      log,
      begun,
      begin(call) {
        begun.push(call);
        if (options.recorded !== undefined) return { kind: "recorded", outcome: options.recorded };
        return { kind: "open", record };
      },
    };
  }

  const write = defineAction({
    name: "a.write",
    scope: "library",
    input: z.object({}),
    output: z.object({ key: z.string() }),
    prepare: (ctx) => ctx.idempotencyKey,
    commit: (tx, key) => (tx.run("effect"), { key }),
  });

  it("answers a recorded call without looking for it, asking the gate or running it", async () => {
    const recorder = journal({ recorded: { ok: true, output: { echo: "recorded" } } });
    const wire = createWire([], { libraries });
    expect(await wire.call("query:test.ping", { message: "" }, { caller: extension, library, recorder })).toEqual({
      echo: "recorded",
    });
    expect(recorder.log).toEqual([]);
  });

  it("answers a recorded failure with all that it was", async () => {
    const error = new SpacedriveError("BUSY", "later", { retryable: false, details: { after: 3 } });
    const recorder = journal({ recorded: { ok: false, error } });
    const reply = createWire([ping], { libraries }).call(ping, { message: "" }, { caller, library, recorder });
    await expect(reply).rejects.toMatchObject({
      code: "BUSY",
      message: "later",
      retryable: false,
      details: { after: 3 },
    });
  });

  it("is told of a call as it was asked, and the same call is the same however it is spelled", async () => {
    const recorder = journal();
    const wire = createWire([ping, write], { libraries: memoryLibraries() });
    await wire.call("query:test.ping", { message: "" }, { caller, library, recorder });
    await wire.call(ping, { message: "" }, { caller, library, recorder });
    await wire.call("query:test.ping.v1", { message: "" }, { caller, library, recorder });
    await wire.call("action:a.write", {}, { caller, library, recorder });
    await wire.call("action:a.write.input", {}, { caller, library, recorder });
    expect(recorder.begun.map(({ kind, method }) => [kind, method])).toEqual([
      ["query", "query:test.ping"],
      ["query", "query:test.ping.v1"],
      ["query", "query:test.ping.v1"],
      ["action", "action:a.write"],
      ["action", "action:a.write"],
    ]);
    expect(recorder.begun[0]).toMatchObject({ library, payload: { message: "" }, caller });
  });

  it("is told of every outcome once, of what is not there and denials too", async () => {
    const recorder = journal();
    const wire = createWire([ping], { libraries });
    await wire.call(ping, { message: "" }, { caller, library, recorder });
    await wire.call("query:test.ping", {}, { caller, library, recorder }).catch(() => {});
    await wire.call("query:test.ping", {}, { caller: extension, library, recorder }).catch(() => {});
    await wire.call("query:test.pong", {}, { caller, library, recorder }).catch(() => {});
    expect(recorder.log.filter((line) => line.startsWith("settle"))).toEqual([
      'settle {"echo":"Pong: ","count":1}',
      "settle INVALID_INPUT",
      "settle PERMISSION_DENIED",
      "settle NOT_FOUND",
    ]);
  });

  it("records an action inside the action's transaction, and settles it before the answer leaves", async () => {
    const recorder = journal();
    const wire = createWire([write], { libraries: memoryLibraries() });
    expect(await wire.call(write, {}, { caller, library, recorder })).toEqual({ key: "key-1" });
    expect(recorder.log).toEqual(["admit a.write", 'commit {"key":"key-1"}', 'settle {"key":"key-1"}']);
  });

  it("rolls the effect back where the record cannot be written", async () => {
    const directory = memoryLibraries();
    const recorder = journal({
      inCommit() {
        throw new SpacedriveError("DISK_FULL", "no room");
      },
    });
    const reply = createWire([write], { libraries: directory }).call(write, {}, { caller, library, recorder });
    await expect(reply).rejects.toEqual(coded("DISK_FULL"));
    expect(directory.rows).toEqual([]);
    expect(recorder.log.at(-1)).toBe("settle DISK_FULL");
  });

  it("is told of what reaches outside before it does; of an extension's own action, by the calls that this makes", async () => {
    const recorder = journal();
    const sending = (extension?: string): Operation =>
      defineAction({
        name: "a.send",
        scope: "host",
        input: z.object({}),
        output: z.object({}),
        ...(extension === undefined ? {} : { extension }),
        run: () => (recorder.log.push("run"), {}),
      });
    const wire = createWire([sending(), sending("ledger")]);
    await wire.call("action:a.send", {}, { caller, recorder });
    await wire.call("action:ledger:a.send", {}, { caller, recorder });
    const ran = ["admit a.send", "run", "settle {}"];
    expect(recorder.log).toEqual(["admit a.send", "announce", "run", "settle {}", ...ran]);
  });

  it("keeps what reaches outside from beginning where it cannot announce it, or where it is given up meanwhile", async () => {
    const controller = new AbortController();
    const ran: string[] = [];
    const send = defineAction({
      name: "a.send",
      scope: "host",
      input: z.object({}),
      output: z.object({}),
      run: () => (ran.push("run"), {}),
    });
    const wire = createWire([send]);
    const full = journal({
      inAnnounce() {
        throw new SpacedriveError("DISK_FULL", "no room");
      },
    });
    await expect(wire.call(send, {}, { caller, recorder: full })).rejects.toEqual(coded("DISK_FULL"));
    const aborting = journal({ inAnnounce: () => controller.abort() });
    const reply = wire.call(send, {}, { caller, recorder: aborting, signal: controller.signal });
    await expect(reply).rejects.toEqual(coded("CANCELLED"));
    expect(ran).toEqual([]);
  });

  it("has the last word: what it throws when a call is settled is what the caller is told", async () => {
    const recorder = journal({
      inSettle() {
        throw new SpacedriveError("JOB_NOT_RUNNING", "it has ended");
      },
    });
    const reply = createWire([ping], { libraries }).call(ping, { message: "" }, { caller, library, recorder });
    await expect(reply).rejects.toEqual(coded("JOB_NOT_RUNNING"));
  });

  it("is handed on for the calls that a handler makes", async () => {
    const outer = defineAction({
      name: "a.outer",
      scope: "library",
      input: z.object({}),
      output: z.string(),
      run: (ctx) =>
        wire
          .call("query:a.inner", {}, { caller: ctx.caller, library: ctx.library, recorder: ctx.recorder })
          .then(String),
    });
    const wire = createWire([outer], { libraries });
    expect(await wire.call(outer, {}, { caller, library, recorder: journal() })).toBe("inner");
    expect(await wire.call(outer, {}, { caller, library }).catch((error: unknown) => error)).toEqual(
      coded("NOT_FOUND"),
    );
  });
});

describe("an action that has committed", () => {
  const durable = Promise.withResolvers<void>();
  const directory: LibraryDirectory = {
    has: () => true,
    async transaction(_id, work) {
      const value = work({ run: () => 0, get: () => undefined, all: () => [] });
      await durable.promise;
      return value;
    },
  };
  const told: string[] = [];
  const write = defineAction({
    name: "a.write",
    scope: "library",
    timeoutMs: 100,
    input: z.object({}),
    output: z.object({}),
    prepare: () => "prepared",
    commit: () => ({}),
    committed(prepared) {
      told.push(prepared);
      throw new Error("nobody listens");
    },
  });

  it("is not called timed out or cancelled while it becomes durable, and tells others only then", async () => {
    const clock = manualClock();
    const controller = new AbortController();
    const wire = createWire([write], { libraries: directory, clock });
    const reply = wire.call(write, {}, { ...asUser, signal: controller.signal });
    await new Promise(setImmediate);
    clock.advance(1_000);
    controller.abort();
    await new Promise(setImmediate);
    expect(told).toEqual([]);
    durable.resolve();
    expect(await reply).toEqual({});
    expect(told).toEqual(["prepared"]);
  });
});
