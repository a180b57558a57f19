import { describe, expect, it } from "vitest";
import { createTestHost, messages, operation, rejection, type TestHost } from "./plugin-host.js";
import { handler, relay, type Text, watGuest } from "./wat-guest.js";

function says(answer: string): (text: Text) => string {
  return (text) => `
    (func (export "plugin_cleanup") (call $log (i32.const 1) ${text(`cleaning up ${answer}`)}))
    ${handler("query_go_v1", `(call $block ${text(JSON.stringify(answer))})`)}
    ${relay(text, "query_ping_v1", "query:test.ping.v1")}
    ${relay(text, "query_wait_v1", "query:test.sleep.v1")}`;
}

const OPERATIONS = [operation("go"), operation("ping"), operation("wait")];

async function write(
  host: TestHost,
  version: string,
  body: (text: Text) => string,
  manifest: object = {},
): Promise<void> {
  const base = { version, permissions: { methods: ["test."] }, operations: OPERATIONS };
  await host.write("finance", await watGuest(body), { ...base, ...manifest });
}

async function hostWithFirst(options: Parameters<typeof createTestHost>[0] = {}): Promise<TestHost> {
  const host = await createTestHost(options);
  await write(host, "1.0.0", says("one"));
  await host.plugins.load("finance");
  return host;
}

const go = (host: TestHost): Promise<unknown> => host.call("query:finance:go.v1");

describe("reloading an extension", () => {
  it("serves the new version, cleans the old one up, and says so", async () => {
    await using host = await hostWithFirst();
    const events: unknown[] = [];
    host.plugins.events.on("plugin-reloaded", (event) => events.push(event));
    const plugin = host.plugins.get("finance");
    expect(await go(host)).toBe("one");
    await write(host, "2.0.0", says("two"));
    expect(await host.plugins.reload("finance")).toBe(plugin);
    expect(await go(host)).toBe("two");
    expect(plugin?.manifest.version).toBe("2.0.0");
    expect(events).toEqual([{ id: "finance", version: "2.0.0", previousVersion: "1.0.0" }]);
    expect(messages(host, "finance")).toContain("cleaning up one");
    expect(messages(host, "finance")).not.toContain("cleaning up two");
  });

  it("has no moment at which a call finds no version", async () => {
    await using host = await hostWithFirst();
    await write(host, "2.0.0", says("two"));
    let reloading = true;
    const reload = host.plugins.reload("finance").finally(() => (reloading = false));
    const answers = new Set<unknown>();
    while (reloading) {
      answers.add(await go(host));
      await new Promise(setImmediate);
    }
    await reload;
    expect(await go(host)).toBe("two");
    expect([...answers].every((answer) => answer === "one" || answer === "two")).toBe(true);
  });

  it("lets a call to the old version end, if it does in time", async () => {
    await using host = await hostWithFirst();
    await write(host, "2.0.0", says("two"));
    const calls = Array.from({ length: 20 }, () => host.call("query:finance:ping.v1", { message: "x" }));
    const settled = Promise.allSettled(calls);
    await host.plugins.reload("finance");
    expect((await settled).every(({ status }) => status === "fulfilled")).toBe(true);
  });

  it("settles a call to the old version that does not end with UNLOADED", async () => {
    await using host = await hostWithFirst({ shutdownMs: 50 });
    await write(host, "2.0.0", says("two"));
    const call = rejection(host.call("query:finance:wait.v1"));
    await host.plugins.reload("finance");
    expect((await call).code).toBe("UNLOADED");
    expect(await go(host)).toBe("two");
  });

  it("takes away what the new version has no more, and adds what it has", async () => {
    await using host = await hostWithFirst();
    await write(host, "2.0.0", (t) => handler("query_other_v1", `(call $block ${t("2")})`), {
      operations: [operation("other")],
    });
    await host.plugins.reload("finance");
    expect(await host.call("query:finance:other.v1")).toBe(2);
    expect((await rejection(go(host))).code).toBe("NOT_FOUND");
  });

  it("judges the new version by its own grants", async () => {
    await using host = await hostWithFirst();
    await write(host, "2.0.0", says("two"), { permissions: { methods: [] } });
    await host.plugins.reload("finance");
    expect((await rejection(host.call("query:finance:ping.v1", { message: "x" }))).code).toBe("PERMISSION_DENIED");
  });

  it.each([
    ["has a broken manifest", (host: TestHost) => host.write("finance", null, "{"), "MANIFEST_INVALID"],
    ["says another id", (host: TestHost) => write(host, "2.0.0", says("two"), { id: "other" }), "MANIFEST_INVALID"],
    ["is garbage", (host: TestHost) => host.write("finance", Buffer.from("garbage, garbage")), "MODULE_INVALID"],
    [
      "traps in plugin_init",
      (host: TestHost) => write(host, "2.0.0", () => '(func (export "plugin_init") unreachable)'),
      "INIT_FAILED",
    ],
    ["lacks an export", (host: TestHost) => write(host, "2.0.0", () => ""), "REGISTRATION_REFUSED"],
  ])(
    "whose new version %s is RELOAD_FAILED with the reason, and the old one keeps serving",
    async (_what, spoil, causeCode) => {
      await using host = await hostWithFirst();
      const failed: unknown[] = [];
      host.plugins.events.on("plugin-failed", (event) => failed.push(event));
      await spoil(host);
      const error = await rejection(host.plugins.reload("finance"));
      expect(error).toMatchObject({ code: "RELOAD_FAILED", details: { cause_code: causeCode } });
      expect(error.message).toContain("version 1.0.0 keeps serving");
      expect(failed).toMatchObject([{ id: "finance", during: "reload" }]);
      expect(await go(host)).toBe("one");
      expect(await host.call("query:finance:ping.v1", { message: "x" })).toEqual({ echo: "x" });
      expect(host.plugins.manifest("finance").version).toBe("1.0.0");
      await host.expectBystander();
    },
  );

  it("whose update asks for more than is granted keeps the old version", async () => {
    await using host = await hostWithFirst({
      grants: ({ permissions }) => {
        if (permissions.methods.includes("vdfs.")) throw new Error("nobody has consented to vdfs.");
        return permissions;
      },
    });
    await write(host, "2.0.0", says("two"), { permissions: { methods: ["test.", "vdfs."] } });
    const error = await rejection(host.plugins.reload("finance"));
    expect(error).toMatchObject({ code: "RELOAD_FAILED", message: expect.stringContaining("consented to vdfs.") });
    expect(await go(host)).toBe("one");
  });

  it("that is not loaded is EXTENSION_NOT_LOADED", async () => {
    await using host = await createTestHost();
    expect((await rejection(host.plugins.reload("finance"))).code).toBe("EXTENSION_NOT_LOADED");
  });
});
