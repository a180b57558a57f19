import { constants } from "node:buffer";
import { createWire, systemClock } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import {
  createWorkerEngine,
  DEFAULT_GUEST_LIMITS,
  grantOnly,
  type Grants,
  grantWhatManifestAsks,
  type GrantsPolicy,
  PluginManager,
  type PluginManagerOptions,
} from "../src/index.js";
import { createCountingEngine } from "./counting-engine.js";
import { goodGuest, GOOD } from "./good-extension.js";
import { createTestHost, rejection } from "./plugin-host.js";
import { job, watGuest } from "./wat-guest.js";

type Options = Partial<PluginManagerOptions>;

function managerOf(options: Options): PluginManager {
  return new PluginManager({ dir: "nowhere", wire: createWire([]), grants: grantWhatManifestAsks(), ...options });
}

const LEAST: readonly (readonly [name: string, least: number, option: (value: number) => Options])[] = [
  ["idleMs", 0, (idleMs) => ({ idleMs })],
  ["maxIdleInstances", 0, (maxIdleInstances) => ({ maxIdleInstances })],
  ["maxInstances", 1, (maxInstances) => ({ maxInstances })],
  ["maxInstancesAtWork", 2, (maxInstancesAtWork) => ({ maxInstancesAtWork })],
  ["maxExtraInstances", 0, (maxExtraInstances) => ({ maxExtraInstances })],
  ["maxCallDepth", 1, (maxCallDepth) => ({ maxCallDepth })],
  ["maxQueuedCalls", 0, (maxQueuedCalls) => ({ maxQueuedCalls })],
  ["stallMs", 1, (stallMs) => ({ stallMs })],
  ["cleanupTimeoutMs", 1, (cleanupTimeoutMs) => ({ cleanupTimeoutMs })],
  ["shutdownMs", 0, (shutdownMs) => ({ shutdownMs })],
  ["restart.faultsInARow", 1, (faultsInARow) => ({ restart: { kind: "reload", faultsInARow } })],
  ["restart.waitMs", 0, (waitMs) => ({ restart: { kind: "reload", waitMs } })],
  ["restart.maxWaitMs", 0, (maxWaitMs) => ({ restart: { kind: "reload", maxWaitMs } })],
  ['extensions["finance"].maxInstances', 1, (maxInstances) => ({ extensions: { finance: { maxInstances } } })],
  [
    'extensions["finance"].restart.waitMs',
    0,
    (waitMs) => ({ extensions: { finance: { restart: { kind: "reload", waitMs } } } }),
  ],
  ...Object.keys(DEFAULT_GUEST_LIMITS).map((name) => {
    const counts = [
      "maxLogBytesPerSecond",
      "maxBranchValues",
      "maxModuleBranchValues",
      "maxLocals",
      "maxLoops",
      "maxTableEntries",
    ];
    const least = name === "maxMemoryBytes" ? 65_536 : counts.includes(name) ? 0 : 1;
    return [`limits.${name}`, least, (value: number) => ({ limits: { [name]: value } })] as const;
  }),
];

it("says which policies there are where none is given", () => {
  // Proof: what a program without types can do.
  const without = { dir: "nowhere", wire: createWire([]) } as unknown as PluginManagerOptions;
  expect(() => new PluginManager(without)).toThrow(/nothing is allowed by default.*grantWhatManifestAsks\(\)/);
});

describe("the numbers among a manager's options", () => {
  it.each(LEAST)("take for %s what can be kept, from %d on", async (_name, least, option) => {
    await managerOf(option(least)).close();
  });

  it.each(LEAST)("refuse for %s what cannot be, by name", (name, least, option) => {
    for (const value of [Number.NaN, least - 1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) {
      const refused = {
        code: "INVALID_INPUT",
        message: expect.stringContaining(`PluginManager's ${name} is ${value}, `),
      };
      expect(() => managerOf(option(value))).toThrow(expect.objectContaining(refused));
    }
  });

  it.each(["maxPayloadBytes", "maxReplyBytes"])("take as %s what a text can hold, and no more", (name) => {
    const most = constants.MAX_STRING_LENGTH;
    expect(() => managerOf({ limits: { [name]: most + 1 } })).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
    expect(managerOf({ limits: { [name]: most } }).list()).toEqual([]);
  });

  it("have their default where they are undefined, as from a program without types", async () => {
    const options: object = { idleMs: undefined, limits: { maxMemoryBytes: undefined } };
    await using host = await createTestHost(options);
    await host.expectBystander();
  });

  it.each([
    ["requestsPerMinute", [Number.NaN, 0, Number.POSITIVE_INFINITY], 1],
    ["concurrentJobs", [Number.NaN, -1, 1.5], 0],
  ])("are checked in what a grants policy answers, too: %s", async (name, refused, taken) => {
    const granting = (value: number): GrantsPolicy => grantOnly({ finance: { [name]: value }, bystander: {} });
    for (const value of refused) {
      await using host = await createTestHost({ grants: granting(value) });
      await host.write("finance", await goodGuest(), GOOD);
      expect(await rejection(host.plugins.load("finance"))).toMatchObject({
        code: "INVALID_INPUT",
        message: expect.stringContaining(`the grants policy answered for "finance" as ${name} is ${value}, `),
      });
    }
    await using host = await createTestHost({ grants: granting(taken) });
    await host.write("finance", await goodGuest(), GOOD);
    await host.plugins.load("finance");
  });
});

it.each([
  ["nothing", undefined, "methods"],
  ["null", null, "methods"],
  ["no methods", { libraries: ["*"] }, "methods"],
  ["no libraries", { methods: [] }, "libraries"],
  ["a text", { methods: "vdfs.", libraries: ["*"] }, "methods"],
  ["numbers", { methods: [], libraries: [5] }, "libraries"],
])("a grants policy that answers %s is told what it must answer", async (_what, answer, name) => {
  let good = true;
  // Proof: a program without types can answer anything.
  const grants: GrantsPolicy = (manifest) => (good ? grantWhatManifestAsks()(manifest) : (answer as unknown as Grants));
  await using host = await createTestHost({ grants });
  good = false;
  await host.write("finance", await goodGuest(), GOOD);
  const { code, message } = await rejection(host.plugins.load("finance"));
  expect(code).toBe("INVALID_INPUT");
  expect(message).toContain(`the grants policy answered for "finance" as ${name} is no list of texts. Answer {`);
});

it.each(["spareThreads", "keepThreadMs"])("an engine refuses a %s that cannot be kept", async (name) => {
  for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    const refused = { code: "INVALID_INPUT", message: expect.stringContaining(`${name} is ${value}, `) };
    expect(() => createWorkerEngine({ [name]: value })).toThrow(expect.objectContaining(refused));
  }
  await using engine = createWorkerEngine({ [name]: 0 });
  expect(engine.name).toBe("worker");
});

