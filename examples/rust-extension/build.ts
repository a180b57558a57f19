// Builds build/rust-extension.wasm. Without a toolchain it says what to install, and the rest of the repository builds on.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { findToolchain, toolchainRequired } from "./toolchain.ts";

const toolchain = findToolchain();
if (toolchain.kind === "missing") {
  console.warn(`Not built: ${toolchain.reason}`);
  process.exitCode = toolchainRequired ? 1 : 0;
} else {
  mkdirSync("build", { recursive: true });
  // The names of functions stay in: a trap is told with them.
  const smaller = ["-C", "opt-level=s", "-C", "lto", "-C", "strip=debuginfo"];
  const args = [...toolchain.args, ...smaller, "-D", "warnings", "-o", "build/rust-extension.wasm", "src/lib.rs"];
  process.exitCode = spawnSync(toolchain.rustc, args, { stdio: "inherit" }).status ?? 1;
}
