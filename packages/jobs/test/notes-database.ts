import { SqliteDatabase, type SqliteDatabaseOptions } from "../src/database/sqlite-database.js";
import { temporaryFolder } from "./temporary-folder.js";

/** A database with a table of notes, in a folder of its own. */
export class NotesDatabase implements AsyncDisposable {
  readonly path: string;
  database: SqliteDatabase;
  readonly #folder: AsyncDisposable;

  private constructor(path: string, folder: AsyncDisposable, options: SqliteDatabaseOptions) {
    this.path = path;
    this.#folder = folder;
    this.database = open(path, options);
  }

  static async open(options: SqliteDatabaseOptions = {}): Promise<NotesDatabase> {
    const folder = await temporaryFolder();
    return new NotesDatabase(folder.file("library.db"), folder, options);
  }

  add(text: string): Promise<number> {
    return this.database.transaction((tx) => tx.run("INSERT INTO notes (text) VALUES (?)", text));
  }

  /** Adds one that has so many bytes. */
  addBytes(bytes: number): Promise<number> {
    return this.database.transaction((tx) => tx.run("INSERT INTO notes (text) VALUES (zeroblob(?))", bytes));
  }

  get texts(): unknown[] {
    return this.database.read((tx) => tx.all("SELECT text FROM notes ORDER BY id").map((row) => row.text));
  }

  async reopen(): Promise<void> {
    await this.database.close();
    this.database = open(this.path, {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.close();
    await this.#folder[Symbol.asyncDispose]();
  }
}

function open(path: string, options: SqliteDatabaseOptions): SqliteDatabase {
  const database = SqliteDatabase.open(path, { busyTimeoutMs: 1, ...options });
  database.migrate("notes", [{ name: "create notes", sql: "CREATE TABLE notes (id INTEGER PRIMARY KEY, text)" }]);
  return database;
}
