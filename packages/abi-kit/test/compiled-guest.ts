import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const require = createRequire(import.meta.url);
const compiler = dirname(require.resolve("assemblyscript/package.json"));
const sdk = dirname(require.resolve("@spacedrive/sdk/package.json"));

/** The test extension of `fixtures/kit-guest`, compiled as an author would. */
export async function compileGuest(): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), "kit-guest-"));
  try {
    const sources = fileURLToPath(new URL("fixtures/kit-guest/assembly", import.meta.url));
    cpSync(sources, join(folder, "assembly"), { recursive: true });
    mkdirSync(join(folder, "node_modules", "@spacedrive"), { recursive: true });
    symlinkSync(sdk, join(folder, "node_modules", "@spacedrive", "sdk"));
    symlinkSync(compiler, join(folder, "node_modules", "assemblyscript"));
    const config = {
      extends: "@spacedrive/sdk/asconfig.json",
      entries: ["assembly/index.ts"],
      targets: { release: { outFile: "build/kit-guest.wasm" } },
    };
    writeFileSync(join(folder, "asconfig.json"), JSON.stringify(config));
    const asc = [join(compiler, "bin", "asc.js"), "--config", "asconfig.json", "--target", "release", "--noColors"];
    await promisify(execFile)(process.execPath, asc, { cwd: folder });
    return new Uint8Array(readFileSync(join(folder, "build", "kit-guest.wasm")));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
