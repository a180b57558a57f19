import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createWire, type JobId, type LibraryDirectory, type Wire } from "@spacedrive/wire";
import {
  type JobContext,
  JobManager,
  type JobOutcome,
  jobOperations,
  SqliteDatabase,
  SqliteHostRecords,
  SqliteJobStore,
  type StoreFault,
  type StoreStep,
} from "../../src/index.js";
import { ManualClock } from "../manual-clock.js";
import { FUZZ_MIGRATIONS, fuzzOperations, refusalOf } from "./fuzz-operations.js";
import { CHILD_TYPE, type Disk, EXTENSION, JOB_TYPE, readDisk, type World, writeDisk } from "./world.js";

/** Who looks on while a host lives, and may cut it at any moment. */
export interface HostWatch {
  /** Something happens. The host may be dead when this returns. */
  moment(host: FuzzHost, moment: string): void;
  /** How long what is under way waits here. */
  hold(host: FuzzHost): Promise<void> | null;
  fault(step: StoreStep): StoreFault | null;
  attempt(host: FuzzHost, context: JobContext, state: string | null): Promise<JobOutcome>;
}

export interface FuzzHostOptions {
  readonly world: World;
  readonly watch: HostWatch;
  readonly folder: string;
  readonly disk: Disk;
  readonly walLimitBytes: number;
  readonly journalQuotaBytes: number;
  /** Whether a loss of power is to come: then it is known what was synced. */
  readonly keepsSynced: boolean;
}

/** The host was killed: what goes on in it has no consequence. */
export class Dead extends Error {}

export interface JobRow {
  readonly id: JobId;
  readonly type: string;
  readonly status: string;
  readonly postponed: boolean;
}

const PAGE = 4096;
const WAL_HEADER = 32;

/** A host on two real databases, of which a test sees every moment, and which it can kill at each. */
export class FuzzHost {
  alive = true;
  readonly clock = new ManualClock();
  readonly database: SqliteDatabase;
  readonly hostDatabase: SqliteDatabase;
  readonly store: SqliteJobStore;
  readonly wire: Wire;
  readonly manager: JobManager;
  readonly folder: string;
  /** Syncs and checkpoints that are under way: they take real time. */
  waiting = 0;
  /** Moments so far. */
  moments = 0;
  readonly #options: FuzzHostOptions;
  readonly #synced = new Map<string, Buffer>();
  #unregister: () => Promise<void> = async () => {};

  constructor(options: FuzzHostOptions) {
    const { world, folder, disk, walLimitBytes } = options;
    this.#options = options;
    this.folder = folder;
    writeDisk(folder, disk);
    const faults = {
      before: (step: StoreStep): StoreFault | null => this.#before(step),
      after: (step: StoreStep): void => this.#after(step),
    };
    const open = (name: string): SqliteDatabase => {
      const path = join(folder, name);
      this.#synced.set(path, readIfThere(`${path}-wal`));
      return SqliteDatabase.open(path, { faults, walLimitBytes, busyTimeoutMs: 1 });
    };
    this.database = open("library.db");
    this.hostDatabase = open("host.db");
    for (const database of [this.database, this.hostDatabase]) database.migrate("fuzz", FUZZ_MIGRATIONS);
    const libraries: LibraryDirectory = {
      has: (id) => id === world.library,
      transaction: async (id, work) => {
        const value = await (id === null ? this.hostDatabase : this.database).transaction(work);
        this.#reachNow("transaction");
        return value;
      },
    };
    this.wire = createWire([], { libraries, clock: this.clock });
    const operations = fuzzOperations({
      world,
      wire: () => this.wire,
      reach: (moment) => this.#reach(moment),
      reachNow: (moment) => this.#reachNow(moment),
      send: (text, key) => {
        if (this.alive) world.sent.push({ text, key });
      },
      read: (name) => this.traces(name),
    });
    for (const operation of operations) this.wire.register(operation);
    const refuse = ({ method }: { readonly method: string }): void => {
      const refusal = refusalOf(world, method);
      if (refusal !== null) throw refusal;
    };
    this.wire.registerGate(EXTENSION, { authorize: refuse, limit() {} });
    this.manager = new JobManager({
      wire: this.wire,
      hostRecords: new SqliteHostRecords(this.hostDatabase),
      recordKey: world.recordKey,
      journalQuotaBytes: options.journalQuotaBytes,
      // Cuts are no fault of the job's.
      retryLimit: 1_000,
      random: () => 0.5,
    });
    for (const operation of jobOperations(this.manager)) this.wire.register(operation);
    this.register();
    this.manager.register(CHILD_TYPE, {
      resumable: true,
      extension: EXTENSION,
      extensionVersion: null,
      run: async () => ({ kind: "completed" }),
    });
    this.store = new SqliteJobStore(this.database, world.library);
    const checkpoint = this.store.checkpoint.bind(this.store);
    this.store.checkpoint = async (...given) => {
      await checkpoint(...given);
      this.#reachNow("checkpointed");
    };
  }

