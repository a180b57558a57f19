import { symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createWorkerEngine, type GuestEngine } from "../src/index.js";
import { compileWat } from "./compile-wat.js";
import { GOOD, goodGuest } from "./good-extension.js";
import { createTestHost, operation, rejection, type TestHost } from "./plugin-host.js";
import { handler, job, watGuest } from "./wat-guest.js";

async function expectNothingLeft(host: TestHost, id: string): Promise<void> {
  expect(host.plugins.get(id)).toBeNull();
  expect(host.wire.operations().filter((one) => one.extension === id)).toEqual([]);
  // A gate that was left behind would refuse this one.
  host.wire.registerGate(id, { authorize() {}, limit() {} }).unregister();
  await host.expectBystander();
}

describe("a load that fails", () => {
  async function refused(host: TestHost, id: string): Promise<{ code: string; message: string }> {
    const failed: unknown[] = [];
    host.plugins.events.on("plugin-failed", (event) => failed.push(event));
    const error = await rejection(host.plugins.load(id));
    expect(failed).toMatchObject([{ id, during: "load", error: { code: error.code } }]);
    await expectNothingLeft(host, id);
    return error;
  }

  it("because there is no such extension names it and the place", async () => {
    await using host = await createTestHost();
    const error = await refused(host, "nothing-here");
    expect(error.code).toBe("EXTENSION_NOT_FOUND");
    expect(error.message).toContain(path.join(host.dir, "nothing-here"));
  });

  it("at its manifest, expects no start of an instance any more", async () => {
    await using engine = createWorkerEngine();
    let expected = 0;
    const counting: GuestEngine = {
      name: "counting",
      compile: (...module) => engine.compile(...module),
      expectStart: () => {
        expected++;
        return { [Symbol.dispose]: () => void expected-- };
      },
      [Symbol.asyncDispose]: async () => {},
    };
    await using host = await createTestHost({ engine: counting });
    await host.write("finance", null, "{ not json");
    const refusal = rejection(host.plugins.load("finance"));
    const refusalOfFolder = rejection(host.plugins.loadFolder(path.join(host.dir, "finance")));
    expect(expected).toBeGreaterThan(0);
    await Promise.all([refusal, refusalOfFolder]);
    expect(expected).toBe(0);
  });

  it.each(["../bystander", "..", "", "a/b", "a\\b", "query", "__proto__", "\u001b[2J", "x".repeat(65)])(
    "because %j is no id touches no file",
    async (id) => {
      await using host = await createTestHost();
      const error = await rejection(host.plugins.load(id));
      expect(error.code).toBe("INVALID_INPUT");
      expect(error.message).toContain("is not an extension id");
      await host.expectBystander();
    },
  );

  it.each([
    ["{ not json", /manifest\.json.*is not valid JSON/],
    ['{"id":"finance"}', /name: missing.*version: missing.*wasm_file: missing/],
    ['{"id":"finance","name":3,"version":"1","wasm_file":"g.wasm"}', /name: expected string, received number/],
    [
      '{"id":"finance","name":"a","version":"1","wasm_file":"g.wasm","wasmFile":""}',
      /wasmFile: unknown key; did you mean "wasm_file"/,
    ],
    ['{"id":"../finance","name":"a","version":"1","wasm_file":"g.wasm"}', /id: expected lower-case letters/],
    [
      '{"id":"other","name":"a","version":"1","wasm_file":"g.wasm"}',
      /id: says "other", and its folder is loaded as "finance"/,
    ],
    [
      '{"id":"finance","name":"a","version":"1","wasm_file":"../bystander/guest.wasm"}',
      /wasm_file: expected a relative path/,
    ],
  ])("because its manifest is %s is MANIFEST_INVALID", async (manifest, text) => {
    await using host = await createTestHost();
    await host.write("finance", null, manifest);
    const error = await refused(host, "finance");
    expect(error.code).toBe("MANIFEST_INVALID");
    expect(error.message).toMatch(text);
  });

  it("because its wasm_file is a link out of its folder is PATH_DENIED", async () => {
    await using host = await createTestHost();
    await host.write("finance", null);
    await symlink("../bystander/guest.wasm", path.join(host.dir, "finance/guest.wasm"));
    expect((await refused(host, "finance")).code).toBe("PATH_DENIED");
  });

  it("because its wasm_file is not there says to build it", async () => {
    await using host = await createTestHost();
    await host.write("finance", null);
    expect(await refused(host, "finance")).toMatchObject({
      code: "MODULE_INVALID",
      message: expect.stringContaining("Build it first"),
    });
  });

  it.each([
    ["garbage", (good: Uint8Array) => Buffer.from("<html>not found</html>".padEnd(good.length))],
    ["truncated", (good: Uint8Array) => good.subarray(0, good.length >> 1)],
    ["empty", () => new Uint8Array()],
    ["a cut header", (good: Uint8Array) => good.subarray(0, 6)],
  ])("because its wasm is %s is MODULE_INVALID that names it", async (_what, spoil) => {
    await using host = await createTestHost();
    await host.write("finance", spoil(await goodGuest()), GOOD);
    expect(await refused(host, "finance")).toMatchObject({
      code: "MODULE_INVALID",
      message: expect.stringContaining('"finance"'),
    });
  });

  it.each([
    ['(module (func (export "f")))', /"memory"/],
    ['(module (import "env" "now" (func (result i32))) (memory (export "memory") 1))', /"env"\."now"/],
    [
      '(module (import "spacedrive" "spacedrive_log" (func (param i32))) (memory (export "memory") 1))',
      /"spacedrive"\."spacedrive_log" as \(i32\)/,
    ],
    [
      '(module (import "spacedrive" "spacedrive_call" (func (param i32 i32 i32 i32 i32) (result i32))) (memory (export "memory") 1))',
      /wasm_alloc/,
    ],
  ])("because of its module %s is MODULE_INVALID", async (wat, text) => {
    await using host = await createTestHost();
    await host.write("finance", await compileWat(wat));
    const error = await refused(host, "finance");
    expect(error.code).toBe("MODULE_INVALID");
    expect(error.message).toMatch(text);
  });

  it.each([
    ["traps", "unreachable"],
    ["loops", "(loop $l (br $l)) (i32.const 0)"],
    ["returns non-zero", "(i32.const 7)"],
  ])("because plugin_init %s is INIT_FAILED", async (_what, body) => {
    await using host = await createTestHost({ limits: { initTimeoutMs: 300 } });
    await host.write("finance", await watGuest(() => `(func (export "plugin_init") (result i32) ${body})`));
    expect(await refused(host, "finance")).toMatchObject({
      code: "INIT_FAILED",
      message: expect.stringContaining("finance"),
    });
  });

  it("because it speaks an ABI of the future is ABI_UNSUPPORTED, and says which is known", async () => {
    await using host = await createTestHost();
    await host.write("finance", await goodGuest(), { ...GOOD, abi: 2 });
    expect(await refused(host, "finance")).toMatchObject({
      code: "ABI_UNSUPPORTED",
      message: expect.stringContaining("knows 1"),
    });
  });

  it("because the grants policy refuses is PERMISSION_DENIED with its reason", async () => {
    await using host = await createTestHost({
      grants: (manifest) => {
        if (manifest.id === "bystander") return { methods: [], libraries: ["*"] };
        throw new Error("the user said no");
      },
    });
    await host.write("finance", await goodGuest(), GOOD);
    expect(await refused(host, "finance")).toMatchObject({
      code: "PERMISSION_DENIED",
      message: expect.stringContaining("the user said no"),
    });
  });

  it.each([
    [
      "an operation that the manifest lacks",
      "total.v1",
      "query_summary_v1",
      /query "total.v1" is registered and not in the manifest/,
    ],
    ["an operation without version", "summary", "query_summary_v1", /"summary" is not an operation with its version/],
    ["another export than the manifest says", "summary.v1", "answer", /manifest says "query_summary_v1"/],
  ])("because plugin_init registers %s is REGISTRATION_REFUSED", async (_what, name, exportName, text) => {
    await using host = await createTestHost();
    const guest = await watGuest(
      (t) => `
        (func (export "plugin_init") (result i32)
          (call $register_operation (i32.const 0) ${t(name)} ${t(exportName)}))
        ${handler("query_summary_v1", "(i32.const 0)")}
        (func (export "answer") (result i32) (i32.const 42))`,
    );
    await host.write("finance", guest, GOOD);
    const error = await refused(host, "finance");
    expect(error.code).toBe("REGISTRATION_REFUSED");
    expect(error.message).toMatch(text);
  });

  it.each([
    [{ operations: [operation("gone")] }, /names the export "query_gone_v1", which the module does not have/],
    [
      { operations: [operation("summary", { export: "answer" })] },
      /"answer", which is \(\) -> i32 and must be \(i32, i32, i32, i32\) -> i32/,
    ],
    [{ jobs: [{ name: "import", export: "execute_import" }] }, /job "import" names the export "execute_import"/],
  ])(
    "because its manifest declares %j, which the module does not bear out, is REGISTRATION_REFUSED",
    async (manifest, text) => {
      await using host = await createTestHost();
      const guest = await watGuest(() => '(func (export "answer") (result i32) (i32.const 42))');
      await host.write("finance", guest, manifest);
      const error = await refused(host, "finance");
      expect(error.code).toBe("REGISTRATION_REFUSED");
      expect(error.message).toMatch(text);
    },
  );

  it("because an export is missing says so once, where guest and manifest both name it", async () => {
    await using host = await createTestHost();
    const guest = await watGuest(
      (t) => `(func (export "plugin_init") (drop (call $register_job ${t("import")} ${t("gone")} (i32.const 1))))`,
    );
    await host.write("finance", guest, { jobs: [{ name: "import", export: "gone" }] });
    const { message } = await refused(host, "finance");
    expect(message.split('names the export "gone"')).toHaveLength(2);
  });

  it("because it has jobs and the host runs none is REGISTRATION_REFUSED, with the option to pass", async () => {
    await using host = await createTestHost({ withoutJobs: true });
    const guest = await watGuest(() => handler("execute_import", "(i32.const 0)"));
    await host.write("finance", guest, { jobs: [{ name: "import", export: "execute_import" }] });
    const error = await refused(host, "finance");
    expect(error.code).toBe("REGISTRATION_REFUSED");
    expect(error.message).toMatch(/"import".*pass jobs/);
  });

  it.each([
    ["a thousand names that are none", "?", 1000, '"?'],
    ["a thousand and one jobs", "j", 1001, "one more than the 1000"],
  ])("because it registers %s says so in few words", async (_what, letter, count, reason) => {
    await using host = await createTestHost();
    // Four letters follow the first, so that each name is another.
    const guest = await watGuest(
      (t) => `(func (export "plugin_init") (local $n i32) (loop $next
          (i32.store8 (i32.const 32) (i32.const ${letter.charCodeAt(0)}))
          (i32.store (i32.const 33) (i32.add (i32.const 0x61616161) (i32.or
            (i32.or (i32.and (local.get $n) (i32.const 15)) (i32.shl (i32.and (local.get $n) (i32.const 0xf0)) (i32.const 4)))
            (i32.or (i32.shl (i32.and (local.get $n) (i32.const 0xf00)) (i32.const 8)) (i32.shl (i32.and (local.get $n) (i32.const 0xf000)) (i32.const 12))))))
          (drop (call $register_job (i32.const 32) (i32.const 5) ${t("execute_run")} (i32.const 1)))
          (br_if $next (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const ${count})))))
        ${job("execute_run", "(i32.const 0)")}`,
    );
    await host.write("many", guest);
    const error = await refused(host, "many");
    expect(error.code).toBe("REGISTRATION_REFUSED");
    expect(error.message).toContain(reason);
    expect(error.message.length).toBeLessThan(10_000);
  });

  it("leaves the way free for a better version", async () => {
    await using host = await createTestHost();
    await host.write("finance", await watGuest(() => '(func (export "plugin_init") unreachable)'), {});
    await rejection(host.plugins.load("finance"));
    await host.write("finance", await goodGuest(), GOOD);
    await host.plugins.load("finance");
    expect(await host.call("query:finance:summary.v1")).toEqual({ total: 3 });
  });
});
