import { isSpacedriveError, type JobId, SpacedriveError } from "@spacedrive/wire";
import type { JobContext, JobOutcome, StoreFault, StoreStep } from "../../src/index.js";
import type { Case, Cut } from "./arbitraries.js";
import { isStoreCode, programStateOf, runAttempt } from "./attempt.js";
import { FuzzHost, type HostWatch, type JobRow } from "./fuzz-host.js";
import { HELD_MS } from "./fuzz-operations.js";
import type { Answer, Call, Program, ProgramState } from "./program.js";
import { createWorld, type Disk, JOB_TYPE, readDisk, type World } from "./world.js";

/** What an attempt did and was told. */
export interface Told {
  readonly name: string;
  readonly attempt: number;
  /** The number of the checkpoint that it began from. */
  readonly checkpoint: number;
  /** What it was told, and its job before it. */
  readonly answers: Answer[];
  readonly events: AttemptEvent[];
}

export type AttemptEvent =
  | { readonly kind: "began"; readonly call: Call }
  | { readonly kind: "answered"; readonly call: Call; readonly answer: Answer }
  /** A checkpoint was acknowledged. */
  | { readonly kind: "saved" };

/** Past the deadline of a pause; and past what is left to an attempt then. */
const PAST_MS = 10_000;
const GIVEN_UP_MS = 11_000;
/** The longest wait of an attempt that runs: for a store that refused it. */
const STORE_RETRY_MS = 1_000;
/** Turns of the loop, and real time, in which nothing has happened, before the clock is moved. */
const STILL_TURNS = 30;
const STILL_MS = 3;
const STUCK_MS = 15_000;

const IN_TRANSACTION = /^(?:(?:before|after) (?:begin|work|commit)|commit)$/;

/** A case while it goes on: programs run, are cut, and are run again until they have ended. */
export class CutRun implements HostWatch {
  readonly world: World;
  readonly told: Told[] = [];
  /** Promises that were broken on the way. */
  readonly broken: string[] = [];
  /** For people: what happened. */
  readonly trail: string[] = [];
  /** Those that the host that lives knows of, by the names of their programs. */
  readonly jobs = new Map<string, JobId>();
  /** Those that were said to be cancelled. */
  readonly cancelled = new Set<string>();
  readonly #dispatched = new Set<string>();
  readonly #case: Case;
  readonly #saved = new Map<string, ProgramState>();
  readonly #traps = new Map<string, SpacedriveError>();
  readonly #toRetry = new Set<string>();
  readonly #buried: Promise<void>[] = [];
  readonly #cuts: Cut[];
  #countdown: number;
  #host: FuzzHost | null = null;
  /** What the death of the host left. */
  #left: Disk | null = null;
  #restarting = false;
  #fault: Extract<Cut["what"], { kind: "fault" }> | null = null;
  #holdsNext = false;
  #hold: PromiseWithResolvers<void> | null = null;

  constructor(given: Case) {
    this.#case = given;
    this.world = createWorld(given.seed);
    this.#cuts = [...given.cuts];
    this.#countdown = given.cuts[0]?.after ?? 0;
  }

  /** Whether a disk fails in it. */
  get hasFaults(): boolean {
    return this.#case.cuts.some(({ what }) => what.kind === "fault");
  }

  programOf(name: string, attempt: number): Program {
    const versions = this.#case.programs[Number(name.slice(1))];
    const found = versions?.[(attempt - 1) % versions.length];
    if (found === undefined) throw new Error(`there is no program ${name}`);
    return found;
  }

  /** Runs until nothing is left to do, and answers the last host. */
  async run(disk: Disk, folder: { next(): string }): Promise<FuzzHost> {
    for (let found = disk; ; ) {
      const host = this.#open(folder.next(), found);
      const over = await this.#live(host);
      // What is left is not to be cut.
      this.#host = null;
      if (over) return host;
      this.#releaseHold();
      if (this.#left === null) {
        await host.close();
        found = readDisk(host.folder);
      } else {
        this.#buried.push(host.close());
        found = this.#left;
      }
    }
  }

