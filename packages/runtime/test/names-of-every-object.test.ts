import { defineAction, defineQuery, isSpacedriveError, localUser } from "@spacedrive/wire";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { grantOnly } from "../src/index.js";
import { loadFinance } from "./finance-extension.js";
import { changedSince, HOSTILE_JSON, NAMES_OF_EVERY_OBJECT, sharedPrototypes } from "./names.js";
import { createTestHost, operation, type TestHost } from "./plugin-host.js";
import { handler, job, relay, type Text, watGuest } from "./wat-guest.js";

let before: ReadonlyMap<string, unknown>;
beforeEach(() => {
  before = sharedPrototypes();
});
afterEach(() => {
  expect(changedSince(before)).toEqual([]);
});

const ECHO = "(call $block (local.get $input) (local.get $input_length))";

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "done",
    (error: unknown) => (isSpacedriveError(error) ? error.code : `no error of ours: ${String(error)}`),
  );
}

/** Calls with JSON text and answers JSON text, so that nothing of the test's own touches a key. */
function callText(host: TestHost, method: string, payload: string): Promise<string> {
  return host.wire.callJson(method, payload, { caller: localUser, library: host.library });
}

describe("a name that every object has", () => {
  it("is seen where it is put into a prototype: these tests would fail", () => {
    Object.defineProperty(Object.prototype, "polluted", { value: 1, configurable: true });
    expect(changedSince(before)).not.toEqual([]);
    Reflect.deleteProperty(Object.prototype, "polluted");
  });

  it.each(NAMES_OF_EVERY_OBJECT)("is an ordinary id of an extension, or none: %s", async (id) => {
    await using host = await createTestHost({
      grants: grantOnly(JSON.parse('{"__proto__":{"methods":["test."]},"bystander":{}}')),
    });
    const guest = await watGuest((t) => relay(t, "query_go_v1", "query:test.ping.v1"));
    await host.write(id, guest, { operations: [operation("go")], permissions: { methods: ["test."] } });
    // Not loaded yet, whatever objects are made of.
    expect(await codeOf(host.plugins.unload(id))).toBe("EXTENSION_NOT_LOADED");
    expect(host.plugins.get(id)).toBeNull();
    const loaded = await codeOf(host.plugins.load(id));
    expect(loaded).toBe(/^[a-z0-9]+$/.test(id) ? "done" : "INVALID_INPUT");
    // It was granted nothing under a name that it inherits.
    const told = loaded === "done" ? "LIBRARY_ACCESS_DENIED" : "INVALID_INPUT";
    expect(await codeOf(host.call(`query:${id}:go.v1`, { message: "x" }))).toBe(told);
    await host.expectBystander();
  });

  it.each(NAMES_OF_EVERY_OBJECT)("is an ordinary name of an operation, of its export, or none: %s", async (name) => {
    await using host = await createTestHost();
    const guest = await watGuest(
      (t) => `
        (func (export "plugin_init") (result i32)
          (call $register_operation (i32.const 0) ${t(`${name}.v1`)} ${t(name)}))
        ${handler(name, ECHO)}`,
    );
    const load = async (declared: boolean): Promise<string> => {
      await host.write("finance", guest, { operations: declared ? [operation(name, { export: name })] : [] });
      return codeOf(host.plugins.load("finance"));
    };
    expect(await load(false)).toBe("REGISTRATION_REFUSED");
    const isName = /^[a-z][a-z0-9_]*$/.test(name);
    expect(await load(true)).toBe(isName ? "done" : "MANIFEST_INVALID");
    const told = await callText(host, `query:finance:${name}.v1`, HOSTILE_JSON);
    expect(isName ? told : JSON.parse(told).code).toBe(isName ? HOSTILE_JSON : "INVALID_INPUT");
    await host.expectBystander();
  });

  it.each(NAMES_OF_EVERY_OBJECT)(
    "is an ordinary name of a job, or none, and of keys of its state: %s",
    async (name) => {
      await using host = await createTestHost();
      const guest = await watGuest(
        (t) => `
        (func (export "plugin_init") (result i32) (call $register_job ${t(name)} ${t(name)} (i32.const 1)))
        ${job(
          name,
          `(drop (call $checkpoint (global.get $job) (local.get $state) (local.get $state_length)))
           (call $complete (global.get $job) (local.get $state) (local.get $state_length)) (i32.const 0)`,
        )}`,
      );
      await host.write("finance", guest);
      const isName = /^[A-Za-z0-9]/.test(name);
      expect(await codeOf(host.plugins.load("finance"))).toBe(isName ? "done" : "REGISTRATION_REFUSED");
      const run = async (): Promise<unknown> => {
        const started = await host.jobs.dispatch(`finance:${name}`, JSON.parse(HOSTILE_JSON), {
          library: host.library,
        });
        const { state, result, status } = await started.done();
        return { state, result, status };
      };
      const done = { state: HOSTILE_JSON, result: HOSTILE_JSON, status: "completed" };
      expect(await run().catch(() => "refused")).toEqual(isName ? done : "refused");
    },
  );

  it("is an ordinary name of an export, and none that a module does not have", async () => {
    await using host = await createTestHost();
    for (const name of NAMES_OF_EVERY_OBJECT) {
      const bare = `(func (export "${name}") (result i32) (i32.const 7))`;
      await host.write("finance", await watGuest(() => bare));
      await host.plugins.load("finance");
      expect(await host.plugins.call("finance", name)).toBe(7);
      const other = NAMES_OF_EVERY_OBJECT.find((one) => one !== name) ?? "";
      expect(await codeOf(host.plugins.call("finance", other))).toBe("EXPORT_NOT_FOUND");
      await host.plugins.unload("finance");
    }
  });

  it("is no method of anybody's: each is a coded error to the guest", async () => {
    await using host = await createTestHost();
    const methods = NAMES_OF_EVERY_OBJECT.flatMap((name) => [
      name,
      `query:${name}`,
      `query:${name}.v1`,
      `query:test.${name}.v1`,
      `action:${name}.input.v1`,
      `query:${name}:${name}.v1`,
      `${name}:${name}.v1`,
    ]);
    const names = methods.map((_method, index) => `call_${index}`);
    await loadFinance(
      host,
      (t) =>
        `${relay(t, "query_go_v1", "x")} ${names.map((name, at) => relay(t, `query_${name}_v1`, methods[at] ?? "")).join("\n")}`,
      { more: names.map((name) => operation(name)), permissions: { methods: ["query:", "action:", "constructor:"] } },
    );
    for (const name of names) {
      const reply = JSON.parse(await callText(host, `query:finance:${name}.v1`, HOSTILE_JSON));
      expect(["NOT_FOUND", "INVALID_INPUT", "GUEST_ABI_VIOLATION"]).toContain(reply.code);
    }
    await host.expectBystander();
  });

  it("is an ordinary key of a payload, an answer and an output, also where schemas name it", async () => {
    await using host = await createTestHost();
    const anything = { input: z.unknown(), output: z.unknown() };
    const echo = (_ctx: unknown, input: unknown): unknown => input;
    host.wire.register(defineQuery({ name: "test.echo", scope: "host", ...anything, run: echo }));
    host.wire.register(defineAction({ name: "test.echo", scope: "host", ...anything, run: echo }));
    await loadFinance(
      host,
      (t) =>
        `${relay(t, "query_go_v1", "query:test.echo.v1")} ${relay(t, "action_do_v1", "action:test.echo.input.v1")}`,
      { more: [operation("do", { kind: "action", input: { type: "object" }, output: { type: "object" } })] },
    );
    expect(await callText(host, "query:finance:go.v1", HOSTILE_JSON)).toBe(HOSTILE_JSON);
    expect(await callText(host, "action:finance:do.input.v1", HOSTILE_JSON)).toBe(HOSTILE_JSON);
  });

  it("is an ordinary key of an error's details, and no code of an error", async () => {
    await using host = await createTestHost();
    const envelope = (code: string): string =>
      `{"error":"no","code":"${code}","retryable":false,${HOSTILE_JSON.slice(1)}`;
    const fails = (t: Text, name: string, code: string): string =>
      handler(`query_${name}_v1`, `(call $block ${t(envelope(code))})`);
    await loadFinance(
      host,
      (t) =>
        `${fails(t, "go", "CONFLICT")} ${NAMES_OF_EVERY_OBJECT.map((name, at) => fails(t, `n${at}`, name)).join("\n")}`,
      { more: NAMES_OF_EVERY_OBJECT.map((_name, at) => operation(`n${at}`)) },
    );
    const reply = await callText(host, "query:finance:go.v1", "{}");
    expect(reply).toBe(envelope("CONFLICT"));
    for (const at of NAMES_OF_EVERY_OBJECT.keys()) {
      const told = JSON.parse(await callText(host, `query:finance:n${at}.v1`, "{}"));
      expect(told).toMatchObject({ code: "OPERATION_FAILED", error: "no" });
    }
  });

  it("is an ordinary name of an event, or none, and of keys of its payload", async () => {
    await using host = await createTestHost();
    await loadFinance(
      host,
      (t) =>
        `${relay(t, "action_go_v1", "action:jobs.emit_event.input.v1")} ${relay(t, "query_last_v1", "query:jobs.last_event.v1")}`,
      {
        operation: { kind: "action", export: "action_go_v1" },
        more: [operation("last")],
        permissions: { methods: ["jobs."] },
      },
    );
    const ordinary: string[] = [];
    for (const name of NAMES_OF_EVERY_OBJECT) {
      const event = `finance:${name}`;
      const emitted = await callText(
        host,
        "action:finance:go.input.v1",
        `{"name":"${event}","payload":${HOSTILE_JSON}}`,
      );
      const last = await callText(host, "query:finance:last.v1", `{"name":"${event}"}`);
      const kept = JSON.parse(emitted).code === undefined;
      expect(kept ? last.includes(HOSTILE_JSON) : JSON.parse(last).code).toBe(kept ? true : "INVALID_INPUT");
      if (kept) ordinary.push(name);
    }
    expect(ordinary).toContain("constructor");
  });

  it.each(NAMES_OF_EVERY_OBJECT.filter((name) => name in {}))(
    "may not be declared by a manifest's schema, where it would be read past the keys: %s",
    async (name) => {
      await using host = await createTestHost();
      const property: unknown = JSON.parse(`{"type":"object","properties":{"${name}":{"type":"string"}}}`);
      const nowhere = { type: "object", properties: { a: { $ref: `#/$defs/${name}` } } };
      for (const input of [property, nowhere, { $defs: { a: property }, items: { $ref: "#/$defs/a" } }]) {
        const load = loadFinance(host, () => handler("query_go_v1", ECHO), { operation: { input } });
        expect(await codeOf(load)).toBe("MANIFEST_INVALID");
      }
    },
  );

  it("is not let past a schema that says what all other keys hold", async () => {
    await using host = await createTestHost();
    const input = { type: "object", additionalProperties: { type: "number" } };
    await loadFinance(host, () => handler("query_go_v1", ECHO), { operation: { input } });
    for (const name of NAMES_OF_EVERY_OBJECT) {
      const reply = await callText(host, "query:finance:go.v1", `{"${name}":"no number"}`);
      expect([name, JSON.parse(reply).code]).toEqual([name, "INVALID_INPUT"]);
    }
    expect(await callText(host, "query:finance:go.v1", '{"constructor":1,"toString":2}')).toBe(
      '{"constructor":1,"toString":2}',
    );
  });

  it("as a key of a manifest is refused like any unknown key", async () => {
    await using host = await createTestHost();
    for (const name of NAMES_OF_EVERY_OBJECT) {
      for (const text of [
        `{"id":"finance","name":"f","version":"1","wasm_file":"guest.wasm","${name}":{"polluted":true}}`,
        `{"id":"finance","name":"f","version":"1","wasm_file":"guest.wasm","permissions":{"${name}":{"polluted":true}}}`,
      ]) {
        await host.write("finance", await watGuest(() => ""), text);
        expect([name, await codeOf(host.plugins.load("finance"))]).toEqual([name, "MANIFEST_INVALID"]);
      }
    }
  });
});
