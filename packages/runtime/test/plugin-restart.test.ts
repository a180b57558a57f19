import { localUser, silentLogger } from "@spacedrive/wire";
import { VirtualClock } from "@spacedrive/wire/testing";
import { describe, expect, it } from "vitest";
import type { GuestEngine, RestartPolicy } from "../src/index.js";
import { createCountingEngine } from "./counting-engine.js";
import { createTestHost, messages, operation, rejection, type TestHost } from "./plugin-host.js";
import { handler, job, relay, type Text, watGuest } from "./wat-guest.js";

const TRAP = "query:finance:trap.v1";
const FINE = "query:finance:fine.v1";

/** Fails in each way that a guest can, and works. */
function fragile(text: Text): string {
  return `
    (func (export "plugin_init")
      (call $log (i32.const 1) ${text("started")})
      (drop (call $register_job ${text("work")} ${text("execute_work")} (i32.const 1))))
    ${job("execute_work", "(i32.const 0)")}
    ${handler("query_trap_v1", "unreachable")}
    ${handler("query_loop_v1", "(loop $l (br $l)) (i32.const 0)")}
    ${handler("query_recurse_v1", "(call $deeper (i32.const 0))")}
    (func $deeper (param i32) (result i32) (i32.add (call $deeper (local.get 0)) (i32.const 1)))
    ${handler("query_lie_v1", "(i32.const 0x7fffffff)")}
    ${relay(text, "query_wait_v1", "query:test.sleep.v1")}
    ${handler("query_fine_v1", `(call $block ${text('"fine"')})`)}
    (func (export "spin") (loop $l (br $l)))
    (func (export "crash") unreachable)
    (func (export "fine"))`;
}

const BROKEN_CLEANUP = '(func (export "plugin_cleanup") unreachable)';

const OPERATIONS = ["trap", "loop", "recurse", "lie", "wait", "fine"].map((name) => operation(name));
const MANIFEST = { permissions: { methods: ["test."] }, operations: OPERATIONS };

async function hostWith(
  restart: RestartPolicy | undefined,
  options: Parameters<typeof createTestHost>[0] = {},
): Promise<TestHost> {
  const host = await createTestHost({ ...(restart === undefined ? {} : { restart }), ...options });
  await host.write("finance", await watGuest(fragile), MANIFEST);
  await host.plugins.load("finance");
  return host;
}

async function fail(host: TestHost, times: number): Promise<string[]> {
  const codes: string[] = [];
  for (let time = 0; time < times; time++) codes.push((await rejection(host.call(TRAP))).code);
  return codes;
}

const trapped = (times: number): string[] => Array.from({ length: times }, () => "GUEST_TRAPPED");

describe("after a fault", () => {
  it.each([
    ["trapped", "trap", "GUEST_TRAPPED"],
    ["looped", "loop", "TIMEOUT"],
    ["overflowed its stack", "recurse", "GUEST_TRAPPED"],
    ["answered with a block out of its memory", "lie", "GUEST_ABI_VIOLATION"],
  ])("the next call to an extension that %s gets a fresh instance, with its plugin_init", async (_what, name, code) => {
    await using host = await hostWith(undefined, { limits: { callTimeoutMs: 200 } });
    const plugin = host.plugins.get("finance");
    const registered = (): unknown => ({
      plugin: [plugin?.operations, plugin?.jobs],
      wire: host.wire.operations().filter(({ extension }) => extension === "finance").length,
    });
    const before = registered();
    for (let round = 0; round < 5; round++) {
      expect((await rejection(host.call(`query:finance:${name}.v1`))).code).toBe(code);
    }
    expect(await host.call(FINE)).toBe("fine");
    // The load's, one for each fault, and one more.
    expect(messages(host, "finance").filter((line) => line === "started")).toHaveLength(7);
    expect(registered()).toEqual(before);
    const work = await host.jobs.dispatch("finance:work", {}, { library: host.library });
    expect((await work.done()).status).toBe("completed");
    await host.expectBystander();
  });
});

