import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A host in a process of its own, as an integrator runs one. */
export interface IntegratorsHost extends AsyncDisposable {
  readonly pid: number;
  /** Kills it as a crash does. */
  kill(): Promise<void>;
}

/** Opens the data directory with a library `default`, and loads the extension in the folder, if any. */
export async function startIntegratorsHost(
  dataDir: string,
  extension = "",
  socket: "served" | "none" = "served",
): Promise<IntegratorsHost> {
  const script = fileURLToPath(new URL("./running-host.mjs", import.meta.url));
  const args = [script, dataDir, extension, socket];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const exit = once(child, "exit");
  const [first] = await Promise.race([once(child, "message"), exit]);
  if (first !== "ready" || child.pid === undefined) throw new Error(`The host ended with ${String(first)}`);
  return {
    pid: child.pid,
    async kill() {
      child.kill("SIGKILL");
      await exit;
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.send("end");
      await exit;
    },
  };
}
