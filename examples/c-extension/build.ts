// Builds build/c-extension.wasm. Without a toolchain it says what to install, and the rest of the repository builds on.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { findToolchain, toolchainRequired } from "./toolchain.ts";

const toolchain = findToolchain();
if (toolchain.kind === "missing") {
  console.warn(`Not built: ${toolchain.reason}`);
  process.exitCode = toolchainRequired ? 1 : 0;
} else {
  mkdirSync("build", { recursive: true });
  const sources = ["src/extension.c", "src/spacedrive.c", "src/json.c"];
  const args = [...toolchain.args, "-o", "build/c-extension.wasm", ...sources];
  process.exitCode = spawnSync(toolchain.clang, args, { stdio: "inherit" }).status ?? 1;
}
