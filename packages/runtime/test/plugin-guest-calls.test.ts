import { createWire, defineQuery, localUser } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type Decision, grantOnly, PluginManager } from "../src/index.js";
import { GO, loadFinance, relayTo } from "./finance-extension.js";
import { manualClock } from "./manual-clock.js";
import { createTestHost, operation, rejection } from "./plugin-host.js";
import { handler, relay } from "./wat-guest.js";

describe("a guest's call", () => {
  it("of an operation that is not there is NOT_FOUND, and names what there is", async () => {
    await using host = await createTestHost();
    await loadFinance(host, relayTo("query:test.pong.v1"));
    const error = await rejection(host.call(GO));
    expect(error.code).toBe("NOT_FOUND");
    expect(error.message).toContain("query:test.ping.v1");
    await host.expectBystander();
  });

  it("of what is no method string is INVALID_INPUT", async () => {
    await using host = await createTestHost();
    await loadFinance(host, relayTo("test.ping"));
    expect(await rejection(host.call(GO))).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining('"test.ping"'),
    });
  });

  it("with malformed JSON is INVALID_INPUT", async () => {
    await using host = await createTestHost();
    await loadFinance(host, (t) =>
      handler("query_go_v1", `(call $call ${t("query:test.ping.v1")} (i32.const 0) ${t("{nope")})`),
    );
    const error = await rejection(host.call(GO));
    expect(error).toMatchObject({ code: "INVALID_INPUT", message: expect.stringContaining("query:test.ping.v1") });
    await host.expectBystander();
  });

  it("with a payload that fails its schema is INVALID_INPUT with the path", async () => {
    await using host = await createTestHost();
    await loadFinance(host, relayTo("query:test.ping.v1"));
    expect(await rejection(host.call(GO, { message: 3 }))).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("message: "),
    });
  });

  it("without a library id goes to the library of its instance, as the extension", async () => {
    await using host = await createTestHost();
    await loadFinance(host, relayTo("query:test.whoami.v1"));
    expect(await host.call(GO, {}, host.otherLibrary)).toEqual({
      library: host.otherLibrary,
      caller: { kind: "extension", extension: "finance" },
    });
  });

  it("without a library id from an instance without one is LIBRARY_REQUIRED", async () => {
    await using host = await createTestHost();
    await loadFinance(host, relayTo("query:test.whoami.v1"), { operation: { scope: "host" } });
    expect(await rejection(host.call(GO))).toMatchObject({
      code: "LIBRARY_REQUIRED",
      message: expect.stringContaining("query:test.whoami.v1"),
    });
  });

  it("that names its own library is as good, and another one is LIBRARY_ACCESS_DENIED", async () => {
    await using host = await createTestHost();
    const bytes = host.library.replaceAll("-", "").replaceAll(/../g, "\\$&");
    await loadFinance(
      host,
      (t) => `(data (i32.const 512) "${bytes}")
        ${handler("query_go_v1", `(call $call ${t("query:test.ping.v1")} (i32.const 512) (local.get $input) (local.get $input_length))`)}`,
    );
    expect(await host.call(GO, { message: "x" })).toEqual({ echo: "x" });
    const error = await rejection(host.call(GO, { message: "x" }, host.otherLibrary));
    expect(error.code).toBe("LIBRARY_ACCESS_DENIED");
    expect(error.message).toContain(host.library);
    expect(error.message).toContain("finance");
    await host.expectBystander();
  });

  it("on a library that the manifest does not ask for is LIBRARY_ACCESS_DENIED before an instance starts", async () => {
    await using host = await createTestHost();
    await loadFinance(host, relayTo("query:test.ping.v1"), {
      permissions: { methods: ["test."], libraries: [host.library] },
    });
    expect(await host.call(GO, { message: "x" })).toEqual({ echo: "x" });
    expect(await rejection(host.call(GO, { message: "x" }, host.otherLibrary))).toMatchObject({
      code: "LIBRARY_ACCESS_DENIED",
      message: expect.stringContaining(host.otherLibrary),
    });
    await host.expectBystander();
  });

  it("that the manifest did not ask for is denied, with the line to write", async () => {
    await using host = await createTestHost();
    await loadFinance(host, relayTo("query:test.ping.v1"), { permissions: { methods: ["vdfs."] } });
    const error = await rejection(host.call(GO, { message: "x" }));
    expect(error.code).toBe("PERMISSION_DENIED");
    expect(error.message).toMatch(
      /^"finance" may not call "query:test\.ping\.v1": no grant matches\..*"test\.ping".*permissions\.methods.*--grant/,
    );
    await host.expectBystander();
  });

  it("that was asked for and not granted is denied", async () => {
    await using host = await createTestHost({ grants: grantOnly({ finance: { methods: ["host."] }, bystander: {} }) });
    await loadFinance(host, relayTo("query:test.ping.v1"));
    expect((await rejection(host.call(GO, { message: "x" }))).message).toContain("was not granted");
  });

  it("of another extension's operation needs a grant that names the extension", async () => {
    await using host = await createTestHost();
    await loadFinance(host, relayTo("query:bystander:hello.v1"), { permissions: { methods: ["query:", "action:"] } });
    expect((await rejection(host.call(GO))).message).toContain("bystander:hello");
    await host.plugins.unload("finance");
    await loadFinance(host, relayTo("query:bystander:hello.v1"), { permissions: { methods: ["bystander:hello"] } });
    expect(await host.call(GO)).toEqual({ hello: "world" });
  });

  it("over the minute's limit is RATE_LIMITED with the wait, others go on, and after the wait so does it", async () => {
    const clock = manualClock();
    await using host = await createTestHost({ clock });
    await loadFinance(host, relayTo("query:test.ping.v1"), {
      permissions: { methods: ["test."], rate_limits: { requests_per_minute: 3 } },
    });
    const ping = (): Promise<unknown> => host.call(GO, { message: "x" });
    for (let call = 0; call < 3; call++) expect(await ping()).toEqual({ echo: "x" });
    const error = await rejection(ping());
    expect(error).toMatchObject({ code: "RATE_LIMITED", details: { retry_after_ms: 20_000 } });
    expect(error.message).toContain("finance");
    await host.expectBystander();
    clock.advance(20_000);
    expect(await ping()).toEqual({ echo: "x" });
  });

  it("is told to the audit, allowed or denied, with its grant or its code", async () => {
    const decisions: Decision[] = [];
    await using host = await createTestHost({ onDecision: (decision) => decisions.push(decision) });
    await loadFinance(
      host,
      (t) => `${relay(t, "query_go_v1", "query:test.ping.v1")} ${relay(t, "query_now_v1", "query:host.now.v1")}`,
      {
        permissions: { methods: ["query:test."] },
        more: [operation("now")],
      },
    );
    await host.call(GO, { message: "x" });
    await rejection(host.call("query:finance:now.v1"));
    expect(decisions).toMatchObject([
      {
        extension: "finance",
        method: "query:test.ping.v1",
        library: host.library,
        allowed: true,
        grant: "query:test.",
        code: null,
      },
      {
        extension: "finance",
        method: "query:host.now.v1",
        library: null,
        allowed: false,
        grant: null,
        code: "PERMISSION_DENIED",
      },
    ]);
  });

  it("is decided also where the audit throws", async () => {
    await using host = await createTestHost({
      onDecision: () => {
        throw new Error("the disk of the audit is full");
      },
    });
    await loadFinance(host, relayTo("query:test.ping.v1"));
    expect(await host.call(GO, { message: "x" })).toEqual({ echo: "x" });
  });
});

