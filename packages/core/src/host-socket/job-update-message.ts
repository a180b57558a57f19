import { JOB_STATUSES, type JobUpdate } from "@spacedrive/jobs";
import { parseJobId } from "@spacedrive/wire";
import { z } from "zod";

/** What `host.job_updated` carries: the update, and the id of the request that asked for it. */
export const jobUpdateMessage = z.object({
  follow: z.union([z.string(), z.number(), z.null()]),
  update: z.object({
    job_id: z.uuid(),
    job_type: z.string(),
    status: z.enum(JOB_STATUSES),
    progress: z.number(),
    message: z.string(),
    metrics: z.object({ bytes: z.number(), items: z.number() }),
    warning_count: z.int(),
    new_warnings: z.array(z.string()),
    checkpoint: z.int(),
    attempt: z.int(),
    waiting_for: z.string().nullable(),
  }),
});

type UpdateOnTheWay = z.output<typeof jobUpdateMessage>["update"];

export function toMessage(update: JobUpdate): UpdateOnTheWay {
  return {
    job_id: update.id,
    job_type: update.type,
    status: update.status,
    progress: update.progress,
    message: update.message,
    metrics: { bytes: update.metrics.bytes, items: update.metrics.items },
    warning_count: update.warningCount,
    new_warnings: [...update.newWarnings],
    checkpoint: update.checkpoint,
    attempt: update.attempt,
    waiting_for: update.waitingFor,
  };
}

export function fromMessage(update: UpdateOnTheWay): JobUpdate {
  return {
    id: parseJobId(update.job_id),
    type: update.job_type,
    status: update.status,
    progress: update.progress,
    message: update.message,
    metrics: update.metrics,
    warningCount: update.warning_count,
    newWarnings: update.new_warnings,
    checkpoint: update.checkpoint,
    attempt: update.attempt,
    waitingFor: update.waiting_for,
  };
}
