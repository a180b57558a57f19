import { failStore } from "@spacedrive/jobs";
import { defineQuery, SpacedriveError } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { GO, loadFinance } from "./finance-extension.js";
import { createTestHost, operation, type TestHost } from "./plugin-host.js";
import { handler, job, relay, type Text, watGuest } from "./wat-guest.js";

const SECRET = "hunter2 in /home/ada/secret.db";
const BAD = "query:test.bad.v1";

/** Throws whatever is done with it. */
function untouchable(): object {
  const trap = (): never => {
    throw new Error(SECRET);
  };
  return new Proxy(
    {},
    { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap, set: trap },
  );
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function cycle(): object {
  const self: Record<string, unknown> = { secret: SECRET };
  self["self"] = self;
  return self;
}

function withGetter(name: string, target: object = {}): object {
  return Object.defineProperty(target, name, {
    enumerable: true,
    get() {
      throw new Error(SECRET);
    },
  });
}

/** What looks like an error of ours, as a careless copy of the class would. */
function posing(fields: object): Error {
  return Object.assign(new Error("posing"), { name: "SpacedriveError", code: "CONFLICT", ...fields });
}

function raise(thrown: unknown): () => never {
  return () => {
    throw thrown;
  };
}

const THROWN: readonly (readonly [string, unknown])[] = [
  ["an error", new TypeError(SECRET)],
  ["a string", SECRET],
  ["null", null],
  ["undefined", undefined],
  ["a symbol", Symbol(SECRET)],
  ["a number", Number.NaN],
  ["a cycle", cycle()],
  ["a proxy that throws", untouchable()],
  ["a revoked proxy", revoked()],
  ["an error whose name cannot be read", withGetter("name", new Error("x"))],
  ["an error whose message and stack cannot be read", withGetter("stack", withGetter("message", new Error("x")))],
  ["an error whose code cannot be read", withGetter("code", posing({}))],
];

/** What each run does, and the code that its caller is told. */
const MISBEHAVIOURS: readonly (readonly [string, string, () => unknown])[] = [
  ...THROWN.flatMap(
    ([what, thrown]) =>
      [
        [`throws ${what}`, "OPERATION_FAILED", raise(thrown)],
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- strangers do.
        [`rejects with ${what}`, "OPERATION_FAILED", () => Promise.reject(thrown)],
      ] as const,
  ),
  ["throws our error with a cycle in it", "CONFLICT", raise(posing({ details: cycle() }))],
  ["throws our error with a bigint in it", "CONFLICT", raise(posing({ details: { n: 1n } }))],
  ["throws our error with details that throw", "CONFLICT", raise(posing({ details: untouchable() }))],
  ["throws our error with a message that is none", "CONFLICT", raise(posing({ message: { a: 1 } }))],
  ["answers undefined", "OPERATION_FAILED", () => undefined],
  ["answers NaN", "OPERATION_FAILED", () => Number.NaN],
  ["answers Infinity", "OPERATION_FAILED", () => -Infinity],
  ["answers a bigint", "OPERATION_FAILED", () => 1n],
  ["answers a bigint within", "OPERATION_FAILED", async () => ({ rows: [{ n: 1n }] })],
  ["answers a symbol", "OPERATION_FAILED", () => Symbol("x")],
  ["answers a function", "OPERATION_FAILED", () => () => SECRET],
  ["answers a cycle", "OPERATION_FAILED", cycle],
  ["answers a getter that throws", "OPERATION_FAILED", () => withGetter("x")],
  ["answers a proxy that throws", "OPERATION_FAILED", untouchable],
  ["answers a proxy that throws, later", "OPERATION_FAILED", async () => [untouchable()]],
  ["answers a revoked proxy", "OPERATION_FAILED", revoked],
  ["answers a toJSON that throws", "OPERATION_FAILED", () => ({ toJSON: raise(new Error(SECRET)) })],
  ["answers a toJSON that throws null", "OPERATION_FAILED", () => ({ toJSON: raise(null) })],
  ["answers a toJSON that answers nothing", "OPERATION_FAILED", () => ({ toJSON: () => undefined })],
  // oxlint-disable-next-line unicorn/no-thenable -- strangers make them.
  ["answers a thenable that throws", "OPERATION_FAILED", () => ({ then: raise(new Error(SECRET)) })],
  ["answers a thenable whose then cannot be read", "OPERATION_FAILED", () => withGetter("then")],
  [
    "answers a thenable that rejects twice",
    "OPERATION_FAILED",
    () => ({
      // oxlint-disable-next-line unicorn/no-thenable -- strangers make them.
      then(_resolve: unknown, reject: (reason: unknown) => void) {
        reject(SECRET);
        reject(new Error(SECRET));
      },
    }),
  ],
  ["answers an envelope of its own", "OPERATION_FAILED", () => ({ error: SECRET, code: "NOT_FOUND" })],
  ["never settles", "TIMEOUT", () => new Promise(() => {})],
  // oxlint-disable-next-line unicorn/no-thenable -- strangers make them.
  ["answers a thenable that never settles", "TIMEOUT", () => ({ then() {} })],
];

/** An operation that does as it is told. Its schema takes anything, and its limit is short. */
function registerBad(host: TestHost): { behave(run: () => unknown): void } {
  let current: () => unknown = () => null;
  host.wire.register(
    defineQuery({
      name: "test.bad",
      scope: "host",
      input: z.unknown(),
      output: z.unknown(),
      timeoutMs: 50,
      run: () => current(),
    }),
  );
  return {
    behave: (run) => {
      current = run;
    },
  };
}

/** Answers `{"nth":<how often this instance was asked>,"told":<what the operation answered>}`. */
function tell(text: Text, method: string): string {
  const append = (operands: string): string =>
    `(memory.copy (global.get $end) ${operands}) (global.set $end (i32.add (global.get $end) (global.get $n)))`;
  const constant = (value: string): string => {
    const [pointer, length] = text(value).split(") (");
    return `(global.set $n (${length}) ${append(`${pointer}) (global.get $n)`)}`;
  };
  return `
    (global $end (mut i32) (i32.const 0)) (global $n (mut i32) (i32.const 0)) (global $block (mut i32) (i32.const 0))
    (func $tell (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (global.set $reply (call $call ${text(method)} (i32.const 0) ${text("{}")}))
      (global.set $block (call $alloc (i32.add (i32.const 64) (i32.load (global.get $reply)))))
      (global.set $end (i32.add (global.get $block) (i32.const 4)))
      ${constant('{"nth":"')}
      (i32.store8 (global.get $end) (i32.add (i32.const 48) (i32.div_u (global.get $calls) (i32.const 10))))
      (i32.store8 (i32.add (i32.const 1) (global.get $end)) (i32.add (i32.const 48) (i32.rem_u (global.get $calls) (i32.const 10))))
      (global.set $end (i32.add (i32.const 2) (global.get $end)))
      ${constant('","told":')}
      (global.set $n (i32.load (global.get $reply)))
      ${append("(i32.add (i32.const 4) (global.get $reply)) (global.get $n)")}
      ${constant("}")}
      (i32.store (global.get $block) (i32.sub (global.get $end) (i32.add (i32.const 4) (global.get $block))))
      (global.get $block))`;
}

