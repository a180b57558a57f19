import {
  describeCaller,
  implement,
  type JobIdentity,
  type LibraryOperationContext,
  type Operation,
  SpacedriveError,
} from "@spacedrive/wire";
import type { DispatchOptions } from "../manager/job-manager-options.js";
import type { JobManager } from "../manager/job-manager.js";
import type { PreparedJob } from "../manager/prepared-job.js";
import { typeFor } from "./caller-jobs.js";
import { dispatchJob, spawnJob, spawnJobs } from "./definitions.js";

interface StartInput {
  readonly job_type: string;
  readonly params?: unknown;
  readonly priority?: number | undefined;
  readonly deadline_ms?: number | undefined;
}

/** The operations that begin jobs. A job that a job begins is its child. */
export function startOperations(manager: JobManager): Operation[] {
  const prepare = async (ctx: LibraryOperationContext, input: StartInput): Promise<PreparedJob> =>
    manager.prepare(typeFor(ctx.caller, input.job_type), input.params, optionsOf(ctx, input));
  const prepareChild = async (ctx: LibraryOperationContext, input: StartInput): Promise<PreparedJob> => {
    callingJob(ctx, "jobs.spawn");
    return prepare(ctx, input);
  };
  const prepareChildren = async (
    ctx: LibraryOperationContext,
    input: StartInput & { readonly params: readonly unknown[] },
  ): Promise<readonly PreparedJob[]> => {
    callingJob(ctx, "jobs.spawn_many");
    const type = typeFor(ctx.caller, input.job_type);
    return input.params.map((params) => manager.prepare(type, params, optionsOf(ctx, input)));
  };
  const startAll = async (jobs: readonly PreparedJob[]): Promise<void> => {
    for (const job of jobs) await job.start();
  };

  if (!manager.joinsTransactions) {
    const start = async (prepared: Promise<PreparedJob>): Promise<{ job_id: string }> => ({
      job_id: (await (await prepared).start()).id,
    });
    return [
      implement(dispatchJob, { run: (ctx, input) => start(prepare(ctx, input)) }),
      implement(spawnJob, { run: (ctx, input) => start(prepareChild(ctx, input)) }),
      implement(spawnJobs, {
        async run(ctx, input) {
          const jobs = await prepareChildren(ctx, input);
          await startAll(jobs);
          return { job_ids: jobs.map(({ record }) => record.id) };
        },
      }),
    ];
  }
  const joined = {
    commit: (...[tx, job]: Parameters<typeof insertJob>) => insertJob(tx, job),
    committed: async (job: PreparedJob): Promise<void> => void (await job.start()),
  };
  return [
    implement(dispatchJob, { prepare, ...joined }),
    implement(spawnJob, { prepare: prepareChild, ...joined }),
    implement(spawnJobs, {
      prepare: prepareChildren,
      commit: (tx, jobs: readonly PreparedJob[]) => ({ job_ids: jobs.map((job) => insertJob(tx, job).job_id) }),
      committed: startAll,
    }),
  ];
}

/** @throws SpacedriveError `INVALID_INPUT` where no job makes the call. */
export function callingJob(ctx: LibraryOperationContext, operation: string): JobIdentity {
  if (ctx.job !== null) return ctx.job;
  throw new SpacedriveError(
    "INVALID_INPUT",
    `${describeCaller(ctx.caller)} called ${operation}, which only a running job may. Use jobs.dispatch to begin a job.`,
  );
}

function insertJob(tx: Parameters<PreparedJob["insertIn"]>[0], job: PreparedJob): { job_id: string } {
  job.insertIn(tx);
  return { job_id: job.record.id };
}

function optionsOf(ctx: LibraryOperationContext, { priority = 0, deadline_ms = null }: StartOptions): DispatchOptions {
  return { library: ctx.library, parent: ctx.job?.id ?? null, priority, deadlineMs: deadline_ms };
}

type StartOptions = Partial<Pick<StartInput, "priority">> & { readonly deadline_ms?: number | null | undefined };
