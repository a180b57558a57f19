import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  type Caller,
  type CallOptions,
  createJobId,
  createLibraryId,
  createWire,
  defineAction,
  defineQuery,
  type Gate,
  type LibraryDirectory,
  localUser,
  type RecordableCall,
  type RecordedOutcome,
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

  function journal(recorded: RecordedOutcome | null = null): Recorder & { readonly log: string[] } {
    const log: string[] = [];
    return {
      log,
      replay: () => recorded,
      idempotencyKey: () => "key-1",
      record: (call: RecordableCall, outcome, tx) =>
        void log.push(`${call.method} ${outcome.ok ? "ok" : outcome.code}${tx ? " in transaction" : ""}`),
    };
  }

  it("answers a recorded call without asking the gate or running it", async () => {
    const wire = createWire([ping], { libraries });
    const recorder = journal({ ok: true, output: { echo: "recorded", count: 9 } });
    expect(await wire.call("query:test.ping", { message: "" }, { caller: extension, library, recorder })).toMatchObject(
      { echo: "recorded" },
    );
    expect(recorder.log).toEqual([]);
  });

  it("answers a recorded failure with its code", async () => {
    const recorder = journal({ ok: false, code: "NOT_FOUND", message: "was not there" });
    const reply = createWire([ping], { libraries }).call(ping, { message: "" }, { caller, library, recorder });
    await expect(reply).rejects.toMatchObject({ code: "NOT_FOUND", message: "was not there" });
  });

  it("is told of every call once, failures and denials included", async () => {
    const recorder = journal();
    const wire = createWire([ping], { libraries });
    await wire.call(ping, { message: "" }, { caller, library, recorder });
    await wire.call("query:test.ping", {}, { caller, library, recorder }).catch(() => {});
    await wire.call("query:test.ping", {}, { caller: extension, library, recorder }).catch(() => {});
    expect(recorder.log).toEqual([
      "query:test.ping.v1 ok",
      "query:test.ping.v1 INVALID_INPUT",
      "query:test.ping.v1 PERMISSION_DENIED",
    ]);
  });

  it("writes an action's record inside the action's transaction", async () => {
    const recorder = journal();
    const operation = defineAction({
      name: "a.write",
      scope: "library",
      input: z.object({}),
      output: z.object({ key: z.string() }),
      prepare: (ctx) => ctx.idempotencyKey,
      commit: (_tx, key) => ({ key }),
    });
    const wire = createWire([operation], { libraries: memoryLibraries() });
    expect(await wire.call(operation, {}, { caller, library, recorder })).toEqual({ key: "key-1" });
    expect(recorder.log).toEqual(["action:a.write.input.v1 ok in transaction"]);
  });

  it("rolls the effect back where the record cannot be written", async () => {
    const directory = memoryLibraries();
    const operation = defineAction({
      name: "a.write",
      scope: "library",
      input: z.object({}),
      output: z.object({}),
      prepare: () => null,
      commit: (tx) => (tx.run("effect"), {}),
    });
    const recorder: Recorder = {
      replay: () => null,
      idempotencyKey: () => "",
      record: (_call, outcome) => {
        if (outcome.ok) throw new SpacedriveError("DISK_FULL", "no room");
      },
    };
    const reply = createWire([operation], { libraries: directory }).call(operation, {}, { caller, library, recorder });
    await expect(reply).rejects.toEqual(coded("DISK_FULL"));
    expect(directory.rows).toEqual([]);
  });
});
