import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../bin/sdx.js", import.meta.url));
const ignored = fileURLToPath(new URL("../.sdx", import.meta.url));

export interface SdxResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SdxOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A started `sdx`, as a user's shell starts it. */
export class RunningSdx {
  readonly child: ChildProcess;
  readonly #exit: Promise<unknown[]>;
  stdout = "";
  stderr = "";

  constructor(args: readonly string[], options: SdxOptions = {}) {
    this.child = spawn(process.execPath, [bin, ...args], {
      cwd: options.cwd,
      env: { ...process.env, SPACEDRIVE_DATA_DIR: undefined, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#exit = once(this.child, "close");
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.child.stdin?.end(options.input ?? "");
  }

  /** Waits until what it printed passes the test. */
  async until(test: (sdx: RunningSdx) => boolean): Promise<void> {
    while (!test(this)) {
      await Promise.race([
        once(this.child.stdout ?? this.child, "data"),
        once(this.child.stderr ?? this.child, "data"),
        this.#exit,
      ]);
      if (this.child.exitCode !== null && !test(this)) throw new Error(`sdx ended before: ${this.stderr}`);
    }
  }

  async result(): Promise<SdxResult> {
    await this.#exit;
    return { code: this.child.exitCode, stdout: this.stdout, stderr: this.stderr };
  }
}

export function sdx(args: readonly string[], options?: SdxOptions): Promise<SdxResult> {
  return new RunningSdx(args, options).result();
}

/** Each line of stdout as the JSON object that it is. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** A folder inside this package, so that an extension in it finds the SDK; removed when disposed. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  mkdirSync(ignored, { recursive: true });
  const path = mkdtempSync(join(ignored, "test-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}