const told = z.object({ nth: z.string(), told: z.object({ error: z.string(), code: z.string() }) });

describe("an operation that misbehaves", () => {
  it("is a coded error to the guest that called it, which goes on, and learns nothing of the host", async () => {
    await using host = await createTestHost();
    const bad = registerBad(host);
    await loadFinance(host, (t) => `${tell(t, BAD)} ${handler("query_go_v1", "(call $tell)")}`);
    let calls = 0;
    for (const [what, code, run] of MISBEHAVIOURS) {
      bad.behave(run);
      const answer = told.parse(await host.call(GO), { error: () => what });
      calls++;
      expect([what, answer.told.code], answer.told.error).toEqual([what, code]);
      expect(answer.told.error, what).not.toContain("hunter2");
      // The very same instance: none of this has cost it its life.
      expect(Number(answer.nth), what).toBe(calls);
    }
    await host.expectBystander();
  });

  it("is a coded error to a job, which completes", async () => {
    await using host = await createTestHost();
    const bad = registerBad(host);
    const guest = await watGuest(
      (t) =>
        `${tell(t, BAD)} ${job(
          "execute_work",
          `(drop (call $tell))
           (call $complete (global.get $job) (i32.add (global.get $block) (i32.const 4)) (i32.load (global.get $block)))
           (i32.const 0)`,
        )}`,
    );
    await host.write("finance", guest, {
      jobs: [{ name: "work", export: "execute_work" }],
      permissions: { methods: ["test."] },
    });
    await host.plugins.load("finance");
    for (const [what, code, run] of MISBEHAVIOURS) {
      bad.behave(run);
      const record = await (await host.jobs.dispatch("finance:work", {}, { library: host.library })).done();
      expect([what, record.status, record.attempt], record.error?.message).toEqual([what, "completed", 1]);
      expect(record.result, what).toContain(`"code":"${code}"`);
      expect(record.result, what).not.toContain("hunter2");
    }
  });

  it("is refused by its own schema before a guest sees what JSON would make of it", async () => {
    await using host = await createTestHost();
    let answer: unknown = Number.NaN;
    host.wire.register(
      defineQuery({
        name: "test.bad",
        scope: "host",
        input: z.unknown(),
        output: z.object({ n: z.number() }),
        // Proof: none; an operation in JavaScript breaks its types.
        run: () => ({ n: answer }) as { n: number },
      }),
    );
    await loadFinance(host, (t) => `${tell(t, BAD)} ${handler("query_go_v1", "(call $tell)")}`);
    for (const value of [Number.NaN, Infinity, undefined, null, 1n, "1", untouchable()]) {
      answer = value;
      expect(told.parse(await host.call(GO)).told.code).toBe("OPERATION_FAILED");
    }
    answer = 7;
    expect(await host.call(GO)).toMatchObject({ told: { n: 7 } });
  });

  it("that answers or rejects after its limit reaches nobody, whatever it then says", async () => {
    await using host = await createTestHost();
    const bad = registerBad(host);
    await loadFinance(host, (t) => `${tell(t, BAD)} ${handler("query_go_v1", "(call $tell)")}`);
    for (const end of [raise(untouchable()), raise(null), untouchable, () => SECRET]) {
      const late = Promise.withResolvers<void>();
      bad.behave(() => late.promise.then((): unknown => end()));
      expect(told.parse(await host.call(GO)).told.code).toBe("TIMEOUT");
      late.resolve();
      bad.behave(() => "on time");
      expect(await host.call(GO)).toMatchObject({ told: "on time" });
    }
  });

  it("is answered also where the host's logger chokes on what it threw", async () => {
    const lines: string[] = [];
    const write = (fields: Readonly<Record<string, unknown>>, message: string): void => {
      lines.push(
        `${JSON.stringify(fields, (_key, value: unknown) => (value instanceof Error ? value.stack : value))} ${message}`,
      );
    };
    await using host = await createTestHost({ wireLogger: { debug: write, info: write, warn: write, error: write } });
    const bad = registerBad(host);
    await loadFinance(host, (t) => `${tell(t, BAD)} ${handler("query_go_v1", "(call $tell)")}`);
    bad.behave(raise(untouchable()));
    expect(told.parse(await host.call(GO)).told.code).toBe("OPERATION_FAILED");
    expect(lines.filter((line) => line.includes(BAD))).toEqual([expect.stringMatching(/cannot be written/)]);
  });
});

