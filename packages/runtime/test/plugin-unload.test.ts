import { isSpacedriveError } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { createTestHost, messages, operation, rejection, type TestHost } from "./plugin-host.js";
import { handler, relay, type Text, watGuest } from "./wat-guest.js";

function cleanup(body: string): (text: Text) => string {
  return (text) => `
    (func (export "plugin_cleanup") (result i32) (call $log (i32.const 1) ${text("cleaning up")}) ${body})
    ${relay(text, "query_go_v1", "query:test.ping.v1")}
    ${relay(text, "query_wait_v1", "query:test.sleep.v1")}`;
}

const MANIFEST = { permissions: { methods: ["test."] }, operations: [operation("go"), operation("wait")] };

async function load(host: TestHost, body: (text: Text) => string): Promise<void> {
  await host.write("finance", await watGuest(body), MANIFEST);
  await host.plugins.load("finance");
}

async function expectGone(host: TestHost): Promise<void> {
  expect(host.plugins.get("finance")).toBeNull();
  expect((await rejection(host.call("query:finance:go.v1"))).code).toBe("NOT_FOUND");
  expect(host.wire.operations().filter((one) => one.extension === "finance")).toEqual([]);
  host.wire.registerGate("finance", { authorize() {}, limit() {} }).unregister();
  await host.expectBystander();
}

describe("unloading an extension", () => {
  it("calls plugin_cleanup, takes every registration away and says so", async () => {
    await using host = await createTestHost();
    const events: unknown[] = [];
    host.plugins.events.on("plugin-unloaded", (event) => events.push(event));
    await load(host, cleanup("(i32.const 0)"));
    host.logs.splice(0);
    await host.plugins.unload("finance");
    expect(messages(host, "finance")).toEqual(["cleaning up", "Plugin finance unloaded"]);
    expect(events).toEqual([{ id: "finance", version: "1.0.0" }]);
    await expectGone(host);
  });

  it.each([
    ["traps", "unreachable"],
    ["loops", "(loop $l (br $l)) (i32.const 0)"],
    ["returns non-zero", "(i32.const 3)"],
  ])("whose plugin_cleanup %s takes everything away all the same, and logs why", async (_what, body) => {
    await using host = await createTestHost({ cleanupTimeoutMs: 100 });
    await load(host, cleanup(body));
    await host.plugins.unload("finance");
    expect(messages(host, "finance").join("\n")).toContain(
      'plugin_cleanup of "finance" failed, and it is unloaded all the same',
    );
    await expectGone(host);
  });

  it("settles the calls that run and wait with UNLOADED, and cleans up on a fresh instance", async () => {
    await using host = await createTestHost();
    await load(host, cleanup("(i32.const 0)"));
    const calls = [
      host.call("query:finance:wait.v1"),
      host.call("query:finance:go.v1", { message: "x" }),
      host.call("query:finance:wait.v1"),
    ];
    const outcomes = calls.map(rejection);
    await host.plugins.unload("finance");
    expect((await Promise.all(outcomes)).map(({ code }) => code)).toEqual(["UNLOADED", "UNLOADED", "UNLOADED"]);
    expect(messages(host, "finance").filter((line) => line === "cleaning up")).toHaveLength(1);
    await expectGone(host);
  });

  it("settles a bare call too, and its handle refuses from then on", async () => {
    await using host = await createTestHost();
    await host.write("finance", await watGuest(() => '(func (export "spin") (loop $l (br $l)))'), {});
    const plugin = await host.plugins.load("finance");
    const call = rejection(plugin.call("spin"));
    await host.plugins.unload("finance");
    expect((await call).code).toBe("UNLOADED");
    expect((await rejection(plugin.call("spin"))).code).toBe("EXTENSION_NOT_LOADED");
    expect(plugin.manifest.id).toBe("finance");
  });

  it("that is not loaded is EXTENSION_NOT_LOADED", async () => {
    await using host = await createTestHost();
    expect(await rejection(host.plugins.unload("finance"))).toMatchObject({
      code: "EXTENSION_NOT_LOADED",
      message: expect.stringContaining('"finance"'),
    });
  });

  it("while it loads waits for the load", async () => {
    await using host = await createTestHost();
    await host.write("finance", await watGuest(cleanup("(i32.const 0)")), MANIFEST);
    await Promise.all([host.plugins.load("finance"), host.plugins.unload("finance")]);
    await expectGone(host);
  });

  it("and loading it again, many times over, leaves nothing behind", async () => {
    await using host = await createTestHost();
    await load(host, cleanup("(i32.const 0)"));
    for (let round = 0; round < 10; round++) {
      await host.plugins.unload("finance");
      await host.plugins.load("finance");
      expect(await host.call("query:finance:go.v1", { message: "x" })).toEqual({ echo: "x" });
    }
    expect(host.wire.operations().filter((one) => one.extension === "finance")).toHaveLength(2);
  });
});

describe("an instance without work", () => {
  it("is given back after its time, and the next call starts another", async () => {
    await using host = await createTestHost({ idleMs: 1 });
    const started = (): number => messages(host, "finance").filter((line) => line === "started").length;
    const guest = await watGuest(
      (t) => `
        (func (export "plugin_init") (call $log (i32.const 1) ${t("started")}))
        ${handler("query_go_v1", `(call $block ${t("1")})`)} ${handler("query_wait_v1", `(call $block ${t("1")})`)}`,
    );
    await host.write("finance", guest, MANIFEST);
    await host.plugins.load("finance");
    await expect
      .poll(async () => {
        await host.call("query:finance:go.v1");
        return started();
      })
      .toBeGreaterThan(3);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])("asked for %i turns into the manager's closing keeps nothing open", async (turns) => {
    await using host = await createTestHost();
    const closing = host.plugins.close();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    const unloading = host.plugins.unload("bystander").catch((error: unknown) => error);
    await closing;
    expect([undefined, "EXTENSION_NOT_LOADED"]).toContain(codeOf(await unloading));
    expect(host.wire.operations().filter((one) => one.name.startsWith("host."))).toEqual([]);
  });
});

function codeOf(error: unknown): string | undefined {
  return isSpacedriveError(error) ? error.code : undefined;
}
