import { join } from "node:path";
import {
  createLibraryId,
  createWire,
  defineAction,
  defineQuery,
  type LibraryDirectory,
  type LibraryId,
  type Operation,
  type Wire,
} from "@spacedrive/wire";
import { z } from "zod";
import {
  JobManager,
  type JobManagerOptions,
  jobOperations,
  type NativeJob,
  SqliteDatabase,
  type SqliteDatabaseOptions,
  SqliteHostRecords,
  SqliteJobStore,
} from "../src/index.js";
import { ManualClock } from "./manual-clock.js";
import { ScriptedJob } from "./scripted-job.js";
import { temporaryFolder } from "./temporary-folder.js";

/** What outlives a host: the disk, and the world outside. */
export interface World {
  readonly folder: string;
  readonly library: LibraryId;
  /** Keys with which something outside was reached. */
  readonly sent: { push(key: string): unknown };
  /** What is there to be read; a test changes it behind the job's back. */
  value: string;
  /** Bytes of padding that reading answers. */
  padding: number;
}

/** A host on two real databases, with operations of each kind and a job whose calls the test makes. */
export interface JournalHost extends AsyncDisposable {
  readonly world: World;
  readonly wire: Wire;
  readonly manager: JobManager;
  readonly clock: ManualClock;
  readonly script: ScriptedJob;
  readonly store: SqliteJobStore;
  readonly database: SqliteDatabase;
  readonly hostDatabase: SqliteDatabase;
  /** Operations that ran, as often as they did; not those that were answered from the journal. */
  readonly ran: string[];
  /** What the actions have left, in the library and then in the host's database. */
  effects(): string[];
}

export const APPEND = "action:test.append";
export const APPEND_HOST = "action:test.append_host";
export const READ = "query:test.read";
export const SEND = "action:test.send";
export const OUTER = "action:test.outer";