describe("what a guest is told of a failure", () => {
  it("is an operation's own words, where they were written for callers", async () => {
    await using host = await createTestHost();
    const bad = registerBad(host);
    await loadFinance(host, (t) => `${tell(t, BAD)} ${handler("query_go_v1", "(call $tell)")}`);
    const details = { error: "forged", code: "FORGED", rows: 3 };
    bad.behave(
      raise(new SpacedriveError("CONFLICT", "There are 3 rows already.", { details, cause: new Error(SECRET) })),
    );
    expect(await host.call(GO)).toMatchObject({
      told: { error: "There are 3 rows already.", code: "CONFLICT", retryable: false, rows: 3 },
    });
  });

  it("is never a file or a stack of the host, which its log keeps with extension and method", async () => {
    await using host = await createTestHost();
    const bad = registerBad(host);
    await loadFinance(host, (t) => `${tell(t, BAD)} ${handler("query_go_v1", "(call $tell)")}`);
    for (const code of ["STORE_FAILED", "STORE_CORRUPT", "STORE_LOCKED", "DISK_FULL", "INTERNAL"] as const) {
      host.logs.length = 0;
      const error = new SpacedriveError(code, `The database ${SECRET} failed.\n    at open (/srv/host/main.js:3:1)`, {
        details: { file: SECRET, unconfirmed: true },
        retryable: true,
      });
      bad.behave(raise(error));
      const answer = await host.call(GO);
      expect(answer).toMatchObject({ told: { code, retryable: true, unconfirmed: true } });
      expect(JSON.stringify(answer)).not.toMatch(/hunter2|main\.js/);
      expect(host.logs).toEqual([
        {
          level: "error",
          fields: { method: BAD, caller: '"finance"', job: undefined, err: error },
          message: "an operation failed",
        },
      ]);
      // The user of the host is told all of it.
      await expect(host.wire.call(BAD, {}, { caller: { kind: "user" } })).rejects.toBe(error);
    }
  });

  it("is no file of the host either where it asks why its own job failed", async () => {
    // The job's dispatch, its claim and its first checkpoint are written; its second one meets a damaged page.
    await using host = await createTestHost({ faults: failStore({ operation: "work", at: 4, fault: "corrupt" }) });
    const body = (t: Text): string =>
      `(drop (call $checkpoint (global.get $job) ${t("1")})) (drop (call $checkpoint (global.get $job) ${t("2")})) (i32.const 2)`;
    const guest = await watGuest(
      (t) => `${job("execute_work", body(t))} ${relay(t, "query_go_v1", "query:jobs.get_status.v1")}
        ${relay(t, "query_past_v1", "query:jobs.history.v1")}`,
    );
    await host.write("finance", guest, {
      jobs: [{ name: "work", export: "execute_work" }],
      operations: [operation("go"), operation("past")],
      permissions: { methods: ["jobs."] },
    });
    await host.plugins.load("finance");
    const { id, error } = await (await host.jobs.dispatch("finance:work", {}, { library: host.library })).done();
    expect(error).toMatchObject({ code: "STORE_CORRUPT", message: expect.stringContaining("library.db") });
    expect(await host.call(GO, { job_id: id })).toMatchObject({
      failure: {
        code: "STORE_CORRUPT",
        message: "The database is damaged or not one of ours. The host's log has the cause.",
      },
    });
    expect(JSON.stringify(await host.call("query:finance:past.v1", { job_id: id }))).not.toContain("library.db");
    // The user sees it.
    expect(JSON.stringify(await host.call("query:jobs.history.v1", { job_id: id }))).toContain("library.db");
  });

  it("is nothing of what another extension logged, nor its stack, where that one trapped", async () => {
    await using host = await createTestHost();
    const ledger = await watGuest(
      (t) =>
        `(func $very_private unreachable)
         ${handler("query_book_v1", `(call $log (i32.const 3) ${t(SECRET)}) (call $very_private) (i32.const 0)`)}`,
    );
    const book = {
      kind: "query",
      name: "book",
      version: 1,
      scope: "library",
      export: "query_book_v1",
      input: {},
      output: {},
    };
    await host.write("ledger", ledger, { operations: [book] });
    await host.plugins.load("ledger");
    const method = "query:ledger:book.v1";
    await loadFinance(host, (t) => `${tell(t, method)} ${handler("query_go_v1", "(call $tell)")}`, {
      permissions: { methods: ["ledger:book"] },
    });
    const answer = await host.call(GO);
    expect(answer).toMatchObject({ told: { code: "GUEST_TRAPPED" } });
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|very_private/);
    const line = host.logs.find(({ message }) => message === "an operation failed");
    expect(line?.fields).toMatchObject({ method, caller: '"finance"', err: { code: "GUEST_TRAPPED" } });
    expect(String(line?.fields["err"])).toMatch(/very_private/);
  });
});
