import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A compiler with the arguments that make a module of it, or what to install. */
export type Toolchain =
  | { readonly kind: "found"; readonly rustc: string; readonly args: readonly string[] }
  | { readonly kind: "missing"; readonly reason: string };

const TARGET = [
  "--edition",
  "2021",
  "--target",
  "wasm32-unknown-unknown",
  "--crate-type",
  "cdylib",
  "-C",
  "panic=abort",
];

// Debian's compiler comes first: another one on the PATH often lacks the target. Debian has no rust-lld, others have it.
const CANDIDATES = ["/usr/bin/rustc", "rustc"].flatMap((rustc) => [
  { rustc, args: [...TARGET, "-C", "linker=wasm-ld"] },
  { rustc, args: TARGET },
]);

/** The first compiler of this machine that can make a module: each is tried on an empty program. */
export function findToolchain(): Toolchain {
  const folder = mkdtempSync(join(tmpdir(), "rust-toolchain-"));
  try {
    for (const { rustc, args } of CANDIDATES) {
      const { status } = spawnSync(rustc, [...args, "-o", join(folder, "empty.wasm"), "-"], { input: "" });
      if (status === 0) return { kind: "found", rustc, args };
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const reason =
    "There is no rustc with the target wasm32-unknown-unknown here. On Debian: apt-get install rustc libstd-rust-dev-wasm32 lld";
  return { kind: "missing", reason };
}

/** Where it is set, a toolchain that is missing is a failure: .ci/run sets it once it has installed them. */
export const toolchainRequired = (process.env["SPACEDRIVE_REQUIRE_TOOLCHAINS"] ?? "") !== "";
