import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process of its own that holds a data directory until it is killed. */
export function startHolder(dataDir: string): Promise<ChildProcess> {
  return startChild(new URL("./children/holder.mjs", import.meta.url), [dataDir]);
}

/** A process that serves a data directory; sent anything, it closes and ends. `idle`: it has nothing to stay for. */
export function startSocketHost(dataDir: string, kind: "lasting" | "idle" = "lasting"): Promise<ChildProcess> {
  return startChild(new URL("./children/socket-host.mjs", import.meta.url), [dataDir, kind]);
}

/** A process that indexes a folder into the library `home`, and kills itself once the job has made its nth checkpoint. */
export function startIndexer(dataDir: string, folder: string, checkpoints: number): Promise<ChildProcess> {
  return startChild(new URL("./children/index-and-die.mjs", import.meta.url), [dataDir, folder, String(checkpoints)]);
}

/**
 * A process that runs a job which makes an entry with two sidecars, and that kills itself before or after one of the job's
 * transactions, if it is told to.
 */
export function startScribe(dataDir: string, which = 0, moment: "before" | "after" = "after"): Promise<ChildProcess> {
  return startChild(new URL("./children/sidecar-and-die.mjs", import.meta.url), [dataDir, String(which), moment]);
}

/** The children open the built package. Resolves once the child says that it is ready. */
async function startChild(script: URL, args: readonly string[]): Promise<ChildProcess> {
  const path = fileURLToPath(script);
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [first] = await Promise.race([once(child, "message"), once(child, "exit")]);
  if (first !== "ready") throw new Error(`${path} ended with ${String(first)} before it was ready`);
  return child;
}
