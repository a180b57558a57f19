import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/**
 * A process of its own that holds a data directory: it opens the built package. It resolves once it has said that it is
 * ready.
 */
export async function startHolder(dataDir: string): Promise<ChildProcess> {
  return startChild("holder.mjs", [dataDir]);
}

/** Starts `test/children/<script>` and waits for its first message. */
export async function startChild(script: string, args: readonly string[]): Promise<ChildProcess> {
  const path = fileURLToPath(new URL(`./children/${script}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [first] = await Promise.race([once(child, "message"), once(child, "exit")]);
  if (first !== "ready") throw new Error(`${script} ended with ${String(first)} before it was ready`);
  return child;
}
