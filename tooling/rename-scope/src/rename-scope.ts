import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SCOPE } from "./scope.ts";

const SCOPE_NAME = /^@[a-z0-9][a-z0-9._-]*$/;

/**
 * Gives every package another npm scope: in package names, imports, settings, templates, docs and the lockfile, which are
 * all files below `root` that git does not ignore. Answers the changed files.
 *
 * @throws Error where `to` is no scope.
 */
export function renameScope(root: string, to: string, from: string = SCOPE): string[] {
  if (!SCOPE_NAME.test(to)) throw new Error(`"${to}" is not an npm scope: something like "@acme" is expected.`);
  // Not "@spacedrive-labs" and not "me@spacedrive.com", but "@spacedrive/wire", "@spacedrive/*" and "@spacedrive".
  const occurrence = new RegExp(`(?<![\\w.])${from.replaceAll(".", "\\.")}(?![\\w-]|\\.\\w)`, "g");
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  return listed
    .toString("utf8")
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)) && renameIn(join(root, path), occurrence, to));
}

function renameIn(path: string, occurrence: RegExp, to: string): boolean {
  const bytes = readFileSync(path);
  if (bytes.includes(0)) return false;
  const text = bytes.toString("utf8");
  const renamed = text.replaceAll(occurrence, to);
  if (renamed === text) return false;
  writeFileSync(path, renamed);
  return true;
}

if (import.meta.main) {
  const [to] = process.argv.slice(2);
  if (to === undefined) {
    console.error("usage: node tooling/rename-scope/src/rename-scope.ts @new-scope");
    process.exitCode = 2;
  } else {
    const changed = renameScope(fileURLToPath(new URL("../../..", import.meta.url)), to);
    console.log(`${SCOPE} is now ${to} in ${changed.length} files. Next: pnpm install, pnpm format, pnpm check.`);
  }
}
