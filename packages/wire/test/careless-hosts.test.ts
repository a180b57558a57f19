import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  type Caller,
  type Clock,
  createWire,
  defineAction,
  defineQuery,
  type Gate,
  isSpacedriveError,
  type Operation,
  silentLogger,
  systemClock,
} from "../src/index.js";
import { asUser, coded, library, memoryLibraries } from "./one-library.js";

const remote: Caller = { kind: "remote", client: "phone" };

/** What nobody waited for, and would have ended the process. */
let unhandled: unknown[] = [];
const keep = (reason: unknown): void => void unhandled.push(reason);

beforeEach(() => {
  unhandled = [];
  process.on("unhandledRejection", keep);
});

afterEach(async () => {
  await new Promise(setImmediate);
  process.off("unhandledRejection", keep);
  expect(unhandled).toEqual([]);
});

function query(run: (signal: AbortSignal) => unknown): Operation {
  return defineQuery({
    name: "a.b",
    scope: "host",
    input: z.object({}),
    output: z.unknown(),
    run: (ctx) => run(ctx.signal),
  });
}

describe("a gate that only promises to decide", () => {
  const late = async (): Promise<never> => {
    await Promise.resolve();
    throw new Error("no");
  };

  it.each(["authorize", "limit", "missed"] as const)("by an asynchronous %s lets nobody in", async (step) => {
    let ran = false;
    for (const decide of [late, async (): Promise<void> => {}]) {
      const gate: Gate = { authorize() {}, limit() {}, [step]: decide };
      const wire = createWire([query(() => (ran = true))], { remoteGate: gate });
      const method = step === "missed" ? "query:a.c.v1" : "query:a.b.v1";
      await expect(wire.call(method, {}, { caller: remote })).rejects.toEqual(coded("PERMISSION_DENIED"));
    }
    expect(ran).toBe(false);
  });
});

describe("a commit that only promises its effect", () => {
  it.each([z.unknown(), z.object({}), z.object({ ok: z.boolean() })])(
    "leaves none behind, and is told so",
    async (output) => {
      const directory = memoryLibraries();
      const operation = defineAction({
        name: "a.write",
        scope: "library",
        input: z.object({}),
        output,
        prepare: () => null,
        async commit(tx) {
          tx.run("effect");
          await Promise.resolve();
          throw new Error("too late");
        },
      });
      const reply = createWire([operation], { libraries: directory }).call("action:a.write", {}, asUser);
      await expect(reply).rejects.toThrowError(/commit, which must be synchronous/);
      expect(directory.rows).toEqual([]);
    },
  );
});

describe("a clock of the host's", () => {
  const broken = (): never => {
    throw new Error("no time");
  };
  const clocks: readonly (readonly [string, unknown])[] = [
    ["throws", { now: broken, monotonic: broken, after: broken }],
    ["takes no timer back", { ...systemClock, after: () => broken }],
    ["gives nothing to take a timer back by", { ...systemClock, after: () => undefined }],
    ["says what is no time", { ...systemClock, now: () => Number.NaN, monotonic: () => undefined }],
  ];

  it.each(clocks)("that %s leaves no call without its answer", async (_what, clock) => {
    const operations = [query(async () => "fine"), { ...query(() => Promise.reject(new Error("x"))), name: "a.c" }];
    // Proof: a program without types can pass anything.
    const wire = createWire(operations, { clock: clock as Clock, remoteGate: { authorize() {}, limit() {} } });
    for (const caller of [asUser.caller, remote]) {
      expect(await wire.call("query:a.b.v1", {}, { caller })).toBe("fine");
      await expect(wire.call("query:a.c.v1", {}, { caller })).rejects.toEqual(coded("OPERATION_FAILED"));
    }
  });

  it("that calls back at once ends a call at once, and what its handler does then is nobody's", async () => {
    const clock: Clock = { ...systemClock, after: (_delayMs, callback) => (callback(), () => {}) };
    const wire = createWire([query(() => Promise.reject(new Error("late")))], { clock });
    await expect(wire.call("query:a.b.v1", {}, asUser)).rejects.toEqual(coded("TIMEOUT"));
  });
});

it("a logger that fails later fails by itself", async () => {
  const error = (): unknown => Promise.reject(new Error("disk full"));
  const wire = createWire([query(() => Promise.reject(new Error("x")))], { logger: { ...silentLogger, error } });
  await expect(wire.call("query:a.b.v1", {}, asUser)).rejects.toEqual(coded("OPERATION_FAILED"));
});

/** What a careless copy of our error's class throws. */
function posing(details: PropertyDescriptor): Error {
  const fields = { name: "SpacedriveError", code: "STORE_FAILED" };
  return Object.defineProperty(Object.assign(new Error("in /home/ada"), fields), "details", details);
}

it.each([
  ["none", { value: undefined }],
  ["null", { value: null }],
  [
    "such as cannot be read",
    {
      get() {
        throw new Error("x");
      },
    },
  ],
])(
  "what looks like an error of ours, with details that are %s, is one with a code to whoever calls",
  async (_what, details) => {
    const thrown = posing(details);
    expect(isSpacedriveError(thrown)).toBe(true);
    const wire = createWire([query(() => Promise.reject(thrown))], { remoteGate: { authorize() {}, limit() {} } });
    const told = await wire.call("query:a.b.v1", {}, { caller: remote }).catch((error: unknown) => error);
    expect(told).toEqual(coded("STORE_FAILED"));
    expect(String(told)).not.toContain("ada");
  },
);

describe("the signal of a call", () => {
  it("is aborted with its caller's reason while the call is under way", async () => {
    const stop = new AbortController();
    const seen: unknown[] = [];
    const wire = createWire([
      query(async (signal) => {
        signal.addEventListener("abort", () => seen.push(signal.reason));
        await new Promise(() => {});
      }),
    ]);
    const reply = wire.call("query:a.b.v1", {}, { caller: asUser.caller, signal: stop.signal });
    stop.abort("enough");
    await expect(reply).rejects.toEqual(coded("CANCELLED"));
    expect(seen).toEqual(["enough"]);
  });

  it.each([
    ["at once", (): unknown => null],
    ["later", async (): Promise<unknown> => null],
    [
      "by throwing",
      (): unknown => {
        throw new Error("x");
      },
    ],
  ])(
    "is its caller's no more once the call is answered %s: what a handler leaves on it goes with it",
    async (_when, answer) => {
      const stop = new AbortController();
      const signals: AbortSignal[] = [];
      const wire = createWire([
        query((signal) => {
          signals.push(signal);
          signal.addEventListener("abort", () => {});
          return answer();
        }),
      ]);
      for (let n = 0; n < 3; n++) {
        await wire.call("query:a.b.v1", {}, { caller: asUser.caller, library, signal: stop.signal }).catch(() => {});
      }
      expect(getEventListeners(stop.signal, "abort")).toEqual([]);
      stop.abort();
      expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false]);
    },
  );
});
