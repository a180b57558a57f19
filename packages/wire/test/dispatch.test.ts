import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  type Caller,
  createLibraryId,
  createWire,
  defineQuery,
  type Gate,
  localUser,
  SpacedriveError,
} from "../src/index.js";
import { asUser, coded, libraries, library } from "./one-library.js";
import { ping } from "./ping.js";

const extension: Caller = { kind: "extension", extension: "finance" };

describe("calling", () => {
  it("answers the ping, typed", async () => {
    const wire = createWire([ping], { libraries });
    const reply = await wire.call(ping, { message: "hi" }, asUser);
    expect(reply.echo satisfies string).toBe("Pong: hi");
  });

  it("answers the ping by method string, with and without version", async () => {
    const wire = createWire([ping], { libraries });
    expect(await wire.call("query:test.ping.v1", { message: "hi", count: 3 }, asUser)).toEqual({
      echo: "Pong: hi",
      count: 3,
    });
    expect(await wire.call("query:test.ping", { message: "hi" }, asUser)).toEqual({ echo: "Pong: hi", count: 1 });
  });

  it("names the path of a field that does not fit", async () => {
    const wire = createWire([ping], { libraries });
    await expect(wire.call("query:test.ping.v1", { message: "hi", count: "three" }, asUser)).rejects.toThrowError(
      /count: /,
    );
  });

  it("needs a library where the operation is library-scoped", async () => {
    const wire = createWire([ping], { libraries });
    await expect(wire.call(ping, { message: "" }, { caller: localUser })).rejects.toEqual(coded("LIBRARY_REQUIRED"));
    await expect(wire.call(ping, { message: "" }, { caller: localUser, library: createLibraryId() })).rejects.toEqual(
      coded("LIBRARY_NOT_FOUND"),
    );
  });

  it("gives no library to an operation of the host", async () => {
    const seen = defineQuery({
      name: "host_only",
      scope: "host",
      input: z.object({}),
      output: z.object({ library: z.string().nullable() }),
      run: (ctx) => ({ library: ctx.library }),
    });
    expect(await createWire([seen], { libraries }).call(seen, {}, asUser)).toEqual({ library: null });
  });
});

describe("the reply as JSON", () => {
  it("is the output", async () => {
    const wire = createWire([ping], { libraries });
    expect(await wire.callJson("query:test.ping.v1", '{"message":"hi"}', asUser)).toBe('{"echo":"Pong: hi","count":1}');
  });

  it.each([
    ["query:test.ping.v1", "{", "INVALID_INPUT"],
    ["query:test.ping.v1", "", "INVALID_INPUT"],
    ["query:test.ping.v1", "[]", "INVALID_INPUT"],
    ["nonsense", "{}", "INVALID_INPUT"],
    ["query:test.pong.v1", "{}", "NOT_FOUND"],
  ])("is an envelope for %s %j", async (method, payload, code) => {
    const wire = createWire([ping], { libraries });
    expect(JSON.parse(await wire.callJson(method, payload, asUser))).toMatchObject({ code, retryable: false });
  });
});

describe("who may call", () => {
  it("denies an extension that no gate stands for, before its input is looked at", async () => {
    const wire = createWire([ping], { libraries });
    await expect(wire.call("query:test.ping.v1", 7, { caller: extension, library })).rejects.toEqual(
      coded("PERMISSION_DENIED"),
    );
  });

  it("denies a remote client where the host was given no gate for those", async () => {
    const wire = createWire([ping], { libraries });
    const caller: Caller = { kind: "remote", client: "phone" };
    await expect(wire.call(ping, { message: "" }, { caller, library })).rejects.toEqual(coded("PERMISSION_DENIED"));
  });

  it("asks the extension's gate, and no longer once it is taken back", async () => {
    const wire = createWire([ping], { libraries });
    const asked: string[] = [];
    const gate: Gate = {
      authorize: (request) => void asked.push(request.method),
      limit: () => void asked.push("limit"),
    };
    const registration = wire.registerGate("finance", gate);
    await wire.call(ping, { message: "" }, { caller: extension, library });
    expect(asked).toEqual(["query:test.ping.v1", "limit"]);
    registration.unregister();
    await expect(wire.call(ping, { message: "" }, { caller: extension, library })).rejects.toEqual(
      coded("PERMISSION_DENIED"),
    );
  });

  it.each(["authorize", "limit"] as const)("parses no payload of a call that %s refuses", async (step) => {
    const wire = createWire([ping], { libraries });
    const refuse = (): void => {
      throw new SpacedriveError("PERMISSION_DENIED", "no");
    };
    wire.registerGate("finance", { authorize() {}, limit() {}, [step]: refuse });
    const reply = await wire.callJson("query:test.ping.v1", "{not json", { caller: extension, library });
    expect(JSON.parse(reply)).toMatchObject({ code: "PERMISSION_DENIED", error: "no" });
  });

  it.each([
    ["query:test.pong.v1", "NOT_FOUND"],
    ["query:finance:pong", "NOT_FOUND"],
    ["nonsense".repeat(1_000), "INVALID_INPUT"],
  ])("tells the gate of a call of what is not there: %.20s", async (method, code) => {
    const wire = createWire([ping], { libraries });
    const missed: string[] = [];
    wire.registerGate("finance", { authorize() {}, limit() {}, missed: (call) => void missed.push(call.method) });
    await expect(wire.call(method, {}, { caller: extension, library })).rejects.toEqual(coded(code));
    expect(missed).toEqual([method.slice(0, 256)]);
  });

  it("answers a miss with what the gate says of it", async () => {
    const wire = createWire([ping], { libraries });
    const missed = (): void => {
      throw new SpacedriveError("RATE_LIMITED", "slow down");
    };
    wire.registerGate("finance", { authorize() {}, limit() {}, missed });
    for (const method of ["query:test.pong", "nonsense"]) {
      await expect(wire.call(method, {}, { caller: extension, library })).rejects.toEqual(coded("RATE_LIMITED"));
    }
  });

  it("lists no extension's operations to another", async () => {
    const secret = defineQuery({
      name: "books.secret",
      extension: "ledger",
      scope: "host",
      input: z.object({}),
      output: z.object({}),
      run: () => ({}),
    });
    const wire = createWire([secret], { libraries });
    const missAs = async (caller: Caller, method: string): Promise<string> =>
      wire.callJson(method, "{}", { caller, library });
    for (const [method, told] of [
      ["query:ledger:books.lost", "query:ledger:books.secret.v1"],
      ["action:ledger:books.secret", "query:ledger:books.secret.v1"],
      ["query:ledger:books.secret.v2", "there is v1"],
    ] as const) {
      expect(await missAs(localUser, method)).toContain(told);
      const reply = await missAs(extension, method);
      expect(JSON.parse(reply)).toMatchObject({ code: "NOT_FOUND" });
      expect(reply).not.toContain(told);
    }
  });

  it("does not run an operation that a gate refuses", async () => {
    let ran = false;
    const operation = defineQuery({
      name: "a.b",
      scope: "host",
      input: z.object({}),
      output: z.object({}),
      run: () => ((ran = true), {}),
    });
    const wire = createWire([operation]);
    wire.registerGate("finance", {
      authorize() {},
      limit() {
        throw new SpacedriveError("RATE_LIMITED", "slow down", { details: { retry_after_ms: 5 } });
      },
    });
    const reply: unknown = JSON.parse(await wire.callJson("query:a.b.v1", "{}", { caller: extension }));
    expect(reply).toMatchObject({ code: "RATE_LIMITED", retry_after_ms: 5, retryable: true });
    expect(ran).toBe(false);
  });
});
