import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createTestHost, type TestHost, type TestJobRecord } from "@spacedrive/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { findToolchain, toolchainRequired } from "../toolchain.ts";

const toolchain = findToolchain();
const missing = toolchain.kind === "missing" ? toolchain.reason : null;
if (missing !== null) console.warn(`SKIPPED: the tests of examples/c-extension. ${missing}`);

const GREET = "query:c-extension:greet.v1";
/** So many that a job is surely still at work when the test reaches for it. */
const MANY = 5_000;

/** The numbers that stand in the library as entries, in their order. */
async function numbers(host: TestHost): Promise<number[]> {
  const entries = await host.entries({ entry_type: "number" });
  return entries.map(({ name }) => Number(name)).sort((a, b) => a - b);
}

async function expectCounted(host: TestHost, end: TestJobRecord, target: number): Promise<void> {
  expect(end).toMatchObject({
    status: "completed",
    state: { current: target, target },
    result: { counted: target },
    metrics: { items: target },
    warnings: [`Counting to ${target}`],
  });
  expect(await numbers(host)).toEqual(Array.from({ length: target / 10 }, (_, index) => (index + 1) * 10));
}

/** The extension with a manifest that lets every input and state through to it. */
async function unchecked(permissions: object = {}): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "c-extension-"));
  await cp("build", join(folder, "build"), { recursive: true });
  // Proof: `sdx check` accepts this manifest, which has both lists.
  const manifest = JSON.parse(await readFile("manifest.json", "utf8")) as Record<"operations" | "jobs", object[]> & {
    permissions: object;
  };
  const operations = manifest.operations.map((operation) => ({ ...operation, input: {}, output: {} }));
  const jobs = manifest.jobs.map((job) => ({ ...job, state: {} }));
  await writeFile(
    join(folder, "manifest.json"),
    JSON.stringify({ ...manifest, permissions: { ...manifest.permissions, ...permissions }, operations, jobs }),
  );
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

