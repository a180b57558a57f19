import { localUser, type Clock } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { type Decision, grantOnly } from "../src/index.js";
import { createTestHost, messages, operation, rejection, type TestHost } from "./plugin-host.js";
import { handler, relay, type Text, watGuest } from "./wat-guest.js";

const MESSAGE = { type: "object", properties: { message: { type: "string" } }, required: ["message"] };
const ECHO = { type: "object", properties: { echo: { type: "string" } }, required: ["echo"] };

/** Loads "finance" with one operation `go`, whose export is `body`'s. */
async function loadFinance(
  host: TestHost,
  body: (text: Text) => string,
  options: { readonly permissions?: object; readonly operation?: object; readonly more?: readonly object[] } = {},
): Promise<void> {
  const { permissions = { methods: ["test.", "host."] } } = options;
  const operations = [operation("go", options.operation), ...(options.more ?? [])];
  await host.write("finance", await watGuest(body), { permissions, operations });
  await host.plugins.load("finance");
}

function relayTo(method: string): (text: Text) => string {
  return (text) => relay(text, "query_go_v1", method);
}

const GO = "query:finance:go.v1";

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
    expect(failed(await calls(3))).toEqual([]);
    expect(failed(await calls(4))).toEqual(["BUSY"]);
    expect(failed(await calls(3))).toEqual([]);
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
  return { id: host.library as never, type: "core.index", attempt: 1 };
}

/** Time that stands still for rate limits, and real timers. */
function manualClock(): Clock & { advance(ms: number): void } {
  let now = Date.UTC(2026, 0, 1);
  return {
    now: () => now,
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    advance: (ms) => (now += ms),
  };
}
