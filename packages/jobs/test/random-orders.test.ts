import { createLibraryId, isSpacedriveError, type JobId } from "@spacedrive/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type JobInfo, MemoryJobStore } from "../src/index.js";
import { type JobHost, openJobHost } from "./job-host.js";
import { COMPLETED, FAILED, INTERRUPTED, type ScriptedAttempt, ScriptedJob } from "./scripted-job.js";

/** A host under random orders: what is running, what was ordered, and the handler that is registered now. */
class Chaos {
  readonly store = new MemoryJobStore();
  readonly library = createLibraryId();
  readonly jobs: JobId[] = [];
  readonly orders: Promise<JobInfo>[] = [];
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
const end = fc.constantFrom(COMPLETED, FAILED, INTERRUPTED).map<Action>((outcome) => async (chaos) => {
  await chaos.collect();
  chaos.attempts.shift()?.end(outcome);
});
const checkpoint = fc.nat(9).map<Action>((state) => async (chaos) => {
  await chaos.collect();
  // A stale attempt is refused, and that is all that happens.
  await chaos.attempts[0]?.context.checkpoint(String(state)).catch(() => {});
});
const dispatch = fc.constant<Action>(async (chaos) => {
  if (chaos.jobs.length < 4)
    chaos.jobs.push((await chaos.host.manager.dispatch("test.job", 0, { library: chaos.library })).id);
});
const advance = fc.constantFrom(1_000, 10_000).map<Action>((byMs) => (chaos) => chaos.host.clock.advance(byMs));
const reload = fc.constant<Action>((chaos) => chaos.reload());
const restart = fc.constant<Action>((chaos) => chaos.restart());
const actions = fc.oneof(
  { weight: 6, arbitrary: order },
  { weight: 4, arbitrary: end },
  { weight: 3, arbitrary: dispatch },
  { weight: 2, arbitrary: checkpoint },
  { weight: 2, arbitrary: advance },
  { weight: 1, arbitrary: reload },
  { weight: 1, arbitrary: restart },
);

test("whatever is ordered, every order settles, every job is where it can be, and none is lost", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(actions, { minLength: 5, maxLength: 40 }), async (sequence) => {
      const chaos = new Chaos();
      await chaos.start();
      for (const action of sequence) await action(chaos);
      await chaos.host[Symbol.asyncDispose]();
      await Promise.all(chaos.unregistered);

      const refused = (await Promise.allSettled(chaos.orders)).flatMap((settled) =>
        settled.status === "rejected" ? [isSpacedriveError(settled.reason) ? settled.reason.code : settled.reason] : [],
      );
      expect(refused.filter((code) => code !== "INVALID_TRANSITION" && code !== "CLOSED")).toEqual([]);
      const stored = await chaos.store.list({}, 100);
      expect(stored.map(({ id }) => id).sort()).toEqual([...chaos.jobs].sort());
      expect(stored.filter(({ status }) => status === "running" || status === "suspended")).toEqual([]);
      expect(chaos.host.clock.pending).toBe(0);
      expect(chaos.host.manager.contexts.list()).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
