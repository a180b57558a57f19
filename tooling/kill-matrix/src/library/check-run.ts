import { statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { libraryFolder, type Scene } from "../scene.ts";
import { findLost } from "./find-lost.ts";
import { LibraryCopy, type Row } from "./library-copy.ts";

/**
 * What is wrong with a run as a kill, or its end, has left it: a database that is not whole, a row that names a file that is not
 * there, an effect that was made twice, something acknowledged that is not there. Changes nothing.
 */
export function checkRun(scene: Scene): string[] {
  using copy = new LibraryCopy(scene);
  return [
    ...[...copy.databases].flatMap(([name, database]) => brokenParts(name, database)),
    ...missingFiles(copy.rows("library.db", "sidecars"), scene),
    ...doubledEffects(copy.rows("library.db", "effects")),
    ...findLost(copy, scene),
  ];
}

function brokenParts(name: string, database: DatabaseSync): string[] {
  const integrity = database.prepare("PRAGMA integrity_check").all();
  const isWhole = integrity.length === 1 && integrity[0]?.["integrity_check"] === "ok";
  const strays = database.prepare("PRAGMA foreign_key_check").all();
  return [
    ...(isWhole ? [] : [`${name} is not whole: ${JSON.stringify(integrity)}`]),
    ...strays.map((row) => `${name} has a row that refers to nothing: ${JSON.stringify(row)}`),
  ];
}

function missingFiles(sidecars: readonly Row[], scene: Scene): string[] {
  return sidecars.flatMap(({ file, size, filename }) => {
    const path = join(libraryFolder(scene), "sidecars", String(file));
    const found = statSync(path, { throwIfNoEntry: false })?.size ?? null;
    if (found === size) return [];
    return [`the row of a sidecar ${String(filename)} names ${String(size)} bytes, and ${found ?? "none"} are there`];
  });
}

function doubledEffects(effects: readonly Row[]): string[] {
  const times = new Map<string, number>();
  for (const { what, id } of effects) {
    const effect = `${String(what)} (${String(id)})`;
    times.set(effect, (times.get(effect) ?? 0) + 1);
  }
  const doubled = [...times].filter(([, count]) => count > 1);
  return doubled.map(([effect, count]) => `an effect was made ${count} times: ${effect}`);
}
