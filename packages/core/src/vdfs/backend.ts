import type { PreparedJob } from "@spacedrive/jobs";
import type { Clock, LibraryId, SqlRow, Transaction } from "@spacedrive/wire";
import type { Reader, Selection } from "./row.js";
import type { SidecarFiles } from "./sidecar-files.js";

/** What the operations `vdfs.*` need of the host that they run in. */
export interface VdfsBackend {
  readonly clock: Clock;
  /** Real path of the data directory: no location may touch it. */
  readonly dataDir: string;
  /** What is short enough to be read on this thread. */
  read<T>(library: LibraryId, work: (reader: Reader) => T): T;
  /** What may have many rows: read on another thread. */
  scan(library: LibraryId, selection: Selection): Promise<SqlRow[]>;
  transaction<T>(library: LibraryId, work: (tx: Transaction) => T): Promise<T>;
  sidecarFiles(library: LibraryId): SidecarFiles;
  /** The job that indexes a location, to be stored with it and then started. */
  prepareIndex(library: LibraryId, locationId: string): PreparedJob;
}
