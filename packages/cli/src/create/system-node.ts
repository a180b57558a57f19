import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const OLDEST_MAJOR = 24;

/**
 * The version of the Node that a new shell would use, where it is too old for the project; else null. The Node that runs
 * this command may be another: npx and package scripts put a project's own in front.
 */
export function tooOldSystemNode(path: string = process.env["PATH"] ?? ""): string | null {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const folder = path
    .split(delimiter)
    .find((entry) => entry !== "" && !entry.includes("node_modules") && existsSync(join(entry, name)));
  if (folder === undefined) return null;
  const answer = spawnSync(join(folder, name), ["-p", "process.versions.node"], { encoding: "utf8" });
  const version = answer.status === 0 ? answer.stdout.trim() : "";
  return version !== "" && Number(version.split(".")[0]) < OLDEST_MAJOR ? version : null;
}
