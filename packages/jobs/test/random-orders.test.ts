import { createLibraryId, isSpacedriveError, type JobId, SpacedriveError } from "@spacedrive/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type JobInfo, type JobOutcome, type JobRecord, MemoryJobStore } from "../src/index.js";
import { type JobHost, openJobHost } from "./job-host.js";
import { COMPLETED, FAILED, INTERRUPTED, type ScriptedAttempt, ScriptedJob } from "./scripted-job.js";
import { settled } from "./settled.js";

/** A host under random orders: what is running, what was ordered, and the handler that is registered now. */
class Chaos {
  store = new MemoryJobStore();
  readonly dead: JobHost[] = [];
  readonly library = createLibraryId();
  readonly jobs: JobId[] = [];
  readonly orders: Promise<JobInfo | number>[] = [];
  readonly unregistered: Promise<void>[] = [];
  attempts: ScriptedAttempt[] = [];
  #host: JobHost | null = null;
  #script = new ScriptedJob();
  #unregister: () => Promise<void> = async () => {};

  get host(): JobHost {
    if (this.#host === null) throw new Error("start it first");
    return this.#host;
  }

  async start(): Promise<void> {
    this.#host = await openJobHost({ store: this.store, library: this.library, maxRunning: 2 });
    this.register();
  }

  register(): void {
    const script = new ScriptedJob();
    this.#script = script;
    const registration = this.host.manager.register("test.job", script);
    this.#unregister = () => registration.unregister();
  }

  async dispatch(parent: JobId | null, deadlineMs: number | null): Promise<void> {
    if (this.jobs.length >= 5) return;
    const options = { library: this.library, parent, deadlineMs };
    this.jobs.push((await this.host.manager.dispatch("test.job", 0, options)).id);
  }

  /** What is running when a host dies is what its store says; the next one begins with that. */
  async kill(): Promise<void> {
    await this.collect();
    this.dead.push(this.host);
    this.attempts = [];
    const copy = new MemoryJobStore();
    for (const job of [...(await this.store.list({}, 100))].reverse()) await copy.insert(job);
    this.store = copy;
    await this.start();
  }

  async reload(): Promise<void> {
    await this.collect();
    this.unregistered.push(this.#unregister());
    this.register();
  }

  /** Lets everything that is ready happen, and takes what has begun. */
  async collect(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#script.begun > 0) this.attempts.push(await this.#script.next());
  }

  order(what: "pause" | "resume" | "cancel" | "retry", at: number): void {
    const id = this.jobs[at % this.jobs.length];
    if (id === undefined) return;
    const order = this.host.manager[what](id);
    order.catch(() => {});
    this.orders.push(order);
  }

  async restart(): Promise<void> {
    const closing = this.host[Symbol.asyncDispose]();
    await closing;
    this.attempts = [];
    await this.start();
  }
}

type Action = (chaos: Chaos) => Promise<void> | void;

const order = fc.tuple(fc.constantFrom("pause", "resume", "cancel", "retry"), fc.nat(5)).map<Action>(
  ([what, at]) =>
    (chaos) =>
      chaos.order(what, at),
);
const TRAPPED: JobOutcome = { kind: "failed", error: new SpacedriveError("GUEST_TRAPPED", "unreachable") };
const SLEEPING: JobOutcome = { kind: "suspended", state: "7", until: { afterMs: 5_000 } };
const WAITING: JobOutcome = { kind: "suspended", until: { children: "ended" } };
const LISTENING: JobOutcome = { kind: "suspended", state: "8", until: { event: "test.event", afterMs: 20_000 } };
const end = fc
  .constantFrom(COMPLETED, FAILED, INTERRUPTED, TRAPPED, SLEEPING, WAITING, LISTENING)
  .map<Action>((outcome) => async (chaos) => {
    await chaos.collect();
    chaos.attempts.shift()?.end(outcome);
  });
const checkpoint = fc.nat(9).map<Action>((state) => async (chaos) => {
  await chaos.collect();
  // A stale attempt is refused, and that is all that happens.
  await chaos.attempts[0]?.context.checkpoint(String(state)).catch(() => {});
});
const dispatch = fc.constant<Action>(async (chaos) => {
  await chaos.dispatch(null, null);
});
/** A child of a job, or a job with a deadline. */
const dispatchOther = fc.tuple(fc.nat(5), fc.boolean()).map<Action>(
  ([at, child]) =>
    (chaos) =>
      chaos.dispatch(child ? (chaos.jobs[at % Math.max(1, chaos.jobs.length)] ?? null) : null, child ? null : 30_000),
);
/** Sets the clock on or back, while no time passes. */
const setClock = fc
  .constantFrom(-3_600_000, -500, 3_600_000)
  .map<Action>((byMs) => (chaos) => chaos.host.clock.set(byMs));
const advance = fc.constantFrom(1_000, 10_000).map<Action>((byMs) => (chaos) => chaos.host.clock.advance(byMs));
const emit = fc.constant<Action>((chaos) => {
  // Its store knows of no event that an earlier one has seen: a copy is made of jobs alone.
  chaos.orders.push(chaos.host.manager.events.emit("test.event", { library: chaos.library }));
});
const reload = fc.constant<Action>((chaos) => chaos.reload());
const kill = fc.constant<Action>((chaos) => chaos.kill());
const restart = fc.constant<Action>((chaos) => chaos.restart());
const actions = fc.oneof(
  { weight: 6, arbitrary: order },
  { weight: 4, arbitrary: end },
  { weight: 3, arbitrary: dispatch },
  { weight: 2, arbitrary: dispatchOther },
  { weight: 1, arbitrary: setClock },
  { weight: 2, arbitrary: checkpoint },
  { weight: 2, arbitrary: advance },
  { weight: 1, arbitrary: emit },
  { weight: 1, arbitrary: reload },
  { weight: 1, arbitrary: restart },
  { weight: 1, arbitrary: kill },
);

/** Runs everything to where it comes by itself. */
async function settleAll(chaos: Chaos): Promise<void> {
  for (let round = 0; round < 12; round++) {
    await chaos.collect();
    for (const attempt of chaos.attempts.splice(0)) attempt.end(COMPLETED);
    await settled();
    chaos.host.clock.advance(60_000);
    await settled();
  }
}

/** What is wrong with a job once all that could happen has happened. */
function faultsOf(job: JobRecord, all: readonly JobRecord[]): string[] {
  const { status, wake, notBefore, deadline, endedAt } = job;
  const lives = all.some(({ parent, endedAt: ended }) => parent === job.id && ended === null);
  const faults = {
    "is on its way": status === "queued" || status === "running" || notBefore !== null,
    "waits for nothing": status === "suspended" && wake === null,
    // Only a child that somebody paused, or one that waits for such a child itself, is waited for so long.
    "was not woken": status === "suspended" && (wake?.condition.children !== "all" || !lives),
    "is to be woken and does not wait": wake !== null && status !== "suspended" && status !== "paused",
    "left its children behind": status === "cancelled" && lives,
    "outlived its deadline": deadline !== null && endedAt === null,
  };
  return Object.entries(faults).flatMap(([fault, is]) => (is ? [`${status} ${fault}`] : []));
}

test("whatever is ordered, every order settles, every job is where it can be, and none is lost", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(actions, { minLength: 5, maxLength: 40 }), async (sequence) => {
      const chaos = new Chaos();
      await chaos.start();
      for (const action of sequence) await action(chaos);
      // Time enough for every wait, and what is left running ends: then nothing waits but what is to be waited for.
      await settleAll(chaos);
      const left = await chaos.store.list({}, 100);
      expect(left.flatMap((job) => faultsOf(job, left))).toEqual([]);
      await chaos.host[Symbol.asyncDispose]();
      for (const host of chaos.dead) await host[Symbol.asyncDispose]();
      await Promise.all(chaos.unregistered);

      const refused = (await Promise.allSettled(chaos.orders)).flatMap((settled) =>
        settled.status === "rejected" ? [isSpacedriveError(settled.reason) ? settled.reason.code : settled.reason] : [],
      );
      expect(refused.filter((code) => code !== "INVALID_TRANSITION" && code !== "CLOSED")).toEqual([]);
      const stored = await chaos.store.list({}, 100);
      expect(stored.map(({ id }) => id).sort()).toEqual([...chaos.jobs].sort());
      expect(stored.filter(({ status }) => status === "running")).toEqual([]);
      expect(chaos.host.clock.pending).toBe(0);
      expect(chaos.host.manager.contexts.list()).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
