import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A compiler with the arguments that make a WASI command of it, or what to install. */
export type Toolchain =
  | { readonly kind: "found"; readonly clang: string; readonly args: readonly string[] }
  | { readonly kind: "missing"; readonly reason: string };

const clang = "clang";
const args = ["--target=wasm32-wasi", "-O2", "-Wall", "-Wextra", "-Werror", "-Wl,--strip-debug"];

/** Whether this machine has all that a WASI command takes: an empty program is compiled and linked. */
export function findToolchain(): Toolchain {
  const folder = mkdtempSync(join(tmpdir(), "c-toolchain-"));
  try {
    const input = "#include <stdio.h>\nint main(void) { return 0; }\n";
    const { status } = spawnSync(clang, [...args, "-x", "c", "-o", join(folder, "empty.wasm"), "-"], { input });
    if (status === 0) return { kind: "found", clang, args };
  } finally {
    rmSync(folder, { recursive: true });
  }
  const reason =
    "There is no clang for WASI here. On Debian: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32";
  return { kind: "missing", reason };
}

/** Where it is set, a toolchain that is missing is a failure: .ci/run sets it once it has installed them. */
export const toolchainRequired = (process.env["SPACEDRIVE_REQUIRE_TOOLCHAINS"] ?? "") !== "";
