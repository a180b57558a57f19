import fc from "fast-check";
import type { JobInfo } from "../../src/index.js";
import type { Answer, JobModel, ModelJob, Order, Outcome } from "./job-model.js";
import type { GivenOrder, ModelHost } from "./model-host.js";

/** One thing that happens to the jobs of a host. Numbers choose a job, among those that there are. */
export type Step =
  | { readonly do: "dispatch"; readonly parent: number | null; readonly priority: number; readonly resumed: boolean }
  | { readonly do: "order"; readonly order: Order; readonly job: number; readonly times: number }
  | { readonly do: "end"; readonly job: number; readonly outcome: Outcome }
  | { readonly do: "checkpoint"; readonly job: number }
  | { readonly do: "advance"; readonly byMs: number }
  | { readonly do: "emit" | "reload" | "restart" | "kill" };

const MAX_JOBS = 6;

/** A step, done to the model and to the host, which must come to the same. */
export class ModelStep implements fc.AsyncCommand<JobModel, ModelHost> {
  readonly step: Step;

  constructor(step: Step) {
    this.step = step;
  }

  check(model: Readonly<JobModel>): boolean {
    switch (this.step.do) {
      case "dispatch":
        return model.jobs.length < MAX_JOBS && (this.step.parent === null || model.jobs.length > 0);
      case "order":
        return model.jobs.length > 0;
      case "end":
      case "checkpoint":
        return model.running().length > 0;
      default:
        return true;
    }
  }

  async run(model: JobModel, host: ModelHost): Promise<void> {
    host.advance(1);
    model.begin();
    await this.#do(model, host);
    model.settle();
    await agree(model, host);
  }

  async #do(model: JobModel, host: ModelHost): Promise<void> {
    const { step } = this;
    switch (step.do) {
      case "dispatch": {
        const parent = step.parent === null ? null : step.parent % model.jobs.length;
        const id = await host.dispatch(parent, step.priority);
        model.dispatch(parent, step.priority);
        // While it is being claimed.
        if (step.resumed) await checkAnswers([host.give("resume", id)], ["now"], host);
        return;
      }
      case "order": {
        const index = step.job % model.jobs.length;
        const [job, id] = [model.jobs[index], host.ids[index]];
        if (job === undefined || id === undefined) return;
        if (job.status === "running") await host.attemptOf(id, job.attempt);
        const given = Array.from({ length: step.times }, () => host.give(step.order, id));
        const first = model.order(step.order, job);
        // Of equal retries at once the others find that it goes on.
        const other = (): Answer => (step.order === "retry" ? first : model.order(step.order, job));
        await checkAnswers(given, [first, ...given.slice(1).map(other)], host);
        return;
      }
      case "end":
      case "checkpoint": {
        const running = model.running();
        const job = running[step.job % running.length];
        const id = job === undefined ? undefined : host.ids[model.jobs.indexOf(job)];
        if (job === undefined || id === undefined) return;
        if (step.do === "end") {
          await host.end(id, job.attempt, step.outcome);
          model.end(job, step.outcome);
          return;
        }
        const { context } = await host.attemptOf(id, job.attempt);
        await context.checkpoint('"more"');
        model.checkpoint(job);
        return;
      }
      case "advance":
        for (const job of model.running()) {
          const id = host.ids[model.jobs.indexOf(job)];
          if (id !== undefined) await host.attemptOf(id, job.attempt);
        }
        host.advance(step.byMs);
        model.advance(step.byMs);
        return;
      case "emit":
        await host.emit();
        model.emit();
        return;
      case "reload":
      case "restart":
      case "kill":
        await host[step.do]();
        model[step.do]();
        return;
      default:
        step satisfies never;
    }
  }

  toString(): string {
    return JSON.stringify(this.step);
  }
}

async function checkAnswers(given: readonly GivenOrder[], answers: readonly Answer[], host: ModelHost): Promise<void> {
  host.pending.push(...given.filter((_, index) => answers[index] === "at the end"));
  await host.until(() => {
    for (const [index, { outcome }] of given.entries()) {
      const answer = answers[index];
      if (answer === "at the end") continue;
      const found = outcome === null ? "not at all" : "code" in outcome ? outcome.code : "now";
      if (found !== (answer === "refused" ? "INVALID_TRANSITION" : "now"))
        return `an order is answered ${found}, not ${answer}`;
    }
    return null;
  });
}

