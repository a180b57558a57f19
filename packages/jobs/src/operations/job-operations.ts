import {
  type Caller,
  describeCaller,
  implement,
  type JobId,
  type LibraryId,
  type LibraryOperationContext,
  type Operation,
  parseJobId,
  parseJson,
  SpacedriveError,
} from "@spacedrive/wire";
import type { z } from "zod";
import type { JobInfo } from "../job.js";
import type { JobManager } from "../manager/job-manager.js";
import { extensionOfType } from "../job-type.js";
import { jobNotFound } from "../job-errors.js";
import {
  cancelJob,
  dispatchJob,
  getJobStatus,
  type jobDetails,
  type jobSummary,
  listJobs,
  pauseJob,
  resumeJob,
  retryJob,
} from "./definitions.js";

type JobStatusReply = { job_id: JobId; status: JobInfo["status"] };

/**
 * The `jobs.*` operations. An extension sees and touches the jobs of its own types, in the library that it calls on;
 * others are to it as if they were not there.
 */
export function jobOperations(manager: JobManager): Operation[] {
  const operate =
    (order: (id: JobId) => Promise<JobInfo>) =>
    async (ctx: LibraryOperationContext, input: { readonly job_id: string }): Promise<JobStatusReply> => {
      const job = await findJob(manager, input.job_id, ctx);
      const ordered = order(job.id);
      if (ctx.job?.id !== job.id) return statusOf(await ordered);
      // A job that waited here for its own end would hold it up until its deadline.
      ordered.catch((error: unknown) => ctx.logger.warn({ job: job.id, err: error }, "a job's order to itself failed"));
      return statusOf(job);
    };

  return [
    // The row of the new job is an effect in the library's database: with `prepare` and `commit` it can join the journal.
    implement(dispatchJob, {
      async run(ctx, input) {
        const type = typeFor(ctx.caller, input.job_type);
        const parent = ctx.job?.id ?? null;
        const priority = input.priority ?? 0;
        const job = await manager.dispatch(type, input.params, { library: ctx.library, parent, priority });
        return { job_id: job.id };
      },
    }),
    implement(getJobStatus, {
      run: async (ctx, input) => detailsOf(await findJob(manager, input.job_id, ctx)),
    }),
    implement(listJobs, {
      async run(ctx, input) {
        const { caller, library } = ctx;
        const jobs = await manager.list({
          library,
          limit: input.limit,
          ...(input.status === undefined ? {} : { status: input.status }),
          ...(input.id_prefix === undefined ? {} : { idPrefix: input.id_prefix.toLowerCase() }),
          ...(input.job_type === undefined ? {} : { type: typeFor(caller, input.job_type) }),
          ...(caller.kind === "extension" ? { extension: caller.extension } : {}),
        });
        return { jobs: jobs.map(summaryOf) };
      },
    }),
    implement(pauseJob, { run: operate((id) => manager.pause(id)) }),
    implement(resumeJob, { run: operate((id) => manager.resume(id)) }),
    implement(cancelJob, { run: operate((id) => manager.cancel(id)) }),
    implement(retryJob, { run: operate((id) => manager.retry(id)) }),
  ];
}

/** The full type that a caller means. @throws SpacedriveError `PERMISSION_DENIED` for another extension's. */
function typeFor(caller: Caller, type: string): string {
  if (caller.kind !== "extension") return type;
  const extension = extensionOfType(type);
  if (extension === caller.extension) return type;
  if (extension === null && !type.includes(".")) return `${caller.extension}:${type}`;
  throw new SpacedriveError(
    "PERMISSION_DENIED",
    `${describeCaller(caller)} may not use job type "${type}": an extension reaches only its own jobs, "${caller.extension}:<job>".`,
  );
}

/** The same answer for a job of another library or extension as for one that does not exist. */
async function findJob(
  manager: JobManager,
  id: string,
  ctx: { readonly caller: Caller; readonly library: LibraryId },
): Promise<JobInfo> {
  const jobId = parseJobId(id);
  const job = await (await manager.get(jobId)).record();
  const foreign = ctx.caller.kind === "extension" && extensionOfType(job.type) !== ctx.caller.extension;
  if (foreign || job.library !== ctx.library) throw jobNotFound(jobId);
  return job;
}

function statusOf(job: JobInfo): JobStatusReply {
  return { job_id: job.id, status: job.status };
}

function summaryOf(job: JobInfo): z.input<typeof jobSummary> {
  return {
    job_id: job.id,
    job_type: job.type,
    status: job.status,
    progress: job.progress,
    message: job.message,
    warnings: [...job.warnings],
    metrics: job.metrics,
    checkpoint: job.checkpoint,
    attempt: job.attempt,
    priority: job.priority,
    parent: job.parent,
    extension_version: job.extensionVersion,
    failure: job.error,
    waiting_for: job.waitingFor,
    created_at: job.createdAt,
    updated_at: job.updatedAt,
    started_at: job.startedAt,
    ended_at: job.endedAt,
  };
}

function detailsOf(job: JobInfo): z.input<typeof jobDetails> {
  return {
    ...summaryOf(job),
    state: valueOf(job.state, "state", job.id),
    result: valueOf(job.result, "result", job.id),
  };
}

function valueOf(text: string | null, what: string, id: JobId): unknown {
  return text === null ? null : parseJson(text, `the ${what} of job ${id}`, "STORE_CORRUPT");
}
