import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const PROGRAM = fileURLToPath(new URL("run-wasi.mjs", import.meta.url));

/** Runs a WASI command that needs no host; answers its standard output, and rejects where its exit code is not 0. */
export async function runWasiCommand(file: string): Promise<string> {
  return (await promisify(execFile)(process.execPath, [PROGRAM, file])).stdout;
}
