import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileFixture, compileWat } from "../../../test/compile-wat.js";
import { RecordingHost } from "../conformance/recording-host.js";
import { DEFAULT_GUEST_LIMITS } from "../limits.js";
import { WARM_UP_MODULE } from "./warm-up.js";
import { createWorkerEngine } from "./worker-engine.js";

const run = promisify(execFile);

describe("threads of the worker engine", () => {
  let folder: string;
  let wasm: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "guest-threads-"));
    wasm = join(folder, "kitchen.wasm");
    await writeFile(wasm, await compileFixture("kitchen"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each(["nothing", "an idle guest", "a trapped guest", "a large guest", "a bomb"])(
    "a process exits by itself with %s left",
    async (left) => {
      const program = new URL("../../../test/programs/exits-by-itself.mjs", import.meta.url).pathname;
      const from = performance.now();
      const { stdout } = await run(process.execPath, [program, left, wasm], { timeout: 15_000 });
      expect(stdout).toBe("done\n");
      expect(performance.now() - from).toBeLessThan(10_000);
    },
  );

  test("a worker file that is not there fails the start with what to check, and not the process", async () => {
    await using engine = createWorkerEngine({ workerUrl: pathToFileURL(join(folder, "missing.js")) });
    const module = await engine.compile("kitchen", await compileFixture("kitchen"), DEFAULT_GUEST_LIMITS);
    await expect(module.start(new RecordingHost())).rejects.toMatchObject({
      code: "INTERNAL",
      message: expect.stringMatching(/No thread could be started for "kitchen".*missing\.js.*workerUrl/s),
    });
  });

  test("a thread that dies by itself settles the call", async () => {
    const broken = join(folder, "broken.mjs");
    // A worker that comes up, and ends at its first command.
    await writeFile(
      broken,
      `import { workerData } from "node:worker_threads";
       const words = new Int32Array(workerData.shared.buffer, 0, 64);
       words[2] = 1; Atomics.add(words, 0, 1); Atomics.notify(words, 0);
       Atomics.wait(words, 1, 0); process.exit(3);`,
    );
    await using engine = createWorkerEngine({ workerUrl: pathToFileURL(broken) });
    const module = await engine.compile("kitchen", await compileFixture("kitchen"), DEFAULT_GUEST_LIMITS);
    await expect(module.start(new RecordingHost())).rejects.toMatchObject({
      code: "INIT_FAILED",
      message: expect.stringMatching(/thread of "kitchen" ended unexpectedly/),
    });
  });

  test("a thread serves one instance after another, and nothing of the first reaches the second", async () => {
    await using engine = createWorkerEngine();
    const module = await engine.compile("kitchen", await compileFixture("kitchen"), DEFAULT_GUEST_LIMITS);
    for (let i = 0; i < 20; i++) {
      const host = new RecordingHost();
      await using guest = await module.start(host);
      guest.setInterrupt(2);
      expect(await guest.handle("echo", "{}", `input ${i}`)).toBe(`input ${i}`);
      expect(await guest.call("live")).toBe(0);
      await guest.call("log_levels");
      expect(host.logs).toHaveLength(5);
    }
  });

  test("a table grows to its limit and no further", async () => {
    await using engine = createWorkerEngine();
    const text = `(module (memory (export "memory") 1) (table $t 10 funcref)
      (func (export "grow_by_ten") (result i32) (table.grow $t (ref.null func) (i32.const 10)))
      (func (export "grow_by_one") (result i32) (table.grow $t (ref.null func) (i32.const 1))))`;
    const module = await engine.compile("tables", await compileWat(text), {
      ...DEFAULT_GUEST_LIMITS,
      maxTableEntries: 20,
    });
    const guest = await module.start(new RecordingHost());
    expect(await guest.call("grow_by_ten")).toBe(10);
    expect(await guest.call("grow_by_one")).toBe(-1);
  });

  test("a stack names file, line and column where there is a source map", async () => {
    await using engine = createWorkerEngine();
    const bytes = await compileWat(
      `(module (memory (export "memory") 1) (func $broken (export "broken") nop unreachable))`,
    );
    // The body is the file's last but for the name section: locals, nop, unreachable, end.
    const at = Buffer.from(bytes).indexOf(Buffer.from([0x00, 0x01, 0x00, 0x0b])) + 2;
    const sourceMap = { version: 3, sources: ["assembly/index.ts"], names: [], mappings: `${vlq(at)}A6BI` };
    const module = await engine.compile("mapped", bytes, DEFAULT_GUEST_LIMITS, {
      sourceMap: JSON.stringify(sourceMap),
    });
    const guest = await module.start(new RecordingHost());
    await expect(guest.call("broken")).rejects.toMatchObject({
      code: "GUEST_TRAPPED",
      message: expect.stringContaining("at broken (assembly/index.ts:30:5)"),
    });
    // A segment without a source is the compiler's own code, and {} no map at all.
    for (const text of [JSON.stringify({ ...sourceMap, mappings: `${vlq(at)},IAAA` }), "{}", "{not json"]) {
      const other = await engine.compile("mapped", bytes, DEFAULT_GUEST_LIMITS, { sourceMap: text });
      const started = await other.start(new RecordingHost());
      await expect(started.call("broken")).rejects.toMatchObject({
        code: "GUEST_TRAPPED",
        message: expect.stringContaining(`at broken (byte 0x${at.toString(16)})`),
      });
    }
  });

  test("the module that warms threads up is the one that its comment shows", async () => {
    const text = `(module
      (import "spacedrive" "spacedrive_log" (func (param i32 i32 i32)))
      (memory (export "memory") 1 1)
      (func (export "wasm_alloc") (param i32) (result i32) (i32.const 8))
      (func (export "wasm_free") (param i32 i32))
      (func (export "plugin_init") (call 0 (i32.const 0) (i32.const 0) (i32.const 0))))`;
    expect(Buffer.from(await compileWat(text, false)).toString("base64")).toBe(WARM_UP_MODULE);
  });
});

/** A number as a source map writes it. */
function vlq(value: number): string {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let rest = value << 1;
  let text = "";
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += digits[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}
