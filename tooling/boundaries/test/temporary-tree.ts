import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder of small files for a test, removed when the test leaves its block. */
export interface TemporaryTree extends Disposable {
  readonly root: string;
}

/** `files` gives text by path; an object is written as JSON. */
export function temporaryTree(files: Readonly<Record<string, string | object>>): TemporaryTree {
  const root = mkdtempSync(join(tmpdir(), "boundaries-"));
  for (const [path, content] of Object.entries(files)) {
    const absolute = join(root, path);
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, typeof content === "string" ? content : JSON.stringify(content));
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}