describe("a grants policy that never answers", () => {
  const slow = (): { readonly policy: GrantsPolicy; readonly asked: Promise<void>; readonly ask: () => void } => {
    const asked = Promise.withResolvers<void>();
    let quick = true;
    return {
      asked: asked.promise,
      ask: () => (quick = false),
      policy: (manifest) =>
        quick ? grantWhatManifestAsks()(manifest) : (asked.resolve(), new Promise<never>(() => {})),
    };
  };

  it.each(["load", "reload"] as const)("does not keep close from coming to its end: %s", async (what) => {
    const { policy, asked, ask } = slow();
    await using host = await createTestHost({ grants: policy });
    await host.write("finance", await goodGuest(), GOOD);
    if (what === "reload") await host.plugins.load("finance");
    ask();
    const outcome = rejection(host.plugins[what]("finance"));
    await asked;
    await host.plugins.close();
    const { code, details } = await outcome;
    expect(what === "load" ? code : details["cause_code"]).toBe("CLOSED");
    expect(host.plugins.list()).toEqual([]);
  });
});

describe("a clock of the integrator's that throws", () => {
  it.each(["after", "now"] as const)("costs no call, no reload and no unload: %s", async (what) => {
    let broken = false;
    const breaking = <Args extends unknown[], Result>(name: string, work: (...args: Args) => Result) => {
      return (...args: Args): Result => {
        if (broken && name === what) throw new Error("no time");
        return work(...args);
      };
    };
    const clock = {
      now: breaking("now", () => systemClock.now()),
      monotonic: breaking("monotonic", () => performance.now()),
      after: breaking("after", (delayMs: number, callback: () => void) => systemClock.after(delayMs, callback)),
    };
    await using engine = createCountingEngine();
    await using host = await createTestHost({ engine, idleMs: 50 });
    // A clock of the manager's only: the wire and the jobs have their own.
    await using plugins = new PluginManager({
      dir: host.dir,
      wire: createWire([]),
      grants: grantWhatManifestAsks(),
      logger: host.wire.logger,
      engine,
      clock,
      idleMs: 50,
    });
    await host.write("finance", await goodGuest(), GOOD);
    await plugins.load("finance");
    broken = true;
    expect(await plugins.call("finance", "answer")).toBe(42);
    await plugins.reload("finance");
    expect(await plugins.call("finance", "answer")).toBe(42);
    // Idle instances are given back all the same.
    await expect.poll(() => engine.live("finance")).toBe(0);
    await plugins.unload("finance");
    expect(host.logs.some(({ message }) => message.includes("the host's clock failed"))).toBe(true);
  });
});

it.each([
  [
    "throws",
    (): never => {
      throw new Error("no jobs here");
    },
  ],
  ["rejects", (): Promise<never> => Promise.reject(new Error("no jobs here"))],
])("jobs of the integrator's whose unregister %s keep no unload from its end", async (_what, unregister) => {
  await using host = await createTestHost();
  const jobs = { register: () => ({ unregister }) };
  await using plugins = new PluginManager({
    dir: host.dir,
    wire: createWire([]),
    grants: grantWhatManifestAsks(),
    jobs,
  });
  const guest = await watGuest(() => job("execute_work", "(i32.const 0)"));
  await host.write("finance", guest, { jobs: [{ name: "work", export: "execute_work" }] });
  await plugins.load("finance");
  await plugins.unload("finance");
  expect(plugins.list()).toEqual([]);
});
