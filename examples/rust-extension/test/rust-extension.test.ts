import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describeGuest } from "@spacedrive/example-guest-suite";
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

describeGuest("Rust", guest, { toolchain, required: toolchainRequired, own });

function own(): void {
  it("reads and writes JSON as it should: the tests of json.rs", async () => {
    if (toolchain.kind === "missing") throw new Error(toolchain.reason);
    const folder = await mkdtemp(join(tmpdir(), "json-rs-"));
    try {
      const program = join(folder, "json-tests");
      const run = promisify(execFile);
      await run(toolchain.rustc, ["--edition", "2021", "--test", "-o", program, "src/json.rs"]);
      expect((await run(program)).stdout).toMatch(/[1-9]\d* passed; 0 failed/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}
