import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineAction, defineQuery, type Operation } from "./operation.js";
import { parseMethod } from "./method.js";
import { OperationRegistry } from "./registry.js";

function query(name: string, version = 1, extension?: string): Operation {
  return defineQuery({
    name,
    version,
    scope: "host",
    input: z.object({}),
    output: z.object({}),
    ...(extension === undefined ? {} : { extension }),
    run: () => ({}),
  });
}

describe("OperationRegistry", () => {
  it("answers with the newest version where none is asked for, by number and not by text", () => {
    const registry = new OperationRegistry();
    for (const version of [2, 10, 9]) registry.register(query("a.b", version));
    expect(registry.find(parseMethod("query:a.b")).version).toBe(10);
  });

  it("falls back to the older version when the newest is taken back", () => {
    const registry = new OperationRegistry();
    registry.register(query("a.b", 1));
    registry.register(query("a.b", 2)).unregister();
    expect(registry.find(parseMethod("query:a.b")).version).toBe(1);
  });

  it("refuses a second registration and keeps the first", () => {
    const registry = new OperationRegistry();
    const first = query("a.b");
    registry.register(first);
    expect(() => registry.register(query("a.b"))).toThrowError(expect.objectContaining({ code: "CONFLICT" }));
    expect(registry.find(parseMethod("query:a.b"))).toBe(first);
  });

  it("keeps a successor when its predecessor is taken back twice", () => {
    const registry = new OperationRegistry();
    const old = registry.register(query("a.b"));
    old.unregister();
    registry.register(query("a.b"));
    old.unregister();
    expect(registry.list()).toHaveLength(1);
  });

  it("finds by method string what is registered now, and nothing that was taken back", () => {
    const registry = new OperationRegistry();
    const first = query("a.b");
    const registration = registry.register(first);
    expect(registry.findByMethod("query:a.b.v1")).toBe(first);
    expect(registry.findByMethod("query:a.b")).toBe(first);
    registration.unregister();
    expect(() => registry.findByMethod("query:a.b.v1")).toThrowError(expect.objectContaining({ code: "NOT_FOUND" }));
    const second = query("a.b");
    registry.register(second);
    registration.unregister();
    expect(registry.findByMethod("query:a.b.v1")).toBe(second);
  });

  it("keeps operations of one name and different owners or kinds apart", () => {
    const registry = new OperationRegistry();
    registry.register(query("summary"));
    registry.register(query("summary", 1, "finance"));
    registry.register(
      defineAction({ name: "summary", scope: "host", input: z.object({}), output: z.object({}), run: () => ({}) }),
    );
    expect(registry.list()).toHaveLength(3);
    expect(registry.find(parseMethod("query:finance:summary.v1")).extension).toBe("finance");
  });

  it("treats names of Object.prototype as ordinary names", () => {
    const registry = new OperationRegistry();
    expect(() => registry.find(parseMethod("query:constructor.v1"))).toThrowError(
      expect.objectContaining({ code: "NOT_FOUND" }),
    );
    registry.register(query("constructor"));
    expect(registry.find(parseMethod("query:constructor.v1")).name).toBe("constructor");
  });

  it("names what there is instead", () => {
    const registry = new OperationRegistry();
    registry.register(query("vdfs.list", 3));
    expect(() => registry.find(parseMethod("query:vdfs.list.v1"))).toThrowError(/there is v3/);
    expect(() => registry.find(parseMethod("action:vdfs.list.input.v1"))).toThrowError(
      /It is a query: "query:vdfs.list.v3"/,
    );
    expect(() => registry.find(parseMethod("query:vdfs.lost.v1"))).toThrowError(/"query:vdfs.list.v3"/);
    expect(() => registry.find(parseMethod("query:finance:x.v1"))).toThrowError(/is it loaded/);
  });

  it("answers a miss in a few hundred characters, however much there is", () => {
    const registry = new OperationRegistry();
    const long = "x".repeat(100);
    for (let n = 0; n < 2_000; n++) registry.register(query(`vdfs.${long}${n}`));
    for (let version = 1; version <= 2_000; version++) registry.register(query("a.b", version));
    for (const method of ["query:vdfs.lost", "action:vdfs.lost", "query:a.b.v9999", "query:a.c"]) {
      const miss = (): unknown => registry.find(parseMethod(method));
      expect(miss).toThrowError(expect.objectContaining({ code: "NOT_FOUND" }));
      expect(miss).toThrowError(/^.{1,800}$/);
    }
  });

  it("looks for a miss at a few operations, however many there are", () => {
    const registry = new OperationRegistry();
    let looks = 0;
    for (let n = 0; n < 1_000; n++) {
      const operation = query(`family${n}.x`);
      const { name } = operation;
      registry.register(Object.defineProperty({ ...operation }, "name", { get: () => (looks++, name) }));
    }
    looks = 0;
    for (const method of ["query:family7.lost", "query:lost", "action:family7.x"]) {
      expect(() => registry.find(parseMethod(method))).toThrowError(expect.objectContaining({ code: "NOT_FOUND" }));
    }
    expect(looks).toBeLessThan(20);
  });

  it.each<[string, object]>([
    ["without a kind", { kind: undefined }],
    ["of an unknown kind", { kind: "__proto__" }],
    ["without a scope", { scope: undefined }],
    ["of an unknown scope", { scope: "toString" }],
    ["without an owner", { extension: undefined }],
    ["of an owner that is no extension id", { extension: "host" }],
    ["without a name", { name: undefined }],
    ["of a name that no grant can name", { name: "__proto__" }],
    ["without a version", { version: undefined }],
    ["without a time limit", { timeoutMs: undefined }],
    ["without an input schema", { input: undefined }],
    ["without an output schema", { output: undefined }],
    ["without a handler", { handler: undefined }],
    ["with half a handler", { handler: { prepare: () => 1 } }],
    ["with a query's handler that commits", { handler: { prepare: () => 1, commit: () => 1 } }],
  ])("registers nothing %s: what a gate cannot judge cannot be called", (_what, change) => {
    const registry = new OperationRegistry();
    // Proof: what is put together here is what JavaScript could hand over.
    const broken = { ...query("a.b"), ...change } as Operation;
    expect(() => registry.register(broken)).toThrowError(expect.objectContaining({ code: "INVALID_INPUT" }));
    expect(registry.list()).toEqual([]);
  });
});