/** A world in a temporary folder. */
export async function createWorld(): Promise<World & AsyncDisposable & { readonly sent: string[] }> {
  const folder = await temporaryFolder();
  return {
    folder: folder.file("."),
    library: createLibraryId(),
    sent: [],
    value: "first",
    padding: 0,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

interface JournalHostOptions extends Partial<Omit<JobManagerOptions, "wire" | "clock">> {
  readonly operations?: readonly Operation[];
  /** Of the job's type; then its calls need a gate. */
  readonly extension?: string;
  /** Runs beside the scripted job. */
  readonly job?: NativeJob;
  /** Stands before, in and behind every transaction. */
  readonly onTransaction?: (kind: TransactionKind, moment: Moment) => void;
  /** How the library's database is opened. Default: relaxed. */
  readonly libraryStore?: SqliteDatabaseOptions;
  /** As that, of the host's. */
  readonly hostStore?: SqliteDatabaseOptions;
}

/** What a transaction is for: an action's effect, a checkpoint, or the job's own steps. */
export type TransactionKind = "action" | "checkpoint" | "step";
export type Moment = "before" | "inside" | "after";

/** Has every transaction of these databases seen. `kind` is asked as each begins. */
function watchTransactions(
  databases: readonly SqliteDatabase[],
  kind: () => TransactionKind,
  see: (kind: TransactionKind, moment: Moment) => void,
): void {
  for (const database of databases) {
    const run = database.transaction.bind(database);
    database.transaction = async (work) => {
      const now = kind();
      see(now, "before");
      const value = await run((tx) => {
        const answer = work(tx);
        see(now, "inside");
        return answer;
      });
      see(now, "after");
      return value;
    };
  }
}

/** Starts a host on what is there. Starting another one while one lives is as if that one had been killed. */
export async function startHost(world: World, options: JournalHostOptions = {}): Promise<JournalHost> {
  const { operations = [], extension = null, job, onTransaction, libraryStore, hostStore, ...limits } = options;
  // Hosts die here by being left alone, not by losing power: what is answered before its sync keeps tests in step.
  const relaxed = { durability: "relaxed" } as const;
  const database = SqliteDatabase.open(join(world.folder, "library.db"), libraryStore ?? relaxed);
  const hostDatabase = SqliteDatabase.open(join(world.folder, "host.db"), hostStore ?? relaxed);
  for (const each of [database, hostDatabase]) {
    each.migrate("test", [{ name: "create effects", sql: "CREATE TABLE effects (text TEXT NOT NULL) STRICT" }]);
  }
  let kind: TransactionKind = "step";
  const as = <T>(next: TransactionKind, begin: () => Promise<T>): Promise<T> => {
    kind = next;
    const begun = begin();
    kind = "step";
    return begun;
  };
  const libraries: LibraryDirectory = {
    has: (id) => id === world.library,
    transaction: (id, work) => as("action", () => (id === null ? hostDatabase : database).transaction(work)),
  };
  const clock = new ManualClock();
  const ran: string[] = [];
  const wire = createWire([...testOperations(world, ran, () => wire), ...operations], { libraries, clock });
  const manager = new JobManager({ hostRecords: new SqliteHostRecords(hostDatabase), ...limits, wire });
  for (const operation of jobOperations(manager)) wire.register(operation);
  const script = new ScriptedJob({ extension });
  manager.register(extension === null ? "test.job" : `${extension}:job`, script);
  if (job !== undefined) manager.register(job);
  const store = new SqliteJobStore(database, world.library);
  const checkpoint = store.checkpoint.bind(store);
  store.checkpoint = (...given) => as("checkpoint", () => checkpoint(...given));
  if (onTransaction !== undefined) watchTransactions([database, hostDatabase], () => kind, onTransaction);
  await manager.attach(world.library, store);
  return {
    world,
    wire,
    manager,
    clock,
    script,
    store,
    database,
    hostDatabase,
    ran,
    effects: () =>
      [database, hostDatabase].flatMap((each) =>
        each.read((reader) => reader.all("SELECT text FROM effects ORDER BY rowid").map((row) => String(row.text))),
      ),
    async [Symbol.asyncDispose]() {
      const closed = manager.close();
      clock.advance(60_000);
      await closed;
      await database.close();
      await hostDatabase.close();
    },
  };
}

function testOperations(world: World, ran: string[], wire: () => Wire): Operation[] {
  const text = z.object({ text: z.string() });
  const append = (name: string, scope: "library" | "host"): Operation =>
    defineAction({
      name,
      scope,
      input: text,
      output: z.object({ row: z.int() }),
      prepare: (_ctx, input) => input.text,
      commit(tx, line) {
        ran.push(`${name} ${line}`);
        tx.run("INSERT INTO effects VALUES (?)", line);
        return { row: Number(tx.get("SELECT count(*) AS rows FROM effects")?.rows) };
      },
    });
  return [
    append("test.append", "library"),
    append("test.append_host", "host"),
    defineQuery({
      name: "test.read",
      scope: "library",
      input: z.object({ what: z.string().optional() }),
      output: z.object({ value: z.string(), padding: z.string() }),
      run(_ctx, { what = "" }) {
        ran.push(`test.read ${what}`);
        return { value: world.value, padding: "x".repeat(world.padding) };
      },
    }),
    defineAction({
      name: "test.send",
      scope: "host",
      input: text,
      output: z.object({ key: z.string() }),
      run(ctx, input) {
        ran.push(`test.send ${input.text}`);
        world.sent.push(ctx.idempotencyKey);
        return { key: ctx.idempotencyKey };
      },
    }),
    // As an extension's action: it makes calls of its own, on behalf of its caller's job.
    defineAction({
      name: "test.outer",
      scope: "library",
      input: z.object({ lines: z.array(z.string()), fails: z.boolean().optional(), blind: z.boolean().optional() }),
      output: z.object({ rows: z.array(z.unknown()) }),
      async run(ctx, { lines, fails = false, blind = false }) {
        ran.push(`test.outer ${lines.join()}`);
        const { caller, library, signal, recorder } = ctx;
        const rows: unknown[] = [];
        for (const line of lines) {
          if (!blind) rows.push(await wire().call(READ, { what: line }, { caller, library, signal, recorder }));
          rows.push(await wire().call(APPEND, { text: line }, { caller, library, signal, recorder }));
        }
        if (fails) throw new Error("the outer call fails after its inner ones");
        return { rows };
      },
    }),
  ];
}
