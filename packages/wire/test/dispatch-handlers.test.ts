import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createWire, defineAction, defineQuery, type LibraryDirectory, localUser } from "../src/index.js";
import { manualClock } from "./manual-clock.js";
import { asUser, coded, libraries, memoryLibraries } from "./one-library.js";
import { ping } from "./ping.js";

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

  it("is waited for as long as its limit while it tells others, and has answered then", async () => {
    const clock = manualClock();
    const begun = Promise.withResolvers<void>();
    const silent = defineAction({
      name: "a.silent",
      scope: "library",
      timeoutMs: 100,
      input: z.object({}),
      output: z.object({ ok: z.boolean() }),
      prepare: () => null,
      commit: () => ({ ok: true }),
      committed: () => (begun.resolve(), new Promise<void>(() => {})),
    });
    let answered = false;
    const wire = createWire([silent], { libraries: memoryLibraries(), clock });
    const reply = wire.call(silent, {}, asUser).finally(() => (answered = true));
    await begun.promise;
    clock.advance(99);
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    clock.advance(1);
    expect(await reply).toEqual({ ok: true });
  });
});
