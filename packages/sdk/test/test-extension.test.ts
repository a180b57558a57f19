import { cp, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuthorDir, authorDir } from "./compile.js";
import { LIBRARY, TestHost } from "./test-host.js";

const source = path.resolve(import.meta.dirname, "../../../extensions/test-extension");
const pong = { echo: "Pong: hi", count: 3, extension_works: true };

describe("the test extension", () => {
  let author: AuthorDir;
  let bytes: Buffer<ArrayBuffer>;
  let module: WebAssembly.Module;

  beforeAll(async () => {
    author = await authorDir({});
    await cp(path.join(source, "assembly"), path.join(author.dir, "assembly"), { recursive: true });
    await cp(path.join(source, "asconfig.json"), path.join(author.dir, "asconfig.json"));
    const compiled = await author.compile();
    if (compiled.output !== "") throw new Error(compiled.output);
    bytes = Buffer.from(await author.read("build/test-extension.wasm"));
    module = await WebAssembly.compile(bytes);
  }, 60_000);
  afterAll(() => author[Symbol.asyncDispose]());

  it("registers its job and its query, and runs its hooks", () => {
    const host = new TestHost(module);
    expect(host.call("plugin_init")).toBe(0);
    expect(host.seen.registered).toEqual(["query ping.v1 query_ping_v1", "job resumable=1 counter execute_counter"]);
    expect(host.call("plugin_cleanup")).toBe(0);
    expect(host.seen.logs.map((line) => line.message)).toEqual([
      "✓ Test extension: an instance is ready",
      "Test extension: an instance is leaving",
    ]);
  });

  it("ends plugin_init with 1 where the host refuses a registration", () => {
    const host = new TestHost(module, { refuseRegistrations: true });
    expect(host.call("plugin_init")).toBe(1);
    expect(host.seen.logs).toEqual([{ level: 3, message: "the host refused to register the query `ping.v1`" }]);
  });

  it("counts to its target, with progress, items and a checkpoint every ten", () => {
    const host = new TestHost(module);
    expect(host.job("execute_counter", { target: 25 })).toBe(0);
    expect(host.seen.items).toBe(25n);
    expect(host.seen.progress).toHaveLength(25);
    expect(host.seen.progress[24]).toEqual({ fraction: 1, message: "Counted 25/25" });
    expect(host.seen.checkpoints.map((text) => JSON.parse(text).current)).toEqual([10, 20]);
    expect(JSON.parse(host.seen.checkpoints[0] ?? "").processed).toHaveLength(10);
  });

  it("starts without a state from the defaults of its class", () => {
    expect(new TestHost(module).job("execute_counter")).toBe(0);
  });

  it("checkpoints the state it has when it is interrupted, and goes on from there", () => {
    const first = new TestHost(module, { interruptAfter: 13 });
    expect(first.job("execute_counter", { target: 20 })).toBe(1);
    const state: unknown = JSON.parse(first.seen.checkpoints.at(-1) ?? "");
    expect(state).toMatchObject({ current: 13, target: 20 });
    const second = new TestHost(module);
    expect(second.job("execute_counter", state)).toBe(0);
    expect(second.seen.items).toBe(7n);
  });

  it("is interrupted, and not failed, where that last checkpoint is refused", () => {
    const host = new TestHost(module, { interruptAfter: 3, refuseCheckpoints: true });
    expect(host.job("execute_counter", { target: 20 })).toBe(1);
    expect(host.seen.logs[0]?.level).toBe(2);
  });

  it("fails with a reason where a checkpoint is refused or the state is not its own", () => {
    const refused = new TestHost(module, { refuseCheckpoints: true });
    expect(refused.job("execute_counter", { target: 20 })).toBe(2);
    expect(refused.seen.failure).toMatch(/^INVALID_STATE: the host did not store the state/);
    const wrong = new TestHost(module);
    expect(wrong.job("execute_counter", { target: -1 })).toBe(2);
    expect(wrong.seen.failure).toBe(
      "INVALID_STATE: the job's state cannot be read: target: the number is out of range",
    );
  });

  it("answers a ping through the host, in the caller's library", () => {
    const host = new TestHost(module, { answer: () => pong });
    expect(host.operation("query_ping_v1", { message: "hi", count: 3 })).toEqual(pong);
    expect(host.seen.calls).toEqual([
      { method: "query:test.ping.v1", library: LIBRARY, payload: { message: "hi", count: 3 } },
    ]);
  });

  it("passes the host's failure on, and refuses input of another shape", () => {
    const host = new TestHost(module, {
      answer: () => ({ missing_grant: "test.", error: "not allowed", code: "PERMISSION_DENIED", retryable: false }),
    });
    expect(host.operation("query_ping_v1", {})).toEqual({
      error: "not allowed",
      code: "PERMISSION_DENIED",
      retryable: false,
    });
    expect(host.operation("query_ping_v1", { count: "3" })).toEqual({
      error: "count: expected an integer, found a string",
      code: "INVALID_INPUT",
      retryable: false,
    });
    expect(host.operationText("query_ping_v1", "{")).toContain("expected a key, found the end");
  });

  it("reports a reply that is not of the expected type", () => {
    const host = new TestHost(module, { answer: () => ({ echo: "x" }) });
    expect(host.operation("query_ping_v1", {})).toMatchObject({
      code: "OPERATION_FAILED",
      error: "the reply of `query:test.ping.v1` is not of the expected type: there is no field count",
    });
  });

  it("has a plain export that pings without naming a library", () => {
    const host = new TestHost(module, { answer: () => pong });
    host.call("test_ping_operation");
    expect(host.seen.logs.map((line) => line.message)).toEqual([
      "test_ping_operation() called",
      "✓ Test ping completed",
    ]);
    expect(host.seen.calls[0]?.library).toBeNull();
  });

  it("imports from spacedrive alone, and exports what the ABI wants", () => {
    expect(new Set(WebAssembly.Module.imports(module).map((one) => one.module))).toEqual(new Set(["spacedrive"]));
    const exports = WebAssembly.Module.exports(module)
      .map((one) => one.name)
      .sort();
    expect(exports).toEqual(
      [
        "_initialize",
        "execute_counter",
        "memory",
        "plugin_cleanup",
        "plugin_init",
        "query_ping_v1",
        "spacedrive_abi_version",
        "test_ping_operation",
        "wasm_alloc",
        "wasm_free",
      ].sort(),
    );
    expect(new TestHost(module).call("spacedrive_abi_version")).toBe(1);
  });

  it("is at most 40 KB, names and all", () => {
    expect(WebAssembly.Module.customSections(module, "name")).toHaveLength(1);
    expect(bytes.length).toBeLessThanOrEqual(40_000);
  });

  it("has a source map that knows the author's file", async () => {
    const map: { sources: string[] } = JSON.parse(
      await readFile(path.join(author.dir, "build/test-extension.wasm.map"), "utf8"),
    );
    expect(map.sources).toContain("assembly/index.ts");
  });

  it("keeps its memory over a hundred thousand calls", () => {
    const host = new TestHost(module, { answer: () => pong });
    const run = (times: number): void => {
      for (let i = 0; i < times; i++) host.operation("query_ping_v1", { message: `number ${i % 100}` });
      host.seen.calls.length = 0;
    };
    run(5_000);
    const before = host.memoryBytes;
    run(100_000);
    expect(host.memoryBytes).toBe(before);
  }, 60_000);

  it("writes a manifest that says what it is", async () => {
    const manifest: unknown = JSON.parse((await author.read("manifest.json")).toString());
    expect(manifest).toMatchObject({
      id: "test-extension",
      wasm_file: "build/test-extension.wasm",
      permissions: { methods: ["test."], libraries: ["*"] },
      abi: 1,
      jobs: [
        {
          name: "counter",
          export: "execute_counter",
          resumable: true,
          state: {
            type: "object",
            properties: {
              current: { type: "integer", minimum: 0, maximum: 4294967295, default: 0 },
              processed: { type: "array", items: { type: "string" } },
            },
          },
        },
      ],
      operations: [
        {
          kind: "query",
          name: "ping",
          version: 1,
          scope: "library",
          export: "query_ping_v1",
          output: { required: ["echo", "count", "extension_works"] },
        },
      ],
    });
  });
});
