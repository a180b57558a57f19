import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createWorkerEngine, type GuestEngine, grantOnly } from "../src/index.js";
import { createTestHost, messages, rejection } from "./plugin-host.js";
import { compileWat } from "./compile-wat.js";
import { GOOD, goodGuest } from "./good-extension.js";
import { handler, relay, type Text, watGuest } from "./wat-guest.js";

describe("loading an extension", () => {
  it("logs its three lines, in order, and what the guest logs between", async () => {
    await using host = await createTestHost();
    await host.write("finance", await goodGuest(), GOOD);
    await host.plugins.load("finance");
    expect(messages(host, "finance")).toEqual([
      "Loading plugin: finance",
      "hello from init",
      "Plugin finance initialized successfully",
      "✓ Plugin finance loaded successfully",
    ]);
    expect(host.logs.every((line) => line.level === "info")).toBe(true);
  });

  it("puts its operations on Wire, and its exports behind call", async () => {
    await using host = await createTestHost();
    await host.write("finance", await goodGuest(), GOOD);
    const plugin = await host.plugins.load("finance");
    expect(await host.call("query:finance:summary.v1")).toEqual({ total: 3 });
    expect(await plugin.call("answer")).toBe(42);
    expect(await host.plugins.call("finance", "answer", { library: host.library })).toBe(42);
  });

  it("is seen in list, get, manifest and an event", async () => {
    await using host = await createTestHost();
    const events: unknown[] = [];
    host.plugins.events.on("plugin-loaded", (event) => events.push(event));
    await host.write("finance", await goodGuest(), GOOD);
    const plugin = await host.plugins.load("finance");
    expect(events).toEqual([{ id: "finance", version: "1.0.0" }]);
    expect(host.plugins.list().map(({ id }) => id)).toEqual(["bystander", "finance"]);
    expect(host.plugins.get("finance")).toBe(plugin);
    expect(host.plugins.manifest("finance")).toMatchObject({ id: "finance", wasm_file: "guest.wasm" });
    expect(plugin).toMatchObject({
      operations: ["query:finance:summary.v1"],
      jobs: [],
      folder: path.join(host.dir, "finance"),
    });
  });

  it("survives a listener that throws", async () => {
    await using host = await createTestHost();
    host.plugins.events.on("plugin-loaded", () => {
      throw new Error("the listener's own fault");
    });
    await host.write("finance", await goodGuest(), GOOD);
    await host.plugins.load("finance");
    expect(await host.call("query:finance:summary.v1")).toEqual({ total: 3 });
  });

  it("has a thread made ready by the engine that the manifest names, before it compiles", async () => {
    const steps: string[] = [];
    await using engine = createWorkerEngine();
    const telling: GuestEngine = {
      name: "telling",
      expectStart() {
        steps.push("expects");
        return { [Symbol.dispose]: () => void steps.push("expects no more") };
      },
      async compile(...module) {
        steps.push("compiles");
        const compiled = await engine.compile(...module);
        return {
          ...compiled,
          start(...how) {
            steps.push("starts");
            return compiled.start(...how);
          },
        };
      },
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    };
    await using host = await createTestHost({ engines: { wasi: telling } });
    expect(steps).toEqual([]);
    await host.write("finance", await goodGuest(), { ...GOOD, engine: "wasi" });
    await host.plugins.load("finance");
    expect(steps).toEqual(["expects", "compiles", "starts", "expects no more"]);
  });

  it("works from a folder of any name", async () => {
    await using host = await createTestHost();
    await host.write("work-in-progress", await goodGuest(), { ...GOOD, id: "finance" });
    const plugin = await host.plugins.loadFolder(path.join(host.dir, "work-in-progress"));
    expect(plugin.id).toBe("finance");
    await host.plugins.reload("finance");
    expect(await host.call("query:finance:summary.v1")).toEqual({ total: 3 });
  });

  it("twice is ALREADY_LOADED, also at the same time, and the first stays", async () => {
    await using host = await createTestHost();
    await host.write("finance", await goodGuest(), GOOD);
    const outcomes = await Promise.allSettled([host.plugins.load("finance"), host.plugins.load("finance")]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(await rejection(host.plugins.load("finance"))).toMatchObject({
      code: "ALREADY_LOADED",
      message: expect.stringContaining('"finance"'),
    });
    expect(await host.call("query:finance:summary.v1")).toEqual({ total: 3 });
  });

  it("after close is CLOSED, and closing twice is harmless", async () => {
    await using host = await createTestHost();
    await host.plugins.close();
    await host.plugins.close();
    expect((await rejection(host.plugins.load("finance"))).code).toBe("CLOSED");
  });

  it("of one that uses only a manifest, without plugin_init, registers what the manifest declares", async () => {
    await using host = await createTestHost();
    const guest = await watGuest((text) => handler("query_summary_v1", `(call $block ${text('{"total":4}')})`));
    await host.write("finance", guest, GOOD);
    await host.plugins.load("finance");
    expect(await host.call("query:finance:summary.v1")).toEqual({ total: 4 });
  });

  it("of one without any optional export works", async () => {
    await using host = await createTestHost();
    await host.write(
      "bare",
      await compileWat('(module (memory (export "memory") 1) (func (export "one") (result i32) (i32.const 1)))'),
    );
    await host.plugins.load("bare");
    expect(await host.plugins.call("bare", "one")).toBe(1);
  });
});

describe("plugin_init", () => {
  it("may call a query and no action, and has no library", async () => {
    await using host = await createTestHost();
    const guest = await watGuest(
      (t) => `
        (func $say (param $block i32)
          (call $log (i32.const 1) (i32.add (local.get $block) (i32.const 4)) (i32.load (local.get $block))))
        (func (export "plugin_init")
          (call $say (call $call ${t("query:host.random.v1")} (i32.const 0) ${t('{"bytes":1}')}))
          (call $say (call $call ${t("action:test.write.input.v1")} (i32.const 0) ${t('{"message":"x"}')}))
          (call $say (call $call ${t("query:test.ping.v1")} (i32.const 0) ${t('{"message":"x"}')})))`,
    );
    await host.write("finance", guest, { permissions: { methods: ["test.", "host."] } });
    await host.plugins.load("finance");
    const [, random, action, query] = messages(host, "finance");
    expect(random).toMatch(/^\{"data":"/);
    expect(action).toContain("GUEST_ABI_VIOLATION");
    expect(query).toContain("LIBRARY_REQUIRED");
  });

  it("is judged by the grants of its own version", async () => {
    await using host = await createTestHost({ grants: grantOnly([]) });
    const guest = await watGuest(
      (t) => `
        (func (export "plugin_init") (local $block i32)
          (local.set $block (call $call ${t("query:host.now.v1")} (i32.const 0) ${t("{}")}))
          (call $log (i32.const 1) (i32.add (local.get $block) (i32.const 4)) (i32.load (local.get $block))))`,
    );
    await host.write("finance", guest, { permissions: { methods: ["host."] } });
    await host.plugins.load("finance");
    expect(messages(host, "finance")[1]).toContain("PERMISSION_DENIED");
  });
});

describe("plugin_init of a later instance", () => {
  /** Registers `summary`, and from the second instance on another export for it, or a job besides. */
  function fickle(otherwise: (text: Text) => string): Promise<Uint8Array> {
    return watGuest(
      (t) => `
        (func (export "plugin_init") (result i32)
          (global.set $reply (call $call ${t("query:test.turn.v1")} (i32.const 0) ${t("{}")}))
          (drop (call $register_operation (i32.const 0) ${t("summary.v1")} ${t("query_summary_v1")}))
          (if (result i32) (i32.eq (i32.load8_u (i32.add (global.get $reply) (i32.const 4))) (i32.const 49))
            (then (i32.const 0))
            (else (drop ${otherwise(t)}) (i32.const 0))))
        ${handler("query_summary_v1", `(call $block ${t('{"total":3}')})`)}`,
    );
  }
  const asking = { ...GOOD, permissions: { methods: ["test."] } };

  it("may register the same again", async () => {
    await using host = await createTestHost();
    await host.write(
      "finance",
      await fickle((t) => `(call $register_operation (i32.const 0) ${t("summary.v1")} ${t("query_summary_v1")})`),
      asking,
    );
    await host.plugins.load("finance");
    expect(await host.call("query:finance:summary.v1")).toEqual({ total: 3 });
  });

  it.each([
    ["another export", (t: Text) => `(call $register_operation (i32.const 0) ${t("summary.v1")} ${t("other")})`],
    ["a job more", (t: Text) => `(call $register_job ${t("more")} ${t("query_summary_v1")} (i32.const 1))`],
  ])("that registers %s is REGISTRATION_REFUSED", async (_what, otherwise) => {
    await using host = await createTestHost();
    await host.write("finance", await fickle(otherwise), asking);
    await host.plugins.load("finance");
    expect(await rejection(host.call("query:finance:summary.v1"))).toMatchObject({
      code: "REGISTRATION_REFUSED",
      message: expect.stringContaining("than its first instance did"),
    });
    await host.expectBystander();
  });
});

describe("the memory of an extension", () => {
  const grows = (): Promise<Uint8Array> =>
    watGuest(
      () => `
        (func (export "to_the_cap") (result i32) (memory.grow (i32.const 12)))
        (func (export "over_the_cap") (result i32) (memory.grow (i32.const 13)))`,
    );

  it.each([
    ["its manifest's max_memory_mb", { max_memory_mb: 1 }, 256],
    ["the host's maximum, whatever its manifest asks", { max_memory_mb: 64 }, 1],
    ["the host's maximum where its manifest asks nothing", {}, 1],
  ])("grows to %s, and not one page more", async (_what, permissions, hostMib) => {
    await using host = await createTestHost({ limits: { maxMemoryBytes: hostMib * 1024 * 1024 } });
    await host.write("finance", await grows(), { permissions });
    const plugin = await host.plugins.load("finance");
    expect(await plugin.call("over_the_cap")).toBe(-1);
    expect(await plugin.call("to_the_cap")).toBe(4);
  });
});

it("an extension's folder may be a link: that is the integrator's choice", async () => {
  await using host = await createTestHost();
  const elsewhere = path.join(host.dir, "..", "elsewhere");
  await mkdir(elsewhere);
  await writeFile(
    path.join(elsewhere, "guest.wasm"),
    await watGuest((t) => relay(t, "query_summary_v1", "query:test.ping.v1")),
  );
  await writeFile(
    path.join(elsewhere, "manifest.json"),
    JSON.stringify({ id: "finance", name: "a", version: "1", wasm_file: "guest.wasm", ...GOOD }),
  );
  await symlink(elsewhere, path.join(host.dir, "finance"));
  expect((await host.plugins.load("finance")).id).toBe("finance");
});
