import { localUser } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { GO, loadFinance, relayTo } from "./finance-extension.js";
import { createTestHost, messages, operation, rejection, type TestHost } from "./plugin-host.js";
import { handler, relay } from "./wat-guest.js";

const MESSAGE = { type: "object", properties: { message: { type: "string" } }, required: ["message"] };
const ECHO = { type: "object", properties: { echo: { type: "string" } }, required: ["echo"] };

describe("an extension's operation", () => {
  it("answers through the guest, which reaches the host's operations", async () => {
    await using host = await createTestHost();
    await loadFinance(host, relayTo("query:test.ping.v1"), { operation: { input: MESSAGE, output: ECHO } });
    expect(await host.call(GO, { message: "hi" })).toEqual({ echo: "hi" });
  });

  it("is told its library and its caller", async () => {
    await using host = await createTestHost();
    await loadFinance(host, () => handler("query_go_v1", "(call $block (local.get $ctx) (local.get $ctx_length))"));
    expect(await host.call(GO)).toEqual({ library_id: host.library, caller: "user" });
    const remote = host.wire.call(GO, {}, { caller: { kind: "job", job: jobIdentity(host) }, library: host.library });
    expect(await remote).toEqual({ library_id: host.library, caller: "job:core.index" });
  });

  it("refuses an input that its schema in the manifest refuses, before the guest runs", async () => {
    await using host = await createTestHost();
    await loadFinance(host, () => handler("query_go_v1", "unreachable"), { operation: { input: MESSAGE } });
    const error = await rejection(host.call(GO, { message: 3 }));
    expect(error).toMatchObject({ code: "INVALID_INPUT", message: expect.stringContaining("message: ") });
    expect(error.message).toContain(GO);
    await host.expectBystander();
  });

  it("takes unknown fields of its input, and passes them on", async () => {
    await using host = await createTestHost();
    await loadFinance(
      host,
      () => handler("query_go_v1", "(call $block (local.get $input) (local.get $input_length))"),
      {
        operation: { input: MESSAGE },
      },
    );
    expect(await host.call(GO, { message: "a", later: [1] })).toEqual({ message: "a", later: [1] });
  });

  it.each([{}, { type: "object" }, MESSAGE, { type: "object", additionalProperties: {} }, { anyOf: [MESSAGE] }])(
    "gets its input key for key as it came, and answers so, with the schema %j",
    async (schema) => {
      await using host = await createTestHost();
      const body = handler("query_go_v1", "(call $block (local.get $input) (local.get $input_length))");
      await loadFinance(host, () => body, { operation: { input: schema, output: schema } });
      const payload = '{"z":1,"__proto__":{"x":"\\ud800"},"message":"a","constructor":2,"deep":{"__proto__":null}}';
      const options = { caller: localUser, library: host.library };
      expect(await host.wire.callJson(GO, payload, options)).toBe(payload);
      expect(JSON.stringify(await host.wire.call(GO, JSON.parse(payload), options))).toBe(payload);
    },
  );

  it("fills in no defaults of its schema: those are the guest's", async () => {
    await using host = await createTestHost();
    const body = handler("query_go_v1", "(call $block (local.get $input) (local.get $input_length))");
    const input = { type: "object", properties: { count: { type: "integer", default: 3 } } };
    await loadFinance(host, () => body, { operation: { input } });
    expect(await host.call(GO, {})).toEqual({});
  });

  it("refuses an input that is nested too deeply for its schema to check", async () => {
    await using host = await createTestHost();
    await loadFinance(host, () => handler("query_go_v1", "unreachable"), {
      operation: { input: { type: "array", items: { $ref: "#" } } },
    });
    const payload = "[".repeat(100_000) + "]".repeat(100_000);
    const answer = await host.wire.callJson(GO, payload, { caller: localUser, library: host.library });
    expect(JSON.parse(answer)).toMatchObject({ code: "INVALID_INPUT", error: expect.stringContaining("too deep") });
  });

  it("that declares the field error in its output is refused at load", async () => {
    await using host = await createTestHost();
    const output = { $ref: "#/$defs/o", $defs: { o: { type: "object", properties: { error: { type: "string" } } } } };
    expect(
      await rejection(loadFinance(host, () => handler("query_go_v1", "unreachable"), { operation: { output } })),
    ).toMatchObject({ code: "REGISTRATION_REFUSED", message: expect.stringContaining('"error"') });
  });

  it("that answers what its schema refuses is OPERATION_FAILED", async () => {
    await using host = await createTestHost();
    await loadFinance(host, (t) => handler("query_go_v1", `(call $block ${t('{"echo":3}')})`), {
      operation: { output: ECHO },
    });
    expect(await rejection(host.call(GO))).toMatchObject({
      code: "OPERATION_FAILED",
      message: expect.stringContaining(GO),
    });
    await host.expectBystander();
  });

  it.each(["{not json", "", "\u001b[2J"])(
    "that answers %j instead of JSON is GUEST_ABI_VIOLATION, without control characters",
    async (answer) => {
      await using host = await createTestHost();
      await loadFinance(host, (t) => handler("query_go_v1", `(call $block ${t(answer)})`));
      const error = await rejection(host.call(GO));
      expect(error).toMatchObject({ code: "GUEST_ABI_VIOLATION", message: expect.stringContaining("finance") });
      expect(error.message).not.toMatch(/\p{Cc}/u);
      await host.expectBystander();
    },
  );

  it("that answers an envelope fails with its code and text", async () => {
    await using host = await createTestHost();
    const envelope = JSON.stringify({
      error: "there is no invoice 7",
      code: "NOT_FOUND",
      retryable: false,
      invoice: 7,
    });
    await loadFinance(host, (t) => handler("query_go_v1", `(call $block ${t(envelope)})`));
    expect(await rejection(host.call(GO))).toMatchObject({
      code: "NOT_FOUND",
      message: "there is no invoice 7",
      details: { invoice: 7 },
    });
  });

  it("serves each library by an instance of its own", async () => {
    await using host = await createTestHost();
    const count = `
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (i32.store8 (i32.const 16) (i32.add (i32.const 48) (global.get $calls)))
      (call $block (i32.const 16) (i32.const 1))`;
    await loadFinance(host, () => handler("query_go_v1", count));
    expect([
      await host.call(GO),
      await host.call(GO),
      await host.call(GO, {}, host.otherLibrary),
      await host.call(GO),
    ]).toEqual([1, 2, 1, 3]);
  });

  it.each([
    ["traps", "unreachable", "GUEST_TRAPPED"],
    ["loops", "(loop $l (br $l)) (i32.const 0)", "TIMEOUT"],
  ])("that %s fails alone: the next call is served by a fresh instance", async (_what, fault, code) => {
    await using host = await createTestHost({ limits: { callTimeoutMs: 300 } });
    await loadFinance(
      host,
      (t) => `${handler("query_go_v1", fault)} ${handler("query_fine_v1", `(call $block ${t('"fine"')})`)}`,
      {
        more: [operation("fine")],
      },
    );
    expect(await rejection(host.call(GO))).toMatchObject({ code, message: expect.stringContaining("finance") });
    expect(await host.call("query:finance:fine.v1")).toBe("fine");
    await host.expectBystander();
  });

  it("that is a query may call no action, also when it is granted", async () => {
    await using host = await createTestHost();
    await loadFinance(host, relayTo("action:test.write.input.v1"));
    expect(await rejection(host.call(GO, { message: "x" }))).toMatchObject({
      code: "GUEST_ABI_VIOLATION",
      message: expect.stringContaining('its query "go"'),
    });
  });

  it("that is an action may", async () => {
    await using host = await createTestHost();
    await loadFinance(host, (t) => relay(t, "action_go_v1", "action:test.write.input.v1"), {
      operation: { kind: "action", export: "action_go_v1" },
    });
    expect(await host.call("action:finance:go.input.v1", { message: "x" })).toEqual({ echo: "x" });
  });

  it("may call the same extension's other operations on the same library", async () => {
    await using host = await createTestHost();
    await loadFinance(
      host,
      (t) => `${relay(t, "query_go_v1", "query:finance:inner")} ${relay(t, "query_inner_v1", "query:test.ping.v1")}`,
      {
        more: [operation("inner")],
      },
    );
    expect(await host.call(GO, { message: "deep" })).toEqual({ echo: "deep" });
  });

  it("that calls itself without end is BUSY, and then works on", async () => {
    await using host = await createTestHost();
    await loadFinance(
      host,
      (t) => `${relay(t, "query_go_v1", "query:finance:go")} ${relay(t, "query_fine_v1", "query:test.ping.v1")}`,
      {
        more: [operation("fine")],
      },
    );
    expect(await rejection(host.call(GO))).toMatchObject({
      code: "BUSY",
      message: expect.stringContaining("in a circle"),
    });
    expect(await host.call("query:finance:fine.v1", { message: "x" })).toEqual({ echo: "x" });
  });

  it("queues calls on its instance up to the limit, and answers one more with BUSY", async () => {
    await using host = await createTestHost({ maxQueuedCalls: 3 });
    await loadFinance(host, relayTo("query:test.ping.v1"));
    const calls = (count: number): Promise<PromiseSettledResult<unknown>[]> =>
      Promise.allSettled(Array.from({ length: count }, () => host.call(GO, { message: "x" })));
    const failed = (results: PromiseSettledResult<unknown>[]): unknown[] =>
      results.flatMap((one) => (one.status === "rejected" ? [one.reason.code] : []));
    // One runs, the others wait.
    expect(failed(await calls(4))).toEqual([]);
    expect(failed(await calls(5))).toEqual(["BUSY"]);
    expect(failed(await calls(4))).toEqual([]);
  });

  it("is given up when its caller gives up, and the next call is served", async () => {
    await using host = await createTestHost();
    await loadFinance(
      host,
      (t) => `${relay(t, "query_go_v1", "query:test.sleep.v1")} ${relay(t, "query_fine_v1", "query:test.ping.v1")}`,
      {
        more: [operation("fine")],
      },
    );
    const controller = new AbortController();
    const call = host.wire.call(GO, {}, { caller: localUser, library: host.library, signal: controller.signal });
    setImmediate(() => controller.abort());
    expect((await rejection(call)).code).toBe("CANCELLED");
    expect(await host.call("query:finance:fine.v1", { message: "x" })).toEqual({ echo: "x" });
  });
});

