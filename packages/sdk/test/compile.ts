import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";

const packageDir = path.resolve(import.meta.dirname, "..");
const compilerDir = path.dirname(createRequire(import.meta.url).resolve("assemblyscript/package.json"));

/** An author's folder, outside the workspace, with the SDK where a package manager would put it. */
export interface AuthorDir extends AsyncDisposable {
  readonly dir: string;
  /** Runs `asc --target release`, as the author would. */
  compile(...options: readonly string[]): Promise<Compiled>;
  read(file: string): Promise<Buffer>;
}

export interface Compiled {
  readonly ok: boolean;
  /** What the compiler printed. */
  readonly output: string;
  /** Where the diagnostics are: `assembly/index.ts(12,5)`. */
  readonly places: readonly string[];
}

/** @param files by their path in `assembly/`; asconfig.json is written for `build/<id>.wasm`. */
export async function authorDir(files: Readonly<Record<string, string>>, id = "test-extension"): Promise<AuthorDir> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "sdk-test-"));
  await mkdir(path.join(dir, "node_modules", "@spacedrive"), { recursive: true });
  await symlink(packageDir, path.join(dir, "node_modules", "@spacedrive", "sdk"));
  await symlink(compilerDir, path.join(dir, "node_modules", "assemblyscript"));
  await mkdir(path.join(dir, "assembly"));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(dir, "assembly", name), text);
  const target = { outFile: `build/${id}.wasm` };
  const config = {
    extends: "@spacedrive/sdk/asconfig.json",
    entries: ["assembly/index.ts"],
    targets: { release: target, debug: target },
  };
  await writeFile(path.join(dir, "asconfig.json"), JSON.stringify(config));
  return {
    dir,
    compile: (...options) => compile(dir, options),
    read: (file) => readFile(path.join(dir, file)),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

async function compile(dir: string, options: readonly string[]): Promise<Compiled> {
  // A process of its own, because the compiler calls process.exit when it crashes.
  const asc = path.join(compilerDir, "bin", "asc.js");
  const child = spawn(
    process.execPath,
    [asc, "--config", "asconfig.json", "--target", "release", "--noColors", ...options],
    { cwd: dir },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.on("close", resolve);
  const code = await promise;
  const places = [...output.matchAll(/in (\S+\(\d+,\d+\))/g)].map((match) => match[1] ?? "");
  return { ok: code === 0, output, places };
}
