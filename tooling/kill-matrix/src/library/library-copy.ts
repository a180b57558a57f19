import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { libraryFolder, type Scene } from "../scene.ts";

export type DatabaseName = "host.db" | "library.db";

export type Row = Readonly<Record<string, unknown>>;

/** Copies of the databases of a run, as a crash may have left them: to open the files themselves would mend them. */
export class LibraryCopy implements Disposable {
  /** Those that there are. */
  readonly databases: ReadonlyMap<DatabaseName, DatabaseSync>;
  readonly #folder: string;

  constructor(scene: Scene) {
    this.#folder = mkdtempSync(join(dirname(scene.acknowledged), "copy-"));
    const databases = new Map<DatabaseName, DatabaseSync>();
    for (const [name, folder] of [
      ["host.db", scene.dataDir],
      ["library.db", libraryFolder(scene)],
    ] as const) {
      if (!existsSync(join(folder, name))) continue;
      // The -shm is an index of the -wal, and is made again.
      for (const file of [name, `${name}-wal`].filter((each) => existsSync(join(folder, each)))) {
        copyFileSync(join(folder, file), join(this.#folder, file));
      }
      databases.set(name, new DatabaseSync(join(this.#folder, name)));
    }
    this.databases = databases;
  }

  /** The tables of a database, in the order of their names. */
  tables(name: DatabaseName): string[] {
    const rows = this.databases
      .get(name)
      ?.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all();
    return (rows ?? []).map((row) => String(row["name"]));
  }

  /** The rows of a table; none where it is not there yet. */
  rows(name: DatabaseName, table: string): Row[] {
    if (!this.tables(name).includes(table)) return [];
    return this.databases.get(name)?.prepare(`SELECT * FROM "${table}"`).all() ?? [];
  }

  [Symbol.dispose](): void {
    for (const database of this.databases.values()) database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
