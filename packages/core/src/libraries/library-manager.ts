import type { EventEmitter } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { SqliteDatabase, SqliteDatabaseOptions } from "@spacedrive/jobs";
import {
  type Clock,
  type LibraryDirectory,
  type LibraryId,
  type Logger,
  SpacedriveError,
  type Transaction,
  toSpacedriveError,
} from "@spacedrive/wire";
import type { Library, UnopenedLibrary } from "./library.js";
import { checkLibraryName } from "./library-name.js";
import type { StoreEvents } from "./store-events.js";
import { libraryFile, openLibrary, recordName } from "./open-library.js";
import { StoreReports } from "./store-reports.js";

interface LibraryManagerOptions {
  /** Where the libraries' folders lie. */
  readonly folder: string;
  /** Serves transactions of no library. */
  readonly hostDatabase: SqliteDatabase;
  /** How the libraries' databases are opened. */
  readonly store: SqliteDatabaseOptions;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Readies a library before anybody can see it; answers what takes that back before it closes. */
  readonly prepare: (library: Library) => Promise<() => Promise<void>>;
}

interface OpenLibrary {
  readonly library: Library;
  readonly release: () => Promise<void>;
}

/** The libraries of one data directory: opens, finds and closes them. */
export class LibraryManager implements LibraryDirectory {
  readonly #options: LibraryManagerOptions;
  readonly #open = new Map<LibraryId, OpenLibrary>();
  readonly #unopened = new Map<string, UnopenedLibrary>();
  /** Opening and closing one name wait for each other. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #reports: StoreReports;
  #closed = false;

  constructor(options: LibraryManagerOptions) {
    this.#options = options;
    this.#reports = new StoreReports(options.logger);
    this.#reports.watch(null, options.hostDatabase);
  }

  /** When a database fails, and when it is open again. */
  get events(): EventEmitter<StoreEvents> {
    return this.#reports.events;
  }

  /**
   * Opens the library of this name, and makes it where there is none. Opening an open one answers the same object.
   *
   * @throws SpacedriveError `INVALID_INPUT` for a name that cannot be, `STORE_CORRUPT`, `STORE_LOCKED`, `DISK_FULL`,
   * `STORE_FAILED`, `CONFLICT` where it is a copy of an open library, `CLOSED`.
   */
  async open(name: string): Promise<Library> {
    const checked = checkLibraryName(name);
    const known = this.#unopened.get(checked)?.folder;
    return this.#inTurn(checked, () => this.#openFolder(checked, known ?? join(this.#options.folder, checked), true));
  }

  /** The open library of this id, or null. */
  get(id: LibraryId): Library | null {
    return this.#open.get(id)?.library ?? null;
  }

