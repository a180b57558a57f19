import {
  createLibraryId,
  createWire,
  isSpacedriveError,
  type JobId,
  type LibraryId,
  SpacedriveError,
} from "@spacedrive/wire";
import {
  type JobInfo,
  JobManager,
  type JobOutcome,
  type JobStore,
  MemoryJobStore,
  SqliteDatabase,
  SqliteJobStore,
} from "../../src/index.js";
import { ManualClock } from "../manual-clock.js";
import { type ScriptedAttempt, ScriptedJob } from "../scripted-job.js";
import { temporaryFolder } from "../temporary-folder.js";
import { BACKOFF_MS, MAX_RUNNING, type Order, type Outcome, RETRY_LIMIT, SLEEP_MS } from "./job-model.js";

/** Where jobs lie, beyond the life of a host. */
export interface ModelDisk extends AsyncDisposable {
  /** What a new host finds there, also while the one before has not closed: that one was killed. */
  open(library: LibraryId): { readonly store: JobStore; readonly close: () => Promise<void> };
}

/** The files of a database. */
export async function openFiles(): Promise<ModelDisk> {
  const folder = await temporaryFolder();
  return {
    open(library) {
      const database = SqliteDatabase.open(folder.file("library.db"), { durability: "relaxed" });
      return { store: new SqliteJobStore(database, library), close: () => database.close() };
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** A store of this process. */
export async function openMemory(): Promise<ModelDisk> {
  const store = new MemoryJobStore();
  return { open: () => ({ store, close: async () => {} }), [Symbol.asyncDispose]: async () => {} };
}

/** An order that was given, and what became of it. */
export interface GivenOrder {
  readonly id: JobId;
  outcome: { readonly info: JobInfo } | { readonly code: string } | null;
}

const OUTCOMES: Readonly<Record<Outcome, JobOutcome>> = {
  completed: { kind: "completed" },
  failed: { kind: "failed", error: new SpacedriveError("JOB_FAILED", "it did not work") },
  trapped: { kind: "failed", error: new SpacedriveError("GUEST_TRAPPED", "unreachable") },
  interrupted: { kind: "interrupted" },
  sleeps: { kind: "suspended", state: "1", until: { afterMs: SLEEP_MS } },
  "awaits children": { kind: "suspended", state: "2", until: { children: "ended" } },
  "awaits event": { kind: "suspended", state: "3", until: { event: "test.rang" } },
};

interface Life {
  readonly clock: ManualClock;
  readonly manager: JobManager;
  readonly close: () => Promise<void>;
}

/** A real manager on a real store, which dies and comes again; the test ends its jobs' attempts. */
export class ModelHost implements AsyncDisposable {
  readonly ids: JobId[] = [];
  /** Those not yet answered. */
  pending: GivenOrder[] = [];
  readonly #disk: ModelDisk;
  readonly #library = createLibraryId();
  readonly #attempts = new Map<JobId, ScriptedAttempt>();
  readonly #dead: Life[] = [];
  #scripts: ScriptedJob[] = [];
  #life: Life;
  #store: JobStore | null = null;
  #unregister: () => Promise<void> = async () => {};

  private constructor(disk: ModelDisk) {
    this.#disk = disk;
    this.#life = this.#prepare(1_000_000);
  }

  static async open(disk: ModelDisk): Promise<ModelHost> {
    const host = new ModelHost(disk);
    await host.#attach();
    return host;
  }

  #prepare(now: number): Life {
    const clock = new ManualClock(now);
    const opened = this.#disk.open(this.#library);
    this.#store = opened.store;
    const wire = createWire([], { clock, libraries: { has: (id) => id === this.#library } });
    const manager = new JobManager({
      wire,
      maxRunning: MAX_RUNNING,
      retryLimit: RETRY_LIMIT,
      // Half of it is left to chance.
      retryBackoffMs: 2 * BACKOFF_MS,
      random: () => 0,
      // Jobs end when the test says so.
      interruptDeadlineMs: 1e9,
      shutdownMs: 1e9,
    });
    return { clock, manager, close: opened.close };
  }

  async #attach(): Promise<void> {
    this.#scripts = [];
    this.#register();
    if (this.#store !== null) await this.#life.manager.attach(this.#library, this.#store);
  }

  #register(): void {
    const script = new ScriptedJob();
    const registration = this.#life.manager.register("test.job", script);
    this.#scripts.push(script);
    this.#unregister = () => registration.unregister();
  }

  /** The jobs as they are now, in the order of their dispatch. */
  async jobs(): Promise<(JobInfo | undefined)[]> {
    const all = new Map((await this.#life.manager.list({ limit: 100 })).map((job) => [job.id, job]));
    return this.ids.map((id) => all.get(id));
  }

  async dispatch(parent: number | null, priority: number): Promise<JobId> {
    const options = { library: this.#library, parent: parent === null ? null : (this.ids[parent] ?? null), priority };
    const { id } = await this.#life.manager.dispatch("test.job", 0, options);
    this.ids.push(id);
    return id;
  }

  give(order: Order, id: JobId): GivenOrder {
    const given: GivenOrder = { id, outcome: null };
    this.#life.manager[order](id).then(
      (info) => (given.outcome = { info }),
      (error: unknown) => (given.outcome = { code: isSpacedriveError(error) ? error.code : String(error) }),
    );
    return given;
  }

  /** True where the code of a job's attempt has begun. */
  async hasBegun(id: JobId, number: number): Promise<boolean> {
    for (const script of this.#scripts) {
      while (script.begun > 0) {
        const attempt = await script.next();
        this.#attempts.set(attempt.context.id, attempt);
      }
    }
    return this.#attempts.get(id)?.context.attempt === number;
  }

  /** The attempt of a job that runs, once its code has begun. */
  async attemptOf(id: JobId, number: number): Promise<ScriptedAttempt> {
    await this.until(async () =>
      (await this.hasBegun(id, number)) ? null : `attempt ${number} of ${id} has not begun`,
    );
    const attempt = this.#attempts.get(id);
    if (attempt === undefined) throw new Error("until has waited for it");
    return attempt;
  }

  async end(id: JobId, number: number, outcome: Outcome): Promise<void> {
    (await this.attemptOf(id, number)).end(OUTCOMES[outcome]);
  }

  emit(): Promise<unknown> {
    return this.#life.manager.events.emit("test.rang", { library: this.#library });
  }

  advance(byMs: number): void {
    this.#life.clock.advance(byMs);
  }

  reload(): void {
    void this.#unregister();
    this.#register();
  }

  async restart(): Promise<void> {
    for (const job of await this.jobs()) if (job?.status === "running") await this.attemptOf(job.id, job.attempt);
    const { manager, clock, close } = this.#life;
    const closed = manager.close();
    for (const attempt of this.#attempts.values()) attempt.end(OUTCOMES.interrupted);
    await closed;
    await close();
    await this.#comeBack(clock.now());
  }

  async kill(): Promise<void> {
    this.#dead.push(this.#life);
    await this.#comeBack(this.#life.clock.now());
  }

  async #comeBack(now: number): Promise<void> {
    this.#attempts.clear();
    this.pending = [];
    this.#life = this.#prepare(now);
    await this.#attach();
  }

  /** Lets everything that is ready happen until the test finds no fault; with what it finds at last it fails. */
  async until(faultNow: () => Promise<string | null> | string | null): Promise<void> {
    const deadline = performance.now() + 5_000;
    for (;;) {
      const fault = await faultNow();
      if (fault === null) return;
      if (performance.now() > deadline) throw new Error(fault);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { manager, clock, close } of [this.#life, ...this.#dead]) {
      const closed = manager.close();
      // Nothing is waited for, neither what runs nor what was left running.
      clock.advance(2e9);
      await closed;
      await close();
    }
    await this.#disk[Symbol.asyncDispose]();
  }
}