describe('the restart policy "reload"', () => {
  const POLICY = { kind: "reload", faultsInARow: 3, waitMs: 1_000, maxWaitMs: 3_000 } as const;

  it("takes calls until the faults in a row are too many", async () => {
    await using host = await hostWith(POLICY, { clock: new VirtualClock() });
    expect(await fail(host, 2)).toEqual(trapped(2));
    expect(await host.call(FINE)).toBe("fine");
    // That was a success: they are counted from the start.
    expect(await fail(host, 2)).toEqual(trapped(2));
    expect(await host.call(FINE)).toBe("fine");
    expect(await fail(host, 4)).toEqual([...trapped(3), "EXTENSION_FAILING"]);
  });

  it("then refuses them, and says when to try again", async () => {
    const clock = new VirtualClock();
    await using host = await hostWith(POLICY, { clock });
    await fail(host, 3);
    const started = messages(host, "finance").filter((line) => line === "started").length;
    clock.advance(400);
    expect(await rejection(host.call(FINE))).toMatchObject({
      code: "EXTENSION_FAILING",
      retryable: true,
      message: expect.stringMatching(/"finance" failed 3 times in a row.*GUEST_TRAPPED.*in 600 ms/),
      details: {
        retry_after_ms: 600,
        retry_at: new Date(clock.now() + 600).toISOString(),
        fault_code: "GUEST_TRAPPED",
      },
    });
    expect((await rejection(host.plugins.call("finance", "plugin_init"))).code).toBe("EXTENSION_FAILING");
    expect(messages(host, "finance").filter((line) => line === "started")).toHaveLength(started);
    expect(messages(host, "finance").at(-1)).toBe('"finance" failed 3 times in a row, and takes no call for 1000 ms');
    await host.expectBystander();
  });

  it("tries again after the wait, which doubles with each fault up to its maximum and ends with a success", async () => {
    const clock = new VirtualClock();
    await using host = await hostWith(POLICY, { clock });
    await fail(host, 3);
    for (const waitMs of [1_000, 2_000, 3_000, 3_000]) {
      clock.advance(waitMs - 1);
      expect((await rejection(host.call(FINE))).details).toMatchObject({ retry_after_ms: 1 });
      clock.advance(1);
      expect(await fail(host, 2)).toEqual(["GUEST_TRAPPED", "EXTENSION_FAILING"]);
    }
    clock.advance(3_000);
    expect(await host.call(FINE)).toBe("fine");
    expect(await fail(host, 4)).toEqual([...trapped(3), "EXTENSION_FAILING"]);
    expect((await rejection(host.call(FINE))).details).toMatchObject({ retry_after_ms: 1_000 });
  });

  it("waits its time also when the clock is set", async () => {
    const clock = new VirtualClock();
    await using host = await hostWith(POLICY, { clock });
    await fail(host, 3);
    clock.set(60_000);
    expect((await rejection(host.call(FINE))).details).toMatchObject({ retry_after_ms: 1_000 });
  });

  it("takes ten in a row where nothing is set", async () => {
    await using host = await hostWith(undefined, { clock: new VirtualClock() });
    expect(await fail(host, 11)).toEqual([...trapped(10), "EXTENSION_FAILING"]);
  });

  it("refuses the calls that waited when it began to", async () => {
    await using host = await hostWith(POLICY, { clock: new VirtualClock() });
    const codes = await Promise.all(Array.from({ length: 5 }, async () => (await rejection(host.call(TRAP))).code));
    expect(codes).toEqual([...trapped(3), "EXTENSION_FAILING", "EXTENSION_FAILING"]);
  });

  it("counts a plugin_init that fails in a later instance", async () => {
    const clock = new VirtualClock();
    await using host = await createTestHost({ clock, restart: POLICY });
    // Only its first, at the load, succeeds.
    const guest = await watGuest(
      (t) => `
        (func (export "plugin_init")
          (if (i32.ne (i32.load8_u offset=4 (call $call ${t("query:test.turn.v1")} (i32.const 0) ${t("{}")})) (i32.const 49))
            (then unreachable)))
        ${handler("query_fine_v1", `(call $block ${t("1")})`)}`,
    );
    await host.write("finance", guest, { permissions: { methods: ["test."] }, operations: [operation("fine")] });
    await host.plugins.load("finance");
    const codes: string[] = [];
    for (let call = 0; call < 4; call++) codes.push((await rejection(host.call(FINE))).code);
    expect(codes).toEqual(["INIT_FAILED", "INIT_FAILED", "INIT_FAILED", "EXTENSION_FAILING"]);
  });

  it("does not count what its callers do: to give up, to leave less time, to name what is not there", async () => {
    await using host = await hostWith({ kind: "reload", faultsInARow: 1 }, { clock: new VirtualClock() });
    for (let round = 0; round < 3; round++) {
      const giveUp = new AbortController();
      const options = { caller: localUser, library: host.library, signal: giveUp.signal };
      const waiting = rejection(host.wire.call("query:finance:wait.v1", {}, options));
      setImmediate(() => giveUp.abort());
      expect((await waiting).code).toBe("CANCELLED");
      expect((await rejection(host.plugins.call("finance", "spin", { timeoutMs: 20 }))).code).toBe("TIMEOUT");
      expect((await rejection(host.plugins.call("finance", "nothing"))).code).toBe("EXPORT_NOT_FOUND");
    }
    expect(await host.call(FINE)).toBe("fine");
  });

  it("counts a fault whatever time the caller left for it, and whoever called", async () => {
    await using host = await hostWith({ kind: "reload", faultsInARow: 2 }, { clock: new VirtualClock() });
    const asker = await watGuest((text) => relay(text, "query_ask_v1", TRAP));
    await host.write("asker", asker, { permissions: { methods: ["finance:"] }, operations: [operation("ask")] });
    await host.plugins.load("asker");
    const ask = async (): Promise<string> => (await rejection(host.call("query:asker:ask.v1"))).code;
    expect([await ask(), await ask(), await ask()]).toEqual([...trapped(2), "EXTENSION_FAILING"]);
    await host.plugins.reload("finance");
    const crash = async (): Promise<string> =>
      (await rejection(host.plugins.call("finance", "crash", { timeoutMs: 5_000 }))).code;
    expect([await crash(), await crash(), await crash()]).toEqual([...trapped(2), "EXTENSION_FAILING"]);
  });

  it.each([Number.POSITIVE_INFINITY, 2 ** 31, 1e12])(
    "gives a call the guest's own limit where it may take %d ms",
    async (timeoutMs) => {
      await using host = await hostWith(undefined);
      expect(await host.plugins.call("finance", "fine", { timeoutMs })).toBe(0);
    },
  );

  it.each([Number.NaN, 0, -1])("refuses a call that may take %d ms", async (timeoutMs) => {
    await using host = await hostWith(undefined);
    expect((await rejection(host.plugins.call("finance", "fine", { timeoutMs }))).code).toBe("INVALID_INPUT");
    expect(await host.call(FINE)).toBe("fine");
  });

  it("settles every call also where the log fails, and where an instance cannot be disposed of", async () => {
    const refuse = (): never => {
      throw new Error("the disk of the log is full");
    };
    await using engine = createCountingEngine();
    const stubborn: GuestEngine = {
      name: "stubborn",
      async compile(...compileArguments) {
        const module = await engine.compile(...compileArguments);
        return {
          description: module.description,
          async start(...startArguments) {
            const guest = await module.start(...startArguments);
            const dispose = guest[Symbol.asyncDispose].bind(guest);
            const trapped = async (): Promise<void> => (guest.alive ? dispose() : dispose().then(refuse));
            return Object.assign(guest, { [Symbol.asyncDispose]: trapped });
          },
        };
      },
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    };
    await using host = await hostWith(
      { kind: "reload", faultsInARow: 3 },
      { engine: stubborn, logger: { ...silentLogger, warn: refuse } },
    );
    expect(await fail(host, 4)).toEqual([...trapped(3), "EXTENSION_FAILING"]);
    await host.expectBystander();
  });

  it("starts anew with a reload", async () => {
    await using host = await hostWith(POLICY, { clock: new VirtualClock() });
    expect((await fail(host, 4)).at(-1)).toBe("EXTENSION_FAILING");
    await host.plugins.reload("finance");
    expect(await host.call(FINE)).toBe("fine");
  });
});

