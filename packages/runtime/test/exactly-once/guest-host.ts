import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type JobInfo,
  JobManager,
  jobOperations,
  SqliteDatabase,
  SqliteHostRecords,
  SqliteJobStore,
  type StoreStep,
} from "@spacedrive/jobs";
import {
  createWire,
  defineAction,
  defineQuery,
  type JobId,
  type LibraryId,
  type Operation,
  SpacedriveError,
  systemClock,
} from "@spacedrive/wire";
import { VirtualClock } from "@spacedrive/wire/testing";
import { z } from "zod";
import { grantWhatManifestAsks, type GuestEngine, PluginManager } from "../../src/index.js";

/** What outlives a host. */
export interface GuestWorld {
  readonly library: LibraryId;
  /** The folder of the extensions. */
  readonly extensions: string;
  readonly engine: GuestEngine;
  /** What has reached the outside, and under which key. */
  readonly sent: string[];
  /** Something happens in a host that lives. It may be dead when this returns. */
  moment(host: GuestHost, moment: string): void;
}

/** The files that a host leaves, by their names. */
export type Left = ReadonlyMap<string, Buffer>;

const FILES = ["library.db", "library.db-wal", "host.db", "host.db-wal"];

/** A real host with real guests, every moment of whose databases is seen, and at each of which it can be killed. */
export class GuestHost {
  alive = true;
  /** Moments so far. */
  moments = 0;
  /** What another thread does for its databases. */
  waiting = 0;
  readonly clock = new VirtualClock();
  readonly jobs: JobManager;
  readonly plugins: PluginManager;
  readonly #folder: string;
  readonly #world: GuestWorld;
  readonly #database: SqliteDatabase;
  readonly #hostDatabase: SqliteDatabase;

  constructor(world: GuestWorld, folder: string, left: Left) {
    this.#world = world;
    this.#folder = folder;
    mkdirSync(folder);
    for (const [name, bytes] of left) writeFileSync(join(folder, name), bytes);
    const faults = {
      before: (step: StoreStep): "io-error" | null => {
        this.#happened(`before ${step.operation}`);
        if (!this.alive) return step.operation === "close" ? null : "io-error";
        if (isElsewhere(step)) this.waiting++;
        return null;
      },
      after: (step: StoreStep): void => {
        if (isElsewhere(step)) this.waiting--;
        this.#happened(`after ${step.operation}`);
      },
    };
    this.#database = SqliteDatabase.open(join(folder, "library.db"), { faults });
    this.#hostDatabase = SqliteDatabase.open(join(folder, "host.db"), { faults });
    this.#database.migrate("test", [{ name: "create lines", sql: "CREATE TABLE lines (line TEXT NOT NULL) STRICT" }]);
    const wire = createWire(this.#operations(), {
      clock: this.clock,
      libraries: {
        has: (id) => id === world.library,
        transaction: (id, work) => (id === null ? this.#hostDatabase : this.#database).transaction(work),
      },
    });
    this.jobs = new JobManager({
      wire,
      hostRecords: new SqliteHostRecords(this.#hostDatabase),
      retryLimit: 1_000,
      random: () => 0.5,
    });
    for (const operation of jobOperations(this.jobs)) wire.register(operation);
    const { extensions: dir, engine } = world;
    // Guests live in real time.
    const grants = grantWhatManifestAsks();
    this.plugins = new PluginManager({ dir, engine, wire, jobs: this.jobs, grants, clock: systemClock });
  }

  async start(): Promise<void> {
    await this.plugins.load("ledger");
    await this.plugins.load("program");
    await this.jobs.attach(this.#world.library, new SqliteJobStore(this.#database, this.#world.library));
  }

  lines(): string[] {
    return this.#database.read((reader) => reader.all("SELECT line FROM lines").map(({ line }) => String(line)));
  }

  /** Records of calls that are left of a job. */
  records(id: JobId): number {
    return this.#database.read((reader) =>
      Number(reader.get("SELECT count(*) AS n FROM job_records WHERE job_id = ?", id)?.["n"]),
    );
  }

  /** How the job stands in the database. */
  status(id: JobId): JobInfo["status"] {
    const row = this.#database.read((reader) => reader.get("SELECT status FROM jobs WHERE id = ?", id));
    // Proof: the store writes statuses there.
    return String(row?.["status"]) as JobInfo["status"];
  }

  /** The process is gone. The locks of the databases are lost by it: nothing more may come of this host. */
  kill(): Left {
    this.alive = false;
    return this.left();
  }

  left(): Left {
    const there = FILES.filter((name) => existsSync(join(this.#folder, name)));
    return new Map(there.map((name) => [name, readFileSync(join(this.#folder, name))]));
  }

  async close(): Promise<void> {
    let over = false;
    const closed = Promise.allSettled([this.plugins.close(), this.jobs.close()]).finally(() => (over = true));
    while (!over) {
      this.clock.advance(60_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await closed;
    for (const database of [this.#database, this.#hostDatabase]) await database.close().catch(() => {});
  }

  #happened(moment: string): void {
    if (!this.alive) return;
    this.moments++;
    this.#world.moment(this, moment);
  }

  #reach(moment: string): void {
    this.#happened(moment);
    if (!this.alive) throw new SpacedriveError("CLOSED", "dead");
  }

  #operations(): Operation[] {
    const input = z.object({ message: z.string() });
    const row = z.object({ row: z.int() });
    const timeoutMs = 1e12;
    return [
      defineAction({
        name: "test.append",
        scope: "library",
        timeoutMs,
        input,
        output: row,
        prepare: async (_ctx, { message }) => {
          this.#reach("prepare");
          return message;
        },
        commit(tx, message) {
          tx.run("INSERT INTO lines VALUES (?)", message);
          return { row: Number(tx.get("SELECT count(*) AS n FROM lines")?.["n"]) };
        },
        committed: async () => this.#reach("committed"),
      }),
      defineAction({
        name: "test.reject",
        scope: "library",
        timeoutMs,
        input,
        output: row,
        prepare: (_ctx, { message }) => message,
        commit(tx, message) {
          tx.run("INSERT INTO lines VALUES (?)", message);
          throw new SpacedriveError("OPERATION_FAILED", "it changed its mind");
        },
      }),
      defineAction({
        name: "test.send",
        scope: "host",
        timeoutMs,
        input,
        output: z.object({}),
        run: async ({ idempotencyKey }, { message }) => {
          this.#reach("run");
          this.#world.sent.push(`${message} ${idempotencyKey}`);
          this.#reach("ran");
          return {};
        },
      }),
      defineQuery({
        name: "test.count",
        scope: "library",
        timeoutMs,
        input: z.object({}),
        output: z.object({ lines: z.int() }),
        run: () => ({ lines: this.lines().length }),
      }),
    ];
  }
}

function isElsewhere({ operation }: StoreStep): boolean {
  return operation === "sync" || operation === "checkpoint";
}
