import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const require = createRequire(import.meta.url);
const compiler = dirname(require.resolve("assemblyscript/package.json"));
const sdk = dirname(require.resolve("@spacedrive/sdk/package.json"));

/** Compiles `fixtures/<id>/assembly` as an author would; the folder is removed when disposed. */
export async function compileExtension(id: string): Promise<Disposable & { readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), `${id}-`));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    cpSync(fileURLToPath(new URL(`fixtures/${id}/assembly`, import.meta.url)), join(folder, "assembly"), {
      recursive: true,
    });
    mkdirSync(join(folder, "node_modules", "@spacedrive"), { recursive: true });
    symlinkSync(sdk, join(folder, "node_modules", "@spacedrive", "sdk"));
    symlinkSync(compiler, join(folder, "node_modules", "assemblyscript"));
    const config = {
      extends: "@spacedrive/sdk/asconfig.json",
      entries: ["assembly/index.ts"],
      targets: { release: { outFile: `build/${id}.wasm` } },
    };
    writeFileSync(join(folder, "asconfig.json"), JSON.stringify(config));
    const asc = [join(compiler, "bin", "asc.js"), "--config", "asconfig.json", "--target", "release", "--noColors"];
    await promisify(execFile)(process.execPath, asc, { cwd: folder });
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, [Symbol.dispose]: remove };
}