describe("a bare export", () => {
  it.each(["gone", "query_go_v1", "memory"])(
    "%s that cannot be called is EXPORT_NOT_FOUND, and the instance lives on",
    async (name) => {
      await using host = await createTestHost();
      await loadFinance(host, relayTo("query:test.ping.v1"));
      expect(await rejection(host.plugins.call("finance", name))).toMatchObject({
        code: "EXPORT_NOT_FOUND",
        message: expect.stringContaining(name),
      });
      await host.expectBystander();
    },
  );

  it("of an extension that is not loaded is EXTENSION_NOT_LOADED, and names those that are", async () => {
    await using host = await createTestHost();
    const error = await rejection(host.plugins.call("finance", "go"));
    expect(error.code).toBe("EXTENSION_NOT_LOADED");
    expect(error.message).toContain('"bystander"');
  });

  it("on a library that is not open is LIBRARY_NOT_FOUND, on nonsense INVALID_INPUT", async () => {
    await using host = await createTestHost();
    const call = (library: string): Promise<number> => host.plugins.call("bystander", "go", { library });
    expect((await rejection(call("6f1c7bd4-5b0a-4a7e-9d53-0d2c1b1f8a11"))).code).toBe("LIBRARY_NOT_FOUND");
    expect((await rejection(call("home"))).code).toBe("INVALID_INPUT");
  });

  it("is stopped at the time limit of the call", async () => {
    await using host = await createTestHost();
    await loadFinance(
      host,
      (t) => `${relay(t, "query_go_v1", "query:test.ping.v1")} (func (export "spin") (loop $l (br $l)))`,
    );
    expect((await rejection(host.plugins.call("finance", "spin", { timeoutMs: 100 }))).code).toBe("TIMEOUT");
    expect(messages(host, "finance").at(-1)).toContain("loaded");
  });
});

function jobIdentity(host: TestHost) {
  // Any UUID will do for the id of a job.
  return { id: host.library as never, type: "core.index", attempt: 1, library: host.library };
}
