import { describe, expect, it } from "vitest";
import { formatMethod, isExtensionId, isOperationName, parseMethod } from "./method.js";

describe("parseMethod", () => {
  it("takes a host query apart", () => {
    expect(parseMethod("query:test.ping.v1")).toEqual({
      kind: "query",
      extension: null,
      name: "test.ping",
      version: 1,
    });
  });

  it("takes a host action apart", () => {
    expect(parseMethod("action:vdfs.write_sidecar.input.v12")).toEqual({
      kind: "action",
      extension: null,
      name: "vdfs.write_sidecar",
      version: 12,
    });
  });

  it("takes an extension's operations apart", () => {
    expect(parseMethod("query:word-count:summary.v1")).toEqual({
      kind: "query",
      extension: "word-count",
      name: "summary",
      version: 1,
    });
    expect(parseMethod("action:finance:import.input.v2")).toMatchObject({
      extension: "finance",
      name: "import",
      version: 2,
    });
  });

  it("lets the version be left out", () => {
    expect(parseMethod("query:test.ping").version).toBeNull();
    expect(parseMethod("action:vdfs.write_sidecar.input")).toMatchObject({ name: "vdfs.write_sidecar", version: null });
    expect(parseMethod("action:vdfs.write_sidecar")).toMatchObject({ name: "vdfs.write_sidecar", version: null });
  });

  it.each([
    "",
    "test.ping",
    "query:",
    "query:.v1",
    "query:test..ping.v1",
    "query:Test.ping.v1",
    "query:test.ping.v0",
    "query:test.ping.v01",
    "query:test.ping.v1.v2",
    "query:test.ping.v1 ",
    "query:__proto__.v1",
    "query:a:b:c.v1",
    "query:../up:c.v1",
    "query:host:now.v1",
    "action:vdfs.write_sidecar.v1",
    "mutation:test.ping.v1",
    `query:${"a".repeat(129)}.v1`,
  ])("refuses %j", (text) => {
    expect(() => parseMethod(text)).toThrowError(expect.objectContaining({ code: "INVALID_INPUT" }));
  });

  it("shows at most 200 characters of what it refuses", () => {
    expect(() => parseMethod("x".repeat(100_000))).toThrowError(/^.{0,500}$/s);
  });

  it("is undone by formatMethod", () => {
    for (const text of [
      "query:test.ping.v1",
      "action:a.b_c.input.v9",
      "query:ext-1:x.v1",
      "action:ext_2:y.z.input.v999999",
    ]) {
      const method = parseMethod(text);
      expect(formatMethod({ ...method, version: method.version ?? 0 })).toBe(text);
    }
  });
});

describe("names", () => {
  it("keeps the words of the method string for itself", () => {
    for (const id of ["query", "action", "host"]) expect(isExtensionId(id)).toBe(false);
  });

  it("takes extension ids of up to 64 characters", () => {
    expect(isExtensionId("a".repeat(64))).toBe(true);
    expect(isExtensionId("a".repeat(65))).toBe(false);
  });

  it("refuses ids that could leave a folder", () => {
    for (const id of ["..", ".", "a/b", "a\\b", "", "A", "é", "a b", "__proto__", "-a"])
      expect(isExtensionId(id)).toBe(false);
  });

  it("refuses names that would read as a version or an input", () => {
    for (const name of ["ping.v1", "write.input", "input", "v1"]) expect(isOperationName(name)).toBe(false);
  });
});
