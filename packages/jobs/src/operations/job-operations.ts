import {
  type Caller,
  implement,
  type JobId,
  type LibraryOperationContext,
  type Operation,
  parseJson,
  toldReason,
} from "@spacedrive/wire";
import type { z } from "zod";
import type { HistoryEntry } from "../history.js";
import type { JobInfo } from "../job.js";
import type { JobManager } from "../manager/job-manager.js";
import type { OrderName } from "../manager/job-orders.js";
import type { PreparedOrder } from "../manager/prepared-order.js";
import { startOperations } from "./start-operations.js";
import { waitingOperations } from "./waiting-operations.js";
import { findJob, typeFor } from "./caller-jobs.js";
import {
  cancelJob,
  getJobHistory,
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
  const prepareOrder =
    (order: OrderName) =>
    async (ctx: LibraryOperationContext, input: { readonly job_id: string }): Promise<PreparedOrder> => {
      const job = await findJob(manager, input.job_id, ctx);
      return manager.prepareOrder(order, job.id, ctx.job?.id ?? null);
    };
  const orders = [
    [pauseJob, "pause"],
    [resumeJob, "resume"],
    [cancelJob, "cancel"],
    [retryJob, "retry"],
  ] as const;

  return [
    ...startOperations(manager),
    ...waitingOperations(manager),
    implement(getJobStatus, {
      run: async (ctx, input) => detailsOf(await findJob(manager, input.job_id, ctx), ctx.caller),
    }),
    implement(getJobHistory, {
      async run(ctx, input) {
        const { entries, dropped } = await manager.reader.history((await findJob(manager, input.job_id, ctx)).id);
        return { entries: entries.map((entry) => entryOf(entry, ctx.caller)), dropped };
      },
    }),
    implement(listJobs, {
      async run(ctx, input) {
        const { caller, library } = ctx;
        const jobs = await manager.reader.list({
          library,
          limit: input.limit,
          states: false,
          ...(input.status === undefined ? {} : { status: input.status }),
          ...(input.id_prefix === undefined ? {} : { idPrefix: input.id_prefix.toLowerCase() }),
          ...(input.job_type === undefined ? {} : { type: typeFor(caller, input.job_type) }),
          ...(caller.kind === "extension" ? { extension: caller.extension } : {}),
        });
        return { jobs: jobs.map((job) => summaryOf(job, caller)) };
      },
    }),
    ...orders.map(([definition, order]) =>
      manager.joinsTransactions
        ? implement(definition, {
            prepare: prepareOrder(order),
            commit: (tx, prepared: PreparedOrder) => statusOf(prepared.commitIn(tx)),
            committed: (prepared) => prepared.committed(),
          })
        : implement(definition, {
            run: async (ctx, input) =>
              statusOf(await manager.order(order, (await findJob(manager, input.job_id, ctx)).id, ctx.job?.id ?? null)),
          }),
    ),
  ];
}

function statusOf(job: JobInfo): JobStatusReply {
  return { job_id: job.id, status: job.status };
}

function entryOf(entry: HistoryEntry, caller: Caller): z.input<typeof getJobHistory.output>["entries"][number] {
  if (entry.kind === "status") return { ...entry, message: toldReason(entry.code, entry.message, caller) };
  if (entry.kind !== "call") return entry;
  const { durationMs, ...rest } = entry;
  return { ...rest, duration_ms: durationMs };
}

function summaryOf(job: JobInfo, caller: Caller): z.input<typeof jobSummary> {
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
    failure:
      job.error === null ? null : { ...job.error, message: toldReason(job.error.code, job.error.message, caller) },
    waiting_for: job.waitingFor,
    not_before: job.notBefore,
    deadline: job.deadline,
    created_at: job.createdAt,
    updated_at: job.updatedAt,
    started_at: job.startedAt,
    ended_at: job.endedAt,
  };
}

function detailsOf(job: JobInfo, caller: Caller): z.input<typeof jobDetails> {
  return {
    ...summaryOf(job, caller),
    state: valueOf(job.state, "state", job.id),
    result: valueOf(job.result, "result", job.id),
  };
}

function valueOf(text: string | null, what: string, id: JobId): unknown {
  return text === null ? null : parseJson(text, `the ${what} of job ${id}`, "STORE_CORRUPT");
}