  /** The open libraries, by name. */
  list(): Library[] {
    return [...this.#open.values()].map(({ library }) => library).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Libraries in the data directory that could not be opened at start, with the reason. `open` tries again. */
  unopened(): UnopenedLibrary[] {
    return [...this.#unopened.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Interrupts its jobs, which resume when it is opened again, and closes it. Harmless where it is not open. */
  async close(id: LibraryId): Promise<void> {
    const name = this.#open.get(id)?.library.name;
    if (name === undefined) return;
    await this.#inTurn(name, () => this.#closeLibrary(id));
  }

  /**
   * Closes an open library's database and opens it again, as is needed once it has failed (see `events`), with the library and
   * its jobs staying what they are: jobs go on from their last checkpoints. Null: the host's own database.
   *
   * @throws SpacedriveError `LIBRARY_NOT_FOUND`, and as `open` where that cannot be done yet: then ask again.
   */
  async reopen(id: LibraryId | null): Promise<void> {
    if (id === null) return this.#options.hostDatabase.reopen();
    const { name, database } = this.require(id);
    return this.#inTurn(name, () => database.reopen());
  }

  has(id: LibraryId): boolean {
    return this.#open.has(id);
  }

  /**
   * One transaction of a library's database, or of the host's where `id` is null.
   *
   * @throws SpacedriveError `LIBRARY_NOT_FOUND`, and what the database throws.
   */
  async transaction<T>(id: LibraryId | null, work: (tx: Transaction) => T): Promise<T> {
    return (id === null ? this.#options.hostDatabase : this.require(id).database).transaction(work);
  }

  /** As {@link LibraryDirectory.confirmed}. */
  confirmed(of: LibraryId | null | "all"): Promise<void> | null {
    const { hostDatabase } = this.#options;
    if (of !== "all") return (of === null ? hostDatabase : this.#open.get(of)?.library.database)?.confirmed() ?? null;
    let waits: Promise<void>[] | null = null;
    const ask = (database: SqliteDatabase): void => {
      // One that has failed answers nobody, and keeps nobody from the others.
      const wait = database.failure === null ? database.confirmed() : null;
      if (wait !== null) (waits ??= []).push(wait);
    };
    ask(hostDatabase);
    for (const { library } of this.#open.values()) ask(library.database);
    return waits === null ? null : Promise.all(waits).then(() => {});
  }

  /** @throws SpacedriveError `LIBRARY_NOT_FOUND` where no open library has the id. */
  require(id: LibraryId): Library {
    const library = this.get(id);
    if (library === null) throw new SpacedriveError("LIBRARY_NOT_FOUND", `No open library has the id ${id}.`);
    return library;
  }

  /** Opens every library that is there. One that cannot be opened does not keep the others from it. */
  async openAll(): Promise<void> {
    await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
    for (const { name: entry } of await readdir(this.#options.folder, { withFileTypes: true })) {
      const folder = join(this.#options.folder, entry);
      if (!existsSync(libraryFile(folder))) continue;
      const name = entry.normalize("NFC");
      try {
        checkLibraryName(name);
        await this.#inTurn(name, () => this.#openFolder(name, folder, false));
      } catch (cause) {
        const error = toSpacedriveError(cause, "STORE_FAILED", `Library "${name}" could not be opened.`);
        this.#unopened.set(name, { name, folder, error });
        this.#options.logger.error({ library: name, err: error }, "a library could not be opened");
      }
    }
  }

  /** Closes all, for good. */
  async closeAll(): Promise<void> {
    this.#closed = true;
    while (this.#turns.size > 0) await Promise.allSettled(this.#turns.values());
    for (const id of this.#open.keys()) await this.close(id);
  }

  async #openFolder(name: string, folder: string, create: boolean): Promise<Library> {
    if (this.#closed) throw new SpacedriveError("CLOSED", `Library "${name}" cannot be opened: the host is closed.`);
    const open = this.list().find((library) => library.name === name);
    if (open !== undefined) return open;

    const { clock, store } = this.#options;
    const library = await openLibrary({ folder, name, create, clock, store });
    try {
      const twin = this.get(library.id);
      if (twin !== null) {
        throw new SpacedriveError(
          "CONFLICT",
          `Library "${name}" has the same id as the open library "${twin.name}": one is a copy of the other. Move one of ${folder} and ${twin.folder} away.`,
        );
      }
      // Before anything is awaited, so that a copy opened at the same time finds its twin; and operations and jobs may run
      // while it is being readied.
      this.#open.set(library.id, { library, release: async () => {} });
      await recordName(library);
      this.#open.set(library.id, { library, release: await this.#options.prepare(library) });
      this.#reports.watch(library, library.database);
    } catch (error) {
      if (this.get(library.id) === library) this.#open.delete(library.id);
      await library.database.close();
      throw error;
    }
    this.#unopened.delete(name);
    return library;
  }

  async #closeLibrary(id: LibraryId): Promise<void> {
    const open = this.#open.get(id);
    if (open === undefined) return;
    await open.release();
    this.#open.delete(id);
    await open.library.database.close();
  }

  /** One piece of work after another for each name. */
  #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(name) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#turns.set(name, turn);
    const forget = (): void => {
      if (this.#turns.get(name) === turn) this.#turns.delete(name);
    };
    turn.then(forget, forget);
    return turn;
  }
}
