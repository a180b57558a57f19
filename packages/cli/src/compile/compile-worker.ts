import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";

/** What the worker is told. */
export interface CompileRequest {
  readonly folder: string;
  readonly args: readonly string[];
  readonly colors: boolean;
}

/** What it tells: the compiler's output while it works, and how it ended. A crash has no end. */
export type CompileMessage =
  | { readonly type: "output"; readonly text: string }
  | { readonly type: "end"; readonly ok: boolean };

interface OutputStream {
  write(chunk: Uint8Array | string): void;
  readonly isTTY: boolean;
}

/** What we use of `assemblyscript/asc`. */
interface Compiler {
  main(args: string[], options: { stdout: OutputStream; stderr: OutputStream }): Promise<{ error: Error | null }>;
}

function post(message: CompileMessage): void {
  parentPort?.postMessage(message);
}

/** The extension's own compiler, so that it is the one its lock file names; else the one that comes with sdx. */
function resolveCompiler(folder: string): string {
  for (const from of [join(folder, "package.json"), import.meta.url]) {
    try {
      return createRequire(from).resolve("assemblyscript/dist/asc.js");
    } catch {
      // Not installed there.
    }
  }
  throw new Error("The package assemblyscript is not installed.");
}

async function compile({ folder, args, colors }: CompileRequest): Promise<boolean> {
  // Proof: a dependency of this package, and of the extension in a version that its SDK accepts.
  const compiler = (await import(pathToFileURL(resolveCompiler(folder)).href)) as Compiler;
  const decoder = new TextDecoder();
  let silent = true;
  const stream: OutputStream = {
    isTTY: colors,
    write(chunk) {
      silent = false;
      post({ type: "output", text: typeof chunk === "string" ? chunk : decoder.decode(chunk) });
    },
  };
  // Without the option asc colours wherever CI is set.
  const plain = colors ? [] : ["--noColors"];
  const { error } = await compiler.main([...args, ...plain], { stdout: stream, stderr: stream });
  if (error !== null && silent) stream.write(`${error.message}\n`);
  return error === null;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isMissing = "code" in error && error.code === "MODULE_NOT_FOUND";
  if (!isMissing) return error.stack ?? error.message;
  return `${error.message.split("\n")[0]}. What the extension is built with is not installed: run npm install in its folder.`;
}

// Proof: only compile.ts starts this file, with a CompileRequest.
const request = workerData as CompileRequest;
void compile(request).then(
  (ok) => post({ type: "end", ok }),
  (error: unknown) => {
    post({ type: "output", text: `${describe(error)}\n` });
    post({ type: "end", ok: false });
  },
);