describe.skipIf(missing !== null && !toolchainRequired)("the extension in C", { timeout: 60_000 }, () => {
  beforeAll(() => {
    if (missing !== null) throw new Error(missing);
  });

  it("answers by asking the host, whatever letters the name has", async () => {
    await using host = await createTestHost({ extension: "." });
    const name = 'Ada "€" \\ \n\u0001 😀';
    expect(await host.call(GREET, { name, unknown: [{ name: "Bob" }, "]"] })).toEqual({
      greeting: `Pong: Hello, ${name}!`,
      library_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it("tells its caller that a grant is missing", async () => {
    await using host = await createTestHost({ extension: ".", grants: ["host."] });
    await expect(host.call(GREET, { name: "Ada" })).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    const end = await (await host.dispatch("count", { target: 10 })).done();
    expect(end).toMatchObject({ status: "failed", error: { code: "JOB_FAILED" } });
    expect(end.error?.message).toContain("vdfs.create_entry");
  });

  it("says what is wrong with an input or a state that its manifest let through, and lives on", async () => {
    await using extension = await unchecked();
    await using host = await createTestHost({ extension: extension.folder });
    for (const input of [{}, { name: 7 }, { name: null }, { name: ["Ada"] }, [], "Ada", null]) {
      await expect(host.call(GREET, input)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    }
    expect(await host.call(GREET, { name: "Ada" })).toMatchObject({ greeting: "Pong: Hello, Ada!" });
    for (const state of [{}, { target: "10" }, { target: -1 }, { target: 2.5 }, { target: 10, current: [] }, [], 10]) {
      const end = await (await host.dispatch("count", state)).done();
      expect(end).toMatchObject({ status: "failed", attempt: 1, error: { code: "JOB_FAILED" } });
      expect(end.error?.message).toMatch(/"target"|"current"|JSON object/);
    }
  });

  it("counts to the end", async () => {
    await using host = await createTestHost({ extension: "." });
    await expectCounted(host, await (await host.dispatch("count", { target: 200 })).done(), 200);
  });

  it("pauses, and goes on from its checkpoint", async () => {
    await using host = await createTestHost({ extension: "." });
    const job = await host.dispatch("count", { target: MANY });
    await job.until(({ checkpoint }) => checkpoint >= 3);
    await job.pause();
    const paused = await job.record();
    expect(paused).toMatchObject({ status: "paused", state: { target: MANY } });
    const before = (await numbers(host)).length;
    expect(paused.metrics.items).toBeGreaterThanOrEqual(before * 10);
    expect(before).toBeLessThan(MANY / 10);
    // Each entry is a checkpoint, and the pause is one more.
    expect(paused.checkpoint).toBe(before + 1);
    await job.resume();
    await expectCounted(host, await job.done(), MANY);
  });

  it("goes on when its host is killed, and each entry stands once", async () => {
    await using host = await createTestHost({ extension: "." });
    const job = await host.dispatch("count", { target: MANY });
    await host.killWhen(job, ({ checkpoint }) => checkpoint >= 3);
    await host.restart();
    const end = await job.done();
    expect(end.attempt).toBe(2);
    await expectCounted(host, end, MANY);
  });

  // The library's commits are the dispatch, the claim, an entry, a checkpoint, an entry, …
  it.each([
    ["after", 3],
    ["before", 4],
    ["after", 4],
    ["before", 5],
  ] as const)("is the same when its host is killed %s commit %i", async (when, at) => {
    const faults = [{ fault: "kill", operation: "commit", when, at }] as const;
    await using host = await createTestHost({ extension: ".", faults });
    const job = await host.dispatch("count", { target: 100 });
    await host.ended();
    await host.restart();
    await expectCounted(host, await job.done(), 100);
  });

  it("goes on when its host is closed", async () => {
    await using host = await createTestHost({ extension: "." });
    const job = await host.dispatch("count", { target: MANY });
    await job.until(({ checkpoint }) => checkpoint >= 3);
    await host.restart();
    await expectCounted(host, await job.done(), MANY);
  });

  it("ends when it is cancelled", async () => {
    await using host = await createTestHost({ extension: "." });
    const job = await host.dispatch("count", { target: 1_000_000 });
    await job.until(({ checkpoint }) => checkpoint >= 3);
    await job.cancel();
    expect(await job.done()).toMatchObject({ status: "cancelled", result: null });
  });

  it("reads and writes JSON as it should: test/json-test.c", async () => {
    await runProgram("test/json-test.c", "src/json.c");
  });

  it("tells a progress that is no number as JSON, too: test/progress-test.c", async () => {
    const records = await runProgram("test/progress-test.c", "src/spacedrive.c", "src/json.c");
    const told = records.trim().split("\n");
    expect(told.map((record) => JSON.parse(record.slice(1)).params.fraction)).toEqual([0, 0, 1, 0, 0, 0.25, 1, 1, 1]);
  });

  it("frees what each call took", async () => {
    await using extension = await unchecked({ max_memory_mb: 16 });
    await using host = await createTestHost({ extension: extension.folder });
    const name = "x".repeat(1_000_000);
    for (let i = 0; i < 20; i++) await host.call(GREET, { name });
  });
});

/** Builds a program for WASI and runs it; answers its standard output, and rejects where its exit code is not 0. */
async function runProgram(...sources: readonly string[]): Promise<string> {
  if (toolchain.kind === "missing") throw new Error(toolchain.reason);
  const folder = await mkdtemp(join(tmpdir(), "c-program-"));
  try {
    const program = join(folder, "program.wasm");
    const run = promisify(execFile);
    await run(toolchain.clang, [...toolchain.args, "-o", program, ...sources]);
    return (await run(process.execPath, [fileURLToPath(new URL("./run-wasi.mjs", import.meta.url)), program])).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
