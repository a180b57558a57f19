import { join } from "node:path";
import type { JobInfo } from "@spacedrive/jobs";
import { isSpacedriveError, type JobId } from "@spacedrive/wire";
import { GuestHost, type GuestWorld, type Left } from "./guest-host.js";
import { type ProgramStep, programState } from "./program-guest.js";

export interface GuestCut {
  /** How many moments after the one before. */
  readonly after: number;
  /** `past`: with its deadline. */
  readonly what: "kill" | "pause" | "pause_past" | "pause_resume" | "reload" | "restart";
}

/** What a program leaves. */
export interface GuestTraces {
  readonly job: Pick<JobInfo, "status" | "result" | "progress" | "message" | "metrics" | "warnings" | "error">;
  readonly lines: readonly string[];
  /** What reached the outside, without how often. */
  readonly sent: readonly string[];
  /** Keys under which it did. */
  readonly keys: number;
  readonly records: number;
}

const JOB_TYPE = "program:work";
const PAST_MS = 11_000;
/** A job that rests has rested for so long, before the clock is moved. */
const STILL_MS = 3;
const STUCK_MS = 30_000;
const IN_TRANSACTION = /^(?:before|after) (?:begin|work|commit)$/;

/** Runs a program on real hosts, one after the other as the cuts end them, to its end. */
export class GuestRun {
  /** For people: what happened. */
  readonly trail: string[] = [];
  readonly #world: GuestWorld;
  readonly #steps: readonly ProgramStep[];
  readonly #cuts: GuestCut[];
  #countdown: number;
  #host: GuestHost | null = null;
  #left: Left | null = null;
  #restarting = false;
  #job: JobId | null = null;
  readonly #buried: Promise<void>[] = [];

  constructor(world: Omit<GuestWorld, "moment" | "sent">, steps: readonly ProgramStep[], cuts: readonly GuestCut[]) {
    this.#world = { ...world, sent: [], moment: (host, moment) => this.#moment(host, moment) };
    this.#steps = steps;
    this.#cuts = [...cuts];
    this.#countdown = cuts[0]?.after ?? 0;
  }

  async run(folder: string): Promise<GuestTraces> {
    let found: Left = new Map();
    for (let life = 1; ; life++) {
      const host = new GuestHost(this.#world, join(folder, `${life}`), found);
      this.#host = host;
      this.#left = null;
      this.#restarting = false;
      const traces = await this.#live(host);
      this.#host = null;
      this.#buried.push(host.close());
      if (this.#left !== null) found = this.#left;
      else {
        await this.#buried.at(-1);
        found = host.left();
      }
      if (traces === null) continue;
      await Promise.all(this.#buried);
      return traces;
    }
  }

  /** Null where another host is to go on. */
  async #live(host: GuestHost): Promise<GuestTraces | null> {
    const begun = this.#begin(host);
    let id: JobId | null = null;
    begun.then(
      (job) => (id = job),
      (error: unknown) => {
        if (host.alive && !this.#restarting) this.trail.push(`a host did not start: ${String(error)}`);
      },
    );
    let movedAt = performance.now();
    for (let seen = 0; ; ) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!host.alive || this.#restarting) return null;
      const traces = id === null ? null : await this.#settled(host, id);
      if (traces !== null) return traces;
      const now = performance.now();
      if (host.moments !== seen || host.waiting > 0) movedAt = now;
      seen = host.moments;
      if (now - movedAt > STUCK_MS) throw new Error(`nothing goes on: ${this.trail.join(", ")}`);
      // What runs goes on by itself, at its own pace.
      const rests = id !== null && host.status(id) !== "running";
      if (rests && now - movedAt > STILL_MS) host.clock.advance(host.clock.next ?? 0);
    }
  }

  async #begin(host: GuestHost): Promise<JobId> {
    await host.start();
    const [known] = await host.jobs.list({ type: JOB_TYPE });
    if (known !== undefined) {
      this.#job = known.id;
      return known.id;
    }
    const { library } = this.#world;
    const { id } = await host.jobs.dispatch(JOB_TYPE, programState(this.#steps), { library });
    this.#job = id;
    return id;
  }

  async #settled(host: GuestHost, id: JobId): Promise<GuestTraces | null> {
    const status = host.status(id);
    if (status === "paused") this.#order(() => host.jobs.resume(id));
    if (status !== "completed" && status !== "failed") return null;
    const stored = await (await host.jobs.get(id)).done();
    if (!host.alive) return null;
    const { result, progress, message, metrics, warnings, error } = stored;
    const sent = new Set(this.#world.sent);
    return {
      job: { status, result, progress, message, metrics, warnings, error },
      lines: host.lines(),
      sent: [...new Set([...sent].map((each) => each.slice(0, each.indexOf(" "))))],
      keys: sent.size,
      records: status === "completed" ? host.records(id) : 0,
    };
  }

  #moment(host: GuestHost, moment: string): void {
    const [cut] = this.#cuts;
    if (cut === undefined || host !== this.#host || this.#restarting || this.#countdown-- > 0) return;
    this.#cuts.shift();
    this.#countdown = this.#cuts[0]?.after ?? 0;
    this.trail.push(`${cut.what} at ${moment}`);
    // Inside a transaction nobody gives orders and no time passes: there only death comes.
    if (cut.what === "kill" || !IN_TRANSACTION.test(moment)) this.#cut(host, cut);
    else queueMicrotask(() => host.alive && host === this.#host && this.#cut(host, cut));
  }

  #cut(host: GuestHost, { what }: GuestCut): void {
    const id = this.#job;
    const pause = (): void => {
      if (id !== null) this.#order(() => host.jobs.pause(id));
    };
    switch (what) {
      case "kill":
        this.#left = host.kill();
        break;
      case "pause":
        pause();
        break;
      case "pause_past":
        pause();
        host.clock.advance(PAST_MS);
        break;
      case "pause_resume":
        pause();
        if (id !== null) this.#order(() => host.jobs.resume(id));
        break;
      case "reload":
        this.#order(() => host.plugins.reload("program"));
        break;
      case "restart":
        this.#restarting = true;
        break;
      default:
        what satisfies never;
    }
  }

  /** One that comes too late is refused. */
  #order(give: () => Promise<unknown>): void {
    const host = this.#host;
    give().catch((error: unknown) => {
      const late = isSpacedriveError(error) && LATE.includes(error.code);
      if (host !== null && host === this.#host && host.alive && !late)
        this.trail.push(`an order was refused: ${String(error)}`);
    });
  }
}

const LATE: readonly string[] = ["INVALID_TRANSITION", "CLOSED", "NOT_FOUND", "UNLOADED"];
