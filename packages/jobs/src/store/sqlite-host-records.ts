import { type JobId, parseJobId, type Transaction } from "@spacedrive/wire";
import type { CallRecord } from "../call-record.js";
import type { SqliteDatabase } from "../database/sqlite-database.js";
import type { HostRecords } from "./host-records.js";
import { putRecords, readRecords, RECORD_COMPONENT, RECORD_MIGRATIONS, sweepRecords } from "./record-table.js";

/** Records in the host's database. Makes and updates its own table. */
export class SqliteHostRecords implements HostRecords {
  readonly #database: SqliteDatabase;

  /** @throws SpacedriveError as {@link SqliteDatabase.migrate}. */
  constructor(database: SqliteDatabase) {
    this.#database = database;
    database.migrate(RECORD_COMPONENT, RECORD_MIGRATIONS);
  }

  async records(id: JobId, after: number): Promise<readonly CallRecord[]> {
    return readRecords(this.#database, id, after);
  }

  recordIn(tx: Transaction, id: JobId, records: readonly CallRecord[], consumed: number): void {
    sweepRecords(tx, id, consumed);
    putRecords(tx, id, records);
  }

  async sweep(id: JobId, upTo: number): Promise<void> {
    const found = this.#database.read((reader) =>
      reader.get("SELECT 1 FROM job_records WHERE job_id = ? AND number <= ? LIMIT 1", id, upTo),
    );
    if (found !== undefined) await this.#database.transaction((tx) => sweepRecords(tx, id, upTo));
  }

  async jobs(): Promise<readonly JobId[]> {
    return this.#database.read((reader) =>
      reader.all("SELECT DISTINCT job_id FROM job_records").map((row) => parseJobId(row.job_id)),
    );
  }
}
