import { join } from "node:path";
import type { JobManager, PreparedJob, SqliteDatabase, StoreFaults } from "@spacedrive/jobs";
import {
  type Clock,
  type LibraryId,
  type Logger,
  SpacedriveError,
  type SqlRow,
  type Transaction,
} from "@spacedrive/wire";
import type { Library } from "../libraries/library.js";
import type { LibraryManager } from "../libraries/library-manager.js";
import type { VdfsBackend } from "./backend.js";
import { INDEX_LOCATION_JOB } from "./index-location.js";
import type { Reader, Selection } from "./row.js";
import { SidecarFiles } from "./sidecar-files.js";
import { sidecarFileOf, sidecarFilesSelection } from "./sidecar-table.js";
import { VDFS_MIGRATIONS } from "./vdfs-schema.js";

interface LibraryBackendOptions {
  readonly libraries: LibraryManager;
  readonly jobs: () => JobManager;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes operations on the files of sidecars fail, for tests. */
  readonly faults: StoreFaults | null;
}

/** The backend of `vdfs.*` on the libraries of a data directory: their databases and their `sidecars/`. */
export class LibraryBackend implements VdfsBackend {
  readonly clock: Clock;
  readonly dataDir: string;
  readonly #options: LibraryBackendOptions;
  readonly #sidecars = new Map<LibraryId, SidecarFiles>();

  constructor(options: LibraryBackendOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.dataDir = options.dataDir;
  }

  /** Readies a library: its tables, and its `sidecars/` without what a killed process left there. */
  async open(library: Library): Promise<void> {
    const { database, id, name, folder } = library;
    database.migrate("vdfs", VDFS_MIGRATIONS);
    const files = new SidecarFiles(join(folder, "sidecars"), this.#options.faults);
    const swept = await files.sweep(await sidecarFilesOf(database));
    // What had been given up and not deleted yet went with the sweep.
    const garbage = database.read((tx) => tx.get("SELECT 1 FROM sidecar_garbage LIMIT 1"));
    if (garbage !== undefined) await database.transaction((tx) => tx.run("DELETE FROM sidecar_garbage"));
    if (swept > 0) this.#options.logger.info({ library: name, files: swept }, "swept files that no sidecar names");
    this.#sidecars.set(id, files);
  }

  close(library: LibraryId): void {
    this.#sidecars.delete(library);
  }

  read<T>(library: LibraryId, work: (reader: Reader) => T): T {
    return this.#options.libraries.require(library).database.read(work);
  }

  scan(library: LibraryId, { sql, params }: Selection): Promise<SqlRow[]> {
    return this.#options.libraries.require(library).database.scan(sql, params, { unconfirmed: true });
  }

  transaction<T>(library: LibraryId, work: (tx: Transaction) => T): Promise<T> {
    return this.#options.libraries.transaction(library, work);
  }

  sidecarFiles(library: LibraryId): SidecarFiles {
    const files = this.#sidecars.get(library);
    if (files === undefined) throw new SpacedriveError("LIBRARY_NOT_FOUND", `No open library has the id ${library}.`);
    return files;
  }

  prepareIndex(library: LibraryId, locationId: string): PreparedJob {
    return this.#options.jobs().prepare(INDEX_LOCATION_JOB, { location_id: locationId }, { library });
  }
}

/** So many files are read on the host's own thread. */
const FEW_FILES = 1_000;

async function sidecarFilesOf(database: SqliteDatabase): Promise<Set<string>> {
  const few = sidecarFilesSelection(FEW_FILES + 1);
  let rows = database.read((reader) => reader.all(few.sql, ...few.params));
  if (rows.length > FEW_FILES) {
    const maxRows = Number.MAX_SAFE_INTEGER;
    const all = sidecarFilesSelection(maxRows);
    rows = await database.scan(all.sql, all.params, { maxRows });
  }
  return new Set(rows.map(sidecarFileOf));
}
