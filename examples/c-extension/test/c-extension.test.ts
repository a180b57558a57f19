import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describeGuest, runWasiCommand } from "@spacedrive/example-guest-suite";
import { expect, it } from "vitest";
import { findToolchain, toolchainRequired } from "../toolchain.ts";

const toolchain = findToolchain();
const guest = {
  folder: new URL("..", import.meta.url),
  halfPair: "\ufffd",
  deepestLists: null,
  largestNumber: Number.MAX_SAFE_INTEGER,
  itemsAtRefusal: 10,
} as const;

describeGuest("C", guest, { toolchain, required: toolchainRequired, own });

function own(): void {
  it("reads and writes JSON as it should: test/json-test.c", async () => {
    await runProgram("test/json-test.c", "src/json.c");
  });

  it("tells a progress that is no number as JSON, too: test/progress-test.c", async () => {
    const records = await runProgram("test/progress-test.c", "src/spacedrive.c", "src/json.c");
    const told = records.trim().split("\n");
    expect(told.map((record) => JSON.parse(record.slice(1)).params.fraction)).toEqual([0, 0, 1, 0, 0, 0.25, 1, 1, 1]);
  });
}

/** Builds a program for WASI and runs it; answers its standard output. */
async function runProgram(...sources: readonly string[]): Promise<string> {
  if (toolchain.kind === "missing") throw new Error(toolchain.reason);
  const folder = await mkdtemp(join(tmpdir(), "c-program-"));
  try {
    const program = join(folder, "program.wasm");
    await promisify(execFile)(toolchain.clang, [...toolchain.args, "-o", program, ...sources]);
    return await runWasiCommand(program);
  } finally {
    await rm(folder, { recursive: true });
  }
}