/** Waits until the host has come to what the model says, and takes from it what the model leaves open: which of the ready start. */
async function agree(model: JobModel, host: ModelHost): Promise<void> {
  let started: readonly ModelJob[] = [];
  await host.until(async () => {
    const jobs = await host.jobs();
    await takeLateStarts(model, host, jobs);
    started = model.jobs.filter((each, index) => each.status === "queued" && jobs[index]?.status === "running");
    for (const [index, expected] of model.jobs.entries()) {
      const fault = differenceOf(expected, jobs[index], started.includes(expected));
      if (fault !== null) return `job ${index}: ${fault}`;
    }
    return model.faultOfStarts(started);
  });
  for (const each of started) model.start(each);

  const isUnderWay = ({ id }: GivenOrder): boolean => {
    const ordered = model.jobs[host.ids.indexOf(id)];
    return ordered?.status === "running" && ordered.told !== null;
  };
  const over = host.pending.filter((given) => !isUnderWay(given));
  host.pending = host.pending.filter(isUnderWay);
  for (const { outcome } of host.pending) {
    if (outcome !== null) throw new Error("an order is answered before the end of the attempt that it waits for");
  }
  await host.until(() => {
    const bad = over.find(({ outcome }) => outcome === null || "code" in outcome);
    return bad === undefined ? null : `an attempt has ended, and its order is answered ${JSON.stringify(bad.outcome)}`;
  });
}

async function takeLateStarts(model: JobModel, host: ModelHost, jobs: readonly (JobInfo | undefined)[]): Promise<void> {
  for (const [index, found] of jobs.entries()) {
    const late = model.jobs[index];
    if (late?.before?.status !== "queued" || found === undefined || found.attempt === late.attempt) continue;
    // Told between its claim and its start, it has done nothing.
    if (found.status === "cancelled") late.attempt = found.attempt;
    else if (await host.hasBegun(found.id, found.attempt)) model.startLate(late);
  }
}

function differenceOf(expected: ModelJob, found: JobInfo | undefined, isStarted: boolean): string | null {
  if (found === undefined) return "it is lost";
  const status = isStarted ? "running" : expected.status;
  if (isStarted && expected.notBefore !== null) return "it has started before its time";
  if (found.status !== status) return `it is ${found.status}, and should be ${status}`;
  if ((found.notBefore === null) !== (expected.notBefore === null))
    return `it is ready at ${found.notBefore ?? "once"}`;
  const attempt = expected.attempt + (isStarted ? 1 : 0);
  if (found.attempt !== attempt) return `it has had ${found.attempt} attempts, not ${attempt}`;
  const tries = expected.tries + (isStarted ? 1 : 0);
  if (found.endedAt === null && found.attemptsSinceProgress !== tries)
    return `it has had ${found.attemptsSinceProgress} attempts without progress, not ${tries}`;
  if (found.checkpoint !== expected.checkpoint)
    return `it has made ${found.checkpoint} checkpoints, not ${expected.checkpoint}`;
  return null;
}

const numbers = { job: fc.nat(MAX_JOBS - 1), parent: fc.option(fc.nat(MAX_JOBS - 1)), priority: fc.nat(1) };

function stepsOf<Given extends Step>(steps: fc.Arbitrary<Given>): fc.Arbitrary<ModelStep> {
  return steps.map((step) => new ModelStep(step));
}

const dispatches = stepsOf(
  fc.record({
    do: fc.constant("dispatch" as const),
    parent: numbers.parent,
    priority: numbers.priority,
    resumed: fc.boolean(),
  }),
);
const orders = stepsOf(
  fc.record({
    do: fc.constant("order" as const),
    order: fc.constantFrom<Order>("pause", "resume", "cancel", "retry"),
    job: numbers.job,
    times: fc.constantFrom(1, 1, 2, 3),
  }),
);
const ends = stepsOf(
  fc.record({
    do: fc.constant("end" as const),
    job: numbers.job,
    outcome: fc.constantFrom<Outcome>(
      "completed",
      "failed",
      "trapped",
      "interrupted",
      "sleeps",
      "awaits children",
      "awaits event",
    ),
  }),
);
const checkpoints = stepsOf(fc.record({ do: fc.constant("checkpoint" as const), job: numbers.job }));
const advances = stepsOf(fc.record({ do: fc.constant("advance" as const), byMs: fc.constantFrom(500, 1_000, 10_000) }));
const others = (...names: ("emit" | "reload" | "restart" | "kill")[]): fc.Arbitrary<ModelStep> =>
  stepsOf(fc.record({ do: fc.constantFrom(...names) }));

/** Steps in the weights of which most comes about. */
export function modelSteps(given: { readonly kill: boolean }): fc.Arbitrary<ModelStep>[] {
  return [
    ...Array<typeof orders>(5).fill(orders),
    ...Array<typeof ends>(4).fill(ends),
    ...Array<typeof dispatches>(3).fill(dispatches),
    checkpoints,
    advances,
    advances,
    others("emit", "reload", "restart"),
    ...(given.kill ? [others("kill")] : []),
  ];
}
