import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { sdx, temporaryFolder } from "./sdx.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder of an extension that `sdx create` made and `sdx build` built. */
    hello: string;
  }
}

let temporary: ReturnType<typeof temporaryFolder> | null = null;

/** What the tests of the commands work on is made by the commands themselves, once. */
export async function setup(project: TestProject): Promise<void> {
  temporary = temporaryFolder();
  for (const args of [
    ["create", "hello"],
    ["build", "hello"],
  ]) {
    const { code, stderr } = await sdx(args, { cwd: temporary.path });
    if (code !== 0) throw new Error(`sdx ${args.join(" ")}: ${stderr}`);
  }
  project.provide("hello", join(temporary.path, "hello"));
}

export function teardown(): void {
  temporary?.[Symbol.dispose]();
}

/** A copy of the built extension that a test may spoil. */
export function copyOf(hello: string, folder: string): string {
  const copy = join(folder, "hello");
  mkdirSync(copy);
  for (const part of ["manifest.json", "build", "assembly", "asconfig.json"]) {
    cpSync(join(hello, part), join(copy, part), { recursive: true, preserveTimestamps: true });
  }
  return copy;
}