describe("host.*", () => {
  it("gives a guest the time and random bytes", async () => {
    const clock = manualClock();
    await using host = await createTestHost({ clock });
    await loadFinance(
      host,
      (t) => `${relay(t, "query_go_v1", "query:host.now.v1")} ${relay(t, "query_dice_v1", "query:host.random.v1")}`,
      {
        more: [operation("dice")],
      },
    );
    expect(await host.call(GO)).toEqual({ unix_ms: clock.now() });
    const dice = await host.call("query:finance:dice.v1", { bytes: 65_536 });
    expect(dice).toMatchObject({ data: expect.stringMatching(/^[A-Za-z0-9+/]{87382}==$/) });
    expect((await rejection(host.call("query:finance:dice.v1", { bytes: 65_537 }))).code).toBe("INVALID_INPUT");
  });

  it("stays while another manager shares the wire", async () => {
    await using host = await createTestHost();
    const second = new PluginManager({ dir: host.dir, wire: host.wire, grants: grantOnly([]) });
    await host.plugins.close();
    expect(await host.call("query:host.now.v1")).toMatchObject({ unix_ms: expect.any(Number) });
    await second.close();
    expect((await rejection(host.call("query:host.now.v1"))).code).toBe("NOT_FOUND");
  });

  it("that the integrator has registered is left alone", async () => {
    const now = defineQuery({ name: "host.now", scope: "host", input: z.object({}), output: z.number(), run: () => 7 });
    const wire = createWire([now]);
    await new PluginManager({ dir: ".", wire, grants: grantOnly([]) }).close();
    expect(await wire.call("query:host.now.v1", {}, { caller: localUser })).toBe(7);
  });

  it("is taken back at close", async () => {
    await using host = await createTestHost();
    await host.plugins.close();
    expect((await rejection(host.call("query:host.now.v1"))).code).toBe("NOT_FOUND");
  });
});

describe("a guest's log line", () => {
  it("reaches the logger with its extension and library, its controls escaped and its length bounded", async () => {
    await using host = await createTestHost({ limits: { maxLogLineBytes: 64 } });
    await loadFinance(host, (t) =>
      handler(
        "query_go_v1",
        `(call $log (i32.const 2) ${t("\u001b[2Jgone\n2026 forged line \u202e")})
           (call $log (i32.const 3) ${t("x".repeat(500))})
           (call $block ${t("1")})`,
      ),
    );
    await host.call(GO);
    const [warning, error] = host.logs.filter(({ level }) => level === "warn" || level === "error");
    expect(warning).toMatchObject({
      level: "warn",
      fields: { extension: "finance", library: host.library },
      message: "\\x1b[2Jgone\\n2026 forged line \\u202e",
    });
    expect(error?.message.length).toBeLessThan(150);
  });
});
