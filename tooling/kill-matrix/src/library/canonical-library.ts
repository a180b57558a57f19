import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { libraryFolder, type Scene } from "../scene.ts";
import { LibraryCopy, type Row } from "./library-copy.ts";

/**
 * All that a run has left, in lines that are the same for each run over the same folder, but for what is named here. Every
 * table of both databases is in it with every column, so that what is added to them one day is compared by itself.
 *
 * - *Ids* are random: each stands as what it is the id of, wherever it stands (also inside states, results, metadata).
 * - *Times* differ: what is compared is whether there is one. Of files in the folder they are compared.
 * - *The files of sidecars* have random names: they are compared by the entry and the name of the sidecar, with all bytes.
 * - *Some counts* tell of the kills: of the starts of a job (`attempt`, `attempts_since_progress`), of its calls (`consumed`: it
 *   reads again what it no longer knows), of its checkpoints (`checkpoint`: one that is killed between the last one and its end
 *   makes the last one again). That none of them goes back is told by what was acknowledged.
 * - *The number of an index* (`generation`, also in the state of its job) is taken before its first checkpoint, and so again after
 *   a kill between the two. Of an entry it is compared whether the last index has `seen` it.
 * - *The history of jobs* tells of the kills, and what was not yet stored of it is lost with the process: `check-history.ts`
 *   says what must hold of it.
 */
export type CanonicalLibrary = readonly string[];

/** @param scene a run whose host is closed. */
export function canonicalLibrary(scene: Scene): CanonicalLibrary {
  using copy = new LibraryCopy(scene);
  const names = namesOf(copy);
  const named = (text: string): string => text.replaceAll(UUID, (id) => names.get(id) ?? id);
  const generations = new Map(copy.rows("library.db", "locations").map((row) => [row["id"], row["generation"]]));

  const lines: string[] = [];
  for (const database of ["host.db", "library.db"] as const) {
    for (const table of copy.tables(database)) {
      if (table === "job_history") continue;
      for (const row of copy.rows(database, table)) {
        const canonical = Object.entries(row).map(([column, value]) => {
          return [column, canonicalValue(`${table}.${column}`, value, row, generations)] as const;
        });
        lines.push(named(`${database} ${table} ${JSON.stringify(Object.fromEntries(canonical))}`));
      }
    }
  }
  lines.push(...sidecarLines(copy, scene, named), ...fileLines(scene));
  return lines.sort();
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const TIMES = new Set([
  "library.created_at",
  "locations.created_at",
  "locations.indexed_at",
  "entries.created_at",
  "entries.updated_at",
  "sidecars.created_at",
  "sidecars.updated_at",
  "jobs.created_at",
  "jobs.updated_at",
  "jobs.started_at",
  "jobs.ended_at",
]);

function canonicalValue(column: string, value: unknown, row: Row, generations: ReadonlyMap<unknown, unknown>): unknown {
  if (TIMES.has(column)) return value === null ? null : "a time";
  switch (column) {
    case "sidecars.file":
      return "a file of its own";
    case "jobs.attempt":
    case "jobs.attempts_since_progress":
    case "jobs.checkpoint":
    case "jobs.consumed":
    case "locations.generation":
      return "some";
    case "entries.seen":
      return value === (generations.get(row["location_id"]) ?? 0) ? "by the last" : value;
    case "jobs.state":
      return row["type"] === "core.index_location"
        ? String(value).replace(/"generation":\d+/, '"generation":"some"')
        : value;
    default:
      return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
  }
}

/** What each id is the id of. */
function namesOf(copy: LibraryCopy): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const add = (table: string, nameOf: (row: Row) => string): void => {
    const taken = new Map<string, number>();
    for (const row of copy.rows("library.db", table)) {
      const name = nameOf(row);
      const times = (taken.get(name) ?? 0) + 1;
      taken.set(name, times);
      names.set(String(row["id"]), `<${name}${times === 1 ? "" : ` ${times}`}>`);
    }
  };
  add("library", () => "the library");
  add("locations", ({ path }) => `location ${String(path)}`);
  add("entries", ({ path }) => `entry ${String(path)}`);
  add("jobs", ({ type }) => `job ${String(type)}`);
  return names;
}

function sidecarLines(copy: LibraryCopy, scene: Scene, named: (text: string) => string): string[] {
  const folder = join(libraryFolder(scene), "sidecars");
  const unnamed = new Set(filesIn(folder));
  const lines = copy.rows("library.db", "sidecars").map(({ entry_id, filename, file }) => {
    unnamed.delete(String(file));
    const path = join(folder, String(file));
    const bytes = existsSync(path) ? readFileSync(path).toString("latin1") : "has no file";
    return `sidecar ${named(String(entry_id))} ${String(filename)} ${bytes}`;
  });
  return [...lines, ...[...unnamed].map((file) => `a file that no sidecar names: ${file}`)];
}

/** What lies in the data directory, but for the files of sidecars. */
function fileLines({ dataDir }: Scene): string[] {
  return filesIn(dataDir)
    .filter((file) => !file.includes("/sidecars/"))
    .map((file) => `file ${file}`);
}

function filesIn(folder: string): string[] {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