  /** Takes on what the disk has. */
  async attach(): Promise<void> {
    await this.manager.attach(this.#options.world.library, this.store);
  }

  register(): void {
    const { watch } = this.#options;
    const registration = this.manager.register(JOB_TYPE, {
      resumable: true,
      extension: EXTENSION,
      extensionVersion: null,
      run: (context, state) => watch.attempt(this, context, state),
    });
    this.#unregister = () => registration.unregister();
  }

  /** As when its extension is loaded anew. */
  reload(): void {
    void this.#unregister().catch(() => {});
    this.register();
  }

  /** The process is gone. `power`: and so is what the disks had not got. */
  kill(power: boolean): Disk {
    this.alive = false;
    const disk = readDisk(this.folder);
    return power ? { ...this.#options.disk, ...this.#torn(disk) } : disk;
  }

  jobs(): JobRow[] {
    return this.database.read((reader) =>
      reader.all("SELECT id, type, status, not_before FROM jobs").map((row) => ({
        // Proof: the store writes an id there.
        id: String(row["id"]) as JobId,
        type: String(row["type"]),
        status: String(row["status"]),
        postponed: row["not_before"] !== null,
      })),
    );
  }

  traces(name: string): { readonly lines: number; readonly counter: number } {
    return this.database.read((reader) => ({
      lines: Number(reader.get("SELECT count(*) AS n FROM lines WHERE name = ?", name)?.["n"]),
      counter: Number(reader.get("SELECT value FROM counters WHERE name = ?", name)?.["value"] ?? 0),
    }));
  }

  checkpointOf(job: JobId): number {
    const select = "SELECT checkpoint FROM jobs WHERE id = ?";
    return this.database.read((reader) => Number(reader.get(select, job)?.["checkpoint"]));
  }

  /** Calls of a job that are recorded up to its last effect: those that its next attempt replays. */
  recordedCalls(job: JobId): number {
    const consumed = this.database.read((reader) =>
      Number(reader.get("SELECT consumed FROM jobs WHERE id = ?", job)?.["consumed"]),
    );
    const rows = [this.database, this.hostDatabase].flatMap((database) =>
      database.read((reader) =>
        reader.all("SELECT number, effect FROM job_records WHERE job_id = ? AND number > ?", job, consumed),
      ),
    );
    const last = Math.max(0, ...rows.filter((row) => row["effect"] === 1).map((row) => Number(row["number"])));
    return new Set(rows.map((row) => Number(row["number"])).filter((number) => number <= last)).size;
  }

  lines(database: SqliteDatabase, name: string): string[] {
    return database.read((reader) =>
      reader.all("SELECT text FROM lines WHERE name = ? ORDER BY rowid", name).map((row) => String(row["text"])),
    );
  }

  /** How many records there are of a job. */
  records(database: SqliteDatabase, job: JobId): number {
    const count = "SELECT count(*) AS n FROM job_records WHERE job_id = ?";
    return database.read((reader) => Number(reader.get(count, job)?.["n"]));
  }

  /** Ends what runs. */
  async rest(): Promise<void> {
    const closed = this.manager.close();
    let over = false;
    void closed.finally(() => (over = true)).catch(() => {});
    while (!over) {
      this.clock.advance(60_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await closed.catch(() => {});
  }

  /** Ends what is left of it, also of a dead one. */
  async close(): Promise<void> {
    await this.rest();
    for (const database of [this.database, this.hostDatabase]) await database.close().catch(() => {});
  }

  async #reach(moment: string): Promise<void> {
    this.#reachNow(moment);
    const hold = this.#options.watch.hold(this);
    if (hold !== null) await hold;
  }

  /** @throws Dead where the host is, or has just been killed. */
  #reachNow(moment: string): void {
    this.happened(moment);
    if (!this.alive) throw new Dead();
  }

  happened(moment: string): void {
    if (!this.alive) return;
    this.moments++;
    this.#options.watch.moment(this, moment);
  }

  #before(step: StoreStep): StoreFault | null {
    this.happened(`before ${step.operation}`);
    if (this.alive) {
      const fault = this.#options.watch.fault(step);
      if (fault === null && isElsewhere(step)) this.waiting++;
      return fault;
    }
    return step.operation === "close" ? null : "io-error";
  }

  #after(step: StoreStep): void {
    if (isElsewhere(step)) this.waiting--;
    const { keepsSynced } = this.#options;
    if (step.operation === "sync" && keepsSynced && this.alive) {
      this.#synced.set(step.path, readIfThere(`${step.path}-wal`));
    }
    this.happened(`after ${step.operation}`);
  }

  /** Of what was written since the last sync, the disk may have got any part. The databases themselves were not written. */
  #torn(disk: Disk): Pick<Disk, "library.db-wal" | "host.db-wal"> {
    const { world } = this.#options;
    const tear = (name: "library.db-wal" | "host.db-wal"): Buffer | null => {
      const now = disk[name];
      const old = this.#synced.get(join(this.folder, name.slice(0, -"-wal".length)));
      if (now === null || old === undefined) return now;
      const longer = old.length < now.length && world.random() < 0.5 ? now : old;
      const torn = Buffer.from(longer);
      for (let at = 0; at < torn.length; at += PAGE) {
        const from = world.random() < 0.5 ? now : old;
        if (at < from.length) from.copy(torn, at, at, Math.min(at + PAGE, from.length));
      }
      // SQLite syncs a new header before it writes a frame below it.
      now.copy(torn, 0, 0, Math.min(WAL_HEADER, torn.length));
      return torn;
    };
    return { "library.db-wal": tear("library.db-wal"), "host.db-wal": tear("host.db-wal") };
  }
}

/** True for what another thread does. */
function isElsewhere({ operation }: StoreStep): boolean {
  return operation === "sync" || operation === "checkpoint";
}

function readIfThere(path: string): Buffer {
  return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
}
