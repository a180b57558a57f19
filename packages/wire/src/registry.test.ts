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
});