  /** Resolves once nothing of the dead is left. */
  async buried(): Promise<void> {
    await Promise.all(this.#buried);
  }

  #open(folder: string, disk: Disk): FuzzHost {
    const { walLimitBytes, journalQuotaBytes, cuts } = this.#case;
    const keepsSynced = cuts.some(({ what }) => what.kind === "kill" && what.power);
    const host = new FuzzHost({
      world: this.world,
      watch: this,
      folder,
      disk,
      // What a loss of power leaves of a checkpoint is another test's.
      walLimitBytes: keepsSynced ? Number.MAX_SAFE_INTEGER : walLimitBytes,
      journalQuotaBytes,
      keepsSynced,
    });
    this.#host = host;
    this.jobs.clear();
    this.#left = null;
    this.#restarting = false;
    this.#fault = null;
    return host;
  }

  /** True where all is over; false where another host is to go on. */
  async #live(host: FuzzHost): Promise<boolean> {
    let begun = false;
    this.#begin(host).then(
      () => (begun = true),
      (error: unknown) => {
        if (host.alive && !this.#isRefusal(error)) this.#breaks(`a host did not start: ${String(error)}`);
        this.#restarting = true;
      },
    );
    let movedAt = performance.now();
    for (let still = 0, seen = 0, stillAt = movedAt; ; ) {
      await turn();
      if (!host.alive || this.#restarting) return false;
      if (begun && (await this.#settled(host))) {
        // From this moment on: a cut before whoever awaits this goes on would hit a host of which all is thought to be over.
        if (host.alive) this.#host = null;
        return host.alive;
      }
      const now = performance.now();
      if (host.moments !== seen) movedAt = now;
      if (now - movedAt > STUCK_MS) throw new Error(`nothing goes on: ${JSON.stringify(host.jobs())}`);
      still = host.moments === seen && host.waiting === 0 ? still + 1 : 0;
      if (still === 0) stillAt = now;
      seen = host.moments;
      if (still < STILL_TURNS || now - stillAt < STILL_MS) continue;
      still = 0;
      if (this.#hold !== null) this.#releaseHold();
      else this.#wait(host);
    }
  }

  /** Lets the time pass until the next timer; not that of a call that is under way. */
  #wait(host: FuzzHost): void {
    const { next } = host.clock;
    const runs = host.jobs().some(({ status }) => status === "running");
    if (next !== null && next <= (runs ? STORE_RETRY_MS : HELD_MS / 2)) host.clock.advance(next);
  }

  async #begin(host: FuzzHost): Promise<void> {
    await host.attach();
    for (const { id, state } of await host.manager.list({ type: JOB_TYPE })) {
      this.jobs.set(programStateOf(state).name, id);
    }
    for (const index of this.#case.programs.keys()) {
      const name = `p${index}`;
      if (this.jobs.has(name)) continue;
      if (this.#dispatched.has(name)) this.#breaks(`${name} was dispatched, and its job is not there`);
      const state: ProgramState = { name, at: 0, answers: [] };
      const job = await host.manager.dispatch(JOB_TYPE, state, { library: this.world.library });
      // Who is dead is told nothing any more.
      if (!host.alive) return;
      this.jobs.set(name, job.id);
      this.#dispatched.add(name);
    }
  }

  /** Gives the jobs that rest what they wait for from outside. True: nothing more comes. */
  async #settled(host: FuzzHost): Promise<boolean> {
    const jobs = host.jobs();
    const over = jobs.map((job) => this.#settle(host, job));
    if (over.includes(false)) return false;
    await host.database.durable().catch(() => {});
    return true;
  }

  #settle(host: FuzzHost, { id, status }: JobRow): boolean {
    const name = [...this.jobs].find(([, job]) => job === id)?.[0] ?? "";
    switch (status) {
      case "completed":
      case "cancelled":
        return true;
      case "failed":
        if (!this.#toRetry.has(name)) return true;
        // It may be that its end is stored, and not yet durable: then it is ordered again.
        this.#order(async () => {
          await host.manager.retry(id);
          if (host.alive) this.#toRetry.delete(name);
        });
        return false;
      case "paused":
        this.#order(() => host.manager.resume(id));
        return false;
      default:
        return false;
    }
  }

  moment(host: FuzzHost, moment: string): void {
    const [cut] = this.#cuts;
    if (cut === undefined || host !== this.#host || this.#restarting) return;
    if (this.#countdown-- > 0) return;
    this.#cuts.shift();
    this.#countdown = this.#cuts[0]?.after ?? 0;
    this.trail.push(`${JSON.stringify(cut.what)} at ${moment}`);
    // Inside a transaction nobody gives orders and no time passes: there only death comes.
    if (cut.what.kind === "kill" || !IN_TRANSACTION.test(moment)) this.#cut(host, cut);
    else queueMicrotask(() => host.alive && host === this.#host && this.#cut(host, cut));
  }

  fault({ operation }: StoreStep): StoreFault | null {
    const planned = this.#fault;
    if (planned?.operation !== operation) return null;
    this.#fault = null;
    return planned.fault;
  }

  hold(): Promise<void> | null {
    if (!this.#holdsNext) return null;
    this.#holdsNext = false;
    this.#hold ??= Promise.withResolvers<void>();
    return this.#hold.promise;
  }

  attempt(host: FuzzHost, context: JobContext, text: string | null): Promise<JobOutcome> {
    const state = programStateOf(text);
    const { name } = state;
    const answers = [...state.answers];
    const events: AttemptEvent[] = [];
    if (host.alive && host === this.#host) {
      this.jobs.set(name, context.id);
      this.told.push({ name, attempt: context.attempt, checkpoint: host.checkpointOf(context.id), answers, events });
      this.trail.push(`${name}: attempt ${context.attempt} from step ${state.at}`);
      const saved = this.#saved.get(name);
      if (saved !== undefined && (state.at < saved.at || state.answers.length < saved.answers.length)) {
        this.#breaks(`${name}: attempt ${context.attempt} begins before a checkpoint that was acknowledged`);
      }
      // What was held in the attempt before goes on while this one runs.
      if (this.#hold !== null) setImmediate(() => this.#releaseHold());
    }
    return runAttempt(this.programOf(name, context.attempt), state, host, context, {
      began: (call) => events.push({ kind: "began", call }),
      answered: (answer, call) => {
        answers.push(answer);
        events.push({ kind: "answered", call, answer });
      },
      saved: (made) => {
        this.#saved.set(name, made);
        events.push({ kind: "saved" });
      },
      broken: (promise) => this.#breaks(promise),
      trap: () => this.#trap(name),
    });
  }

  #trap(name: string): SpacedriveError | null {
    const trap = this.#traps.get(name) ?? null;
    this.#traps.delete(name);
    if (trap !== null && !trap.retryable && trap.code !== "GUEST_TRAPPED") this.#toRetry.add(name);
    return trap;
  }

  #cut(host: FuzzHost, { program, what }: Cut): void {
    const name = `p${program % this.#case.programs.length}`;
    const job = this.jobs.get(name);
    const order = (what: "pause" | "resume"): void => {
      if (job !== undefined) this.#order(() => host.manager[what](job));
    };
    switch (what.kind) {
      case "kill":
        this.#left = host.kill(what.power);
        break;
      case "pause":
        order("pause");
        if (what.past) host.clock.advance(PAST_MS);
        break;
      case "pause_resume":
        order("pause");
        order("resume");
        break;
      case "stall":
        this.#holdsNext = true;
        order("pause");
        host.clock.advance(GIVEN_UP_MS);
        break;
      case "cancel":
        if (job === undefined) break;
        this.#order(async () => {
          const { status } = await host.manager.cancel(job);
          if (host.alive && status === "cancelled") this.cancelled.add(name);
        });
        break;
      case "reload":
        host.reload();
        if (what.past) host.clock.advance(PAST_MS);
        break;
      case "restart":
        this.#restarting = true;
        break;
      case "trap":
        this.#traps.set(name, new SpacedriveError(what.retried ? "OPERATION_FAILED" : "GUEST_TRAPPED", "a trap"));
        break;
      case "clock":
        host.clock.set(what.byMs);
        break;
      case "fault":
        this.#fault = what;
        break;
      default:
        what satisfies never;
    }
  }

  #order(give: () => Promise<unknown>): void {
    const host = this.#host;
    give().catch((error: unknown) => {
      if (host?.alive === true && !this.#isRefusal(error)) this.#breaks(`an order was refused: ${String(error)}`);
    });
  }

  /** An order that comes too late, or that a failing disk refuses. */
  #isRefusal(error: unknown): boolean {
    if (!isSpacedriveError(error)) return false;
    return error.code === "INVALID_TRANSITION" || error.code === "CLOSED" || isStoreCode(error.code);
  }

  #releaseHold(): void {
    this.#holdsNext = false;
    this.#hold?.resolve();
    this.#hold = null;
  }

  #breaks(promise: string): void {
    this.broken.push(promise);
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
