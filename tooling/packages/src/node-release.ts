import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { mustRun } from "./run-command.ts";

/** Variables by which a package manager tells its scripts where they run; a user's shell has none of them. */
const OF_A_SCRIPT =
  /^(npm_(package|lifecycle|config_(user_agent|local_prefix))|npm_(command|execpath|node_execpath)|pnpm_|PNPM_|INIT_CWD|NODE$|NODE_PATH$)/;

/** The environment of a user's shell in which `node` is the one of `nodeFolder`. */
export function shellWith(nodeFolder: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !OF_A_SCRIPT.test(name)) env[name] = value;
  }
  const path = (env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return { ...env, PATH: [nodeFolder, ...path].join(delimiter) };
}

/**
 * A folder with a Node of this major and nothing else, inside `folder`: the running one, or the newest from the npm package
 * `node`. It lies outside every node_modules, as a user's does.
 */
export async function nodeRelease(major: number, folder: string): Promise<string> {
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  let executable = process.execPath;
  if (!process.versions.node.startsWith(`${major}.`)) {
    // The package fetches the binary in its install script, which npm 12 runs only where it is allowed.
    const manifest = { private: true, dependencies: { node: `${major}` }, allowScripts: { node: true } };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
    const env = shellWith(dirname(process.execPath));
    await mustRun("npm", ["install", "--no-audit", "--no-fund"], { cwd: folder, env });
    executable = join(folder, "node_modules/node/bin/node");
  }
  await copyFile(executable, join(bin, "node"));
  return bin;
}
