import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { defineQuery, isSpacedriveError, localUser } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createWorkerEngine, type GuestEngine } from "../src/index.js";
import { createTestHost, operation, rejection, type TestHost } from "./plugin-host.js";
import { handler, relay, watGuest } from "./wat-guest.js";

const run = promisify(execFile);

/** Where a call is when something happens to it. */
const PLACES = ["loops", "waits for an operation", "waits for an instance", "waits for a start"] as const;

interface Settlement {
  readonly code: string;
  readonly isError: boolean;
}

async function hostWithSlow(): Promise<{ host: TestHost; inside: Promise<void>; starting: Promise<void> }> {
  const host = await createTestHost({ shutdownMs: 100, limits: { callTimeoutMs: 10_000 } });
  const inside = Promise.withResolvers<void>();
  const starting = Promise.withResolvers<void>();
  const waits = (name: string, said: () => void): void => {
    host.wire.register(
      defineQuery({
        name,
        scope: "host",
        input: z.unknown(),
        output: z.null(),
        run: () => {
          said();
          return new Promise<null>(() => {});
        },
      }),
    );
  };
  waits("test.inside", () => inside.resolve());
  waits("test.starting", () => starting.resolve());
  const guest = await watGuest(
    (t) => `
      (func (export "plugin_init")
        (if (i32.eq (i32.load8_u offset=4 (call $call ${t("query:test.turn.v1")} (i32.const 0) ${t("{}")})) (i32.const 50))
          (then (drop (call $call ${t("query:test.starting.v1")} (i32.const 0) ${t("{}")})))))
      ${relay(t, "query_wait_v1", "query:test.inside.v1")}
      ${handler("query_fine_v1", `(call $block ${t("1")})`)}
      (func (export "spin") (drop (call $call ${t("query:test.inside_once.v1")} (i32.const 0) ${t("{}")})) (loop $l (br $l)))`,
  );
  host.wire.register(
    defineQuery({
      name: "test.inside_once",
      scope: "host",
      input: z.unknown(),
      output: z.null(),
      run: () => {
        setImmediate(() => inside.resolve());
        return null;
      },
    }),
  );
  const operations = ["wait", "fine"].map((name) => operation(name));
  await host.write("finance", guest, { permissions: { methods: ["test."] }, operations });
  await host.plugins.load("finance");
  return { host, inside: inside.promise, starting: starting.promise };
}

/** Brings a call to its place; answers what it settles with, and how often. */
async function callIn(
  place: (typeof PLACES)[number],
  signal: AbortSignal,
): Promise<{ host: TestHost; settled: Promise<Settlement>; times: () => number }> {
  const { host, inside, starting } = await hostWithSlow();
  const { library } = host;
  // The second start of the test waits; where that is not the place, somebody else's takes the turn.
  if (place !== "waits for a start") await host.call("query:test.turn.v1");
  const call = (name: string): Promise<unknown> =>
    host.wire.call(`query:finance:${name}.v1`, {}, { caller: localUser, library, signal });
  if (place === "waits for an instance") void host.call("query:finance:wait.v1").catch(() => {});
  const pending = place === "loops" ? host.plugins.call("finance", "spin", { library, signal }) : call("wait");
  let times = 0;
  const settled = pending.then(
    () => ({ code: "none", isError: false }),
    (error: unknown) => ({ code: isSpacedriveError(error) ? error.code : "none", isError: error instanceof Error }),
  );
  pending.then(
    () => times++,
    () => times++,
  );
  await (place === "waits for a start" ? starting : inside);
  return { host, settled, times: () => times };
}

const ENDS: readonly [
  what: string,
  end: (host: TestHost, giveUp: AbortController) => Promise<unknown>,
  code: string,
][] = [
  ["unloaded", (host) => host.plugins.unload("finance"), "UNLOADED"],
  ["closed", (host) => host.plugins.close(), "UNLOADED"],
  ["given up", async (_host, giveUp) => giveUp.abort(), "CANCELLED"],
];

