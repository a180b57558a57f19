import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const vectors = fileURLToPath(new URL("../vectors", import.meta.url));

/** The file that keeps what a version's released vectors are, by their names within the version. */
export function releasedFile(version: string): string {
  return join(vectors, version, "released.json");
}

/** What was released. */
export function readReleased(version: string): Readonly<Record<string, string>> {
  // Proof: the file is written by record-vectors.ts, as such an object.
  return JSON.parse(readFileSync(releasedFile(version), "utf8")) as Record<string, string>;
}

/** A hash of each vector of a version as it stands, by its name. */
export function hashVectors(version: string): Readonly<Record<string, string>> {
  const names = globSync("*/*.json", { cwd: join(vectors, version) }).map((file) => file.replace(/\.json$/, ""));
  return Object.fromEntries(names.sort().map((name) => [name, hashOf(version, name)]));
}

/** Of all that a host meets: the module, its limits, the host's side, steps and what is expected. Words may be mended. */
function hashOf(version: string, name: string): string {
  const text = readFileSync(sourceOf(version, name), "utf8").replaceAll(/^;;.*\n/gm, "");
  const description = readFileSync(join(vectors, version, `${name}.json`), "utf8");
  // Proof: what a description is otherwise, the tests of the kit check.
  const { promise: _promise, cites: _cites, ...met } = JSON.parse(description) as Record<string, unknown>;
  return createHash("sha256")
    .update(`${text}\n${JSON.stringify(met)}`)
    .digest("hex")
    .slice(0, 16);
}

/** The text that stands beside a description; a script's is the template, which it shares with all of its version. */
function sourceOf(version: string, name: string): string {
  const own = [".wat", ".hex"].map((kind) => join(vectors, version, name + kind)).find((file) => existsSync(file));
  return own ?? join(vectors, version.replace("/", "/scripted-guest-") + ".wat");
}
