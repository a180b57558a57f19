import { Worker } from "node:worker_threads";
import type { CompileMessage, CompileRequest } from "./compile-worker.js";

/** How a compilation ended, with what the compiler printed. */
export interface Compilation {
  readonly ok: boolean;
  readonly output: string;
}

/**
 * Runs the AssemblyScript compiler in a worker of its own: it calls `process.exit` when it crashes, which there ends the
 * thread and nothing else.
 */
export function compile(request: CompileRequest): Promise<Compilation> {
  const worker = new Worker(new URL("./compile-worker.js", import.meta.url), {
    workerData: request,
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  let output = "";
  let ok: boolean | null = null;
  // What a transform prints by itself.
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
  }
  worker.on("message", (message: CompileMessage) => {
    if (message.type === "output") output += message.text;
    else ok = message.ok;
  });
  worker.on("error", (error) => {
    output += `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
  });
  return new Promise((resolve) => {
    worker.on("exit", () => {
      if (ok === null) output += "The compiler crashed.\n";
      resolve({ ok: ok === true, output });
    });
  });
}