describe('the restart policy "closed"', () => {
  it("takes no call after the first fault, until a reload", async () => {
    const clock = new VirtualClock();
    await using host = await hostWith({ kind: "closed" }, { clock });
    expect(await host.call(FINE)).toBe("fine");
    await fail(host, 1);
    clock.advance(1e9);
    expect(await rejection(host.call(FINE))).toMatchObject({
      code: "EXTENSION_FAILING",
      retryable: false,
      message: expect.stringContaining("until it is reloaded"),
      details: { fault_code: "GUEST_TRAPPED" },
    });
    await host.expectBystander();
    await host.plugins.reload("finance");
    expect(await host.call(FINE)).toBe("fine");
  });
});

describe("a logger or a listener of the integrator that fails", () => {
  it.each([
    [
      "throws",
      (): never => {
        throw new Error("the disk of the log is full");
      },
    ],
    ["rejects", (): unknown => Promise.reject(new Error("the disk of the log is full"))],
  ])("and %s keeps no load, reload and unload from its end", async (_how, refuse) => {
    const logger = { debug: refuse, info: refuse, warn: refuse, error: refuse };
    await using host = await createTestHost({ logger });
    host.plugins.events.on("plugin-loaded", refuse);
    await host.write("finance", await watGuest((text) => `${fragile(text)} ${BROKEN_CLEANUP}`), MANIFEST);
    for (let round = 0; round < 2; round++) {
      await host.plugins.load("finance");
      await host.plugins.reload("finance");
      expect(await host.call(FINE)).toBe("fine");
      await host.plugins.unload("finance");
      expect(host.plugins.get("finance")).toBeNull();
    }
  });
});

describe('the restart policy "open"', () => {
  it("takes every call, however often others failed", async () => {
    await using host = await hostWith({ kind: "open" }, { clock: new VirtualClock() });
    expect(await fail(host, 15)).toEqual(trapped(15));
    expect(await host.call(FINE)).toBe("fine");
  });
});

describe("a restart policy", () => {
  it("is one extension's own where it is set for it", async () => {
    await using host = await hostWith({ kind: "open" }, { extensions: { finance: { restart: { kind: "closed" } } } });
    expect(await fail(host, 2)).toEqual(["GUEST_TRAPPED", "EXTENSION_FAILING"]);
    await host.write("other", await watGuest(fragile), MANIFEST);
    await host.plugins.load("other");
    const codes: string[] = [];
    for (let call = 0; call < 3; call++) codes.push((await rejection(host.call("query:other:trap.v1"))).code);
    expect(codes).toEqual(trapped(3));
  });
});