describe("a call settles once, with a real error and a code", () => {
  it.each(ENDS.flatMap(([what, end, code]) => PLACES.map((place) => [place, what, end, code] as const)))(
    "that %s when the extension is %s",
    async (place, _what, end, code) => {
      const giveUp = new AbortController();
      const { host, settled, times } = await callIn(place, giveUp.signal);
      await using _host = host;
      await end(host, giveUp);
      expect(await settled).toEqual({ code, isError: true });
      await host.plugins.close();
      expect(times()).toBe(1);
    },
  );

  it.each(PLACES)("that %s when the extension is reloaded", async (place) => {
    const { host, settled, times } = await callIn(place, new AbortController().signal);
    await using _host = host;
    const guest = await watGuest((t) => handler("query_wait_v1", `(call $block ${t("null")})`));
    await host.write("finance", guest, { version: "2.0.0", operations: [operation("wait")] });
    await host.plugins.reload("finance");
    // What had not begun is answered by the new version.
    const begun = place === "loops" || place === "waits for an operation";
    expect(await settled).toEqual(begun ? { code: "UNLOADED", isError: true } : { code: "none", isError: false });
    expect(times()).toBe(1);
  });
});

describe("a plugin manager", () => {
  it("refuses what comes out of turn with a code, and goes on", async () => {
    const { host } = await hostWithSlow();
    await using _host = host;
    const { plugins } = host;
    await host.call("query:test.turn.v1");
    const plugin = plugins.get("finance");
    expect((await rejection(plugins.load("finance"))).code).toBe("ALREADY_LOADED");
    expect(await host.call("query:finance:fine.v1")).toBe(1);
    await plugins.unload("finance");
    expect((await rejection(plugins.unload("finance"))).code).toBe("EXTENSION_NOT_LOADED");
    expect((await rejection(plugins.reload("finance"))).code).toBe("EXTENSION_NOT_LOADED");
    expect((await rejection(plugins.call("finance", "spin"))).code).toBe("EXTENSION_NOT_LOADED");
    expect((await rejection(plugin?.call("spin") ?? Promise.resolve())).code).toBe("EXTENSION_NOT_LOADED");
    expect((await rejection(host.call("query:finance:fine.v1"))).code).toBe("NOT_FOUND");
    await host.expectBystander();
    await plugins.close();
    await plugins.close();
    expect((await rejection(plugins.load("finance"))).code).toBe("CLOSED");
    expect((await rejection(plugins.reload("bystander"))).code).toBe("CLOSED");
    expect((await rejection(plugins.call("bystander", "go"))).code).toBe("EXTENSION_NOT_LOADED");
  });

  it("settles what an engine of the integrator's cannot start with a code, and serves what comes when it can", async () => {
    await using engine = createWorkerEngine();
    let fails = false;
    const failing: GuestEngine = {
      name: "worker",
      async compile(...args) {
        const module = await engine.compile(...args);
        return {
          description: module.description,
          start: (...how) => (fails ? Promise.reject(new TypeError("EAGAIN")) : module.start(...how)),
        };
      },
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    };
    await using host = await createTestHost({ engine: failing });
    fails = true;
    expect(await rejection(host.plugins.call("bystander", "go"))).toMatchObject({
      code: "INTERNAL",
      message: expect.stringContaining('"bystander" could not be started'),
    });
    fails = false;
    await host.expectBystander();
  });

  it("of two unloads at once does one, and tells the other", async () => {
    await using host = await createTestHost();
    const [one, other] = await Promise.allSettled([host.plugins.unload("bystander"), host.plugins.unload("bystander")]);
    expect(one.status).toBe("fulfilled");
    expect(other).toMatchObject({ status: "rejected", reason: { code: "EXTENSION_NOT_LOADED" } });
  });

  it.each(["calls", "faults", "a call under way", "a call that waits", "a reload"])(
    "lets the process exit by itself once it is closed, after %s",
    async (what) => {
      const folder = await mkdtemp(path.join(tmpdir(), "sd-exit-"));
      const program = new URL("./programs/closes-and-exits.mjs", import.meta.url).pathname;
      try {
        const { stdout } = await run(process.execPath, [program, what, folder], { timeout: 30_000 });
        const { threads, resources, listeners, exitedAfterMs } = JSON.parse(stdout);
        expect({ threads, resources, listeners }).toEqual({ threads: 0, resources: [], listeners: 0 });
        // Not the idle minute, nor the ten seconds of a thread that waits.
        expect(exitedAfterMs).toBeLessThan(3_000);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );
});
