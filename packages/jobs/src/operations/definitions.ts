import { defineAction, defineQuery } from "@spacedrive/wire";
import { z } from "zod";
import { MAX_DELAY_MS, MAX_UNIX_MS } from "../time-limits.js";
import { MAX_AWAITED } from "../wake-when.js";
import { JOB_STATUSES } from "../transitions.js";

const status = z.enum(JOB_STATUSES);
const jobId = z.object({ job_id: z.uuid() });
const jobStatus = z.object({ job_id: z.uuid(), status });

/** A job as it travels. `failure`, since no output may have a field `error`. */
export const jobSummary = z.object({
  job_id: z.uuid(),
  job_type: z.string(),
  status,
  progress: z.number(),
  message: z.string(),
  warnings: z.array(z.string()),
  metrics: z.object({ bytes: z.int(), items: z.int() }),
  checkpoint: z.int(),
  attempt: z.int(),
  priority: z.int(),
  parent: z.uuid().nullable(),
  extension_version: z.string().nullable(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  waiting_for: z.string().nullable(),
  /** A postponed job's next attempt, and when a job's whole time is over. */
  not_before: z.number().nullable(),
  deadline: z.number().nullable(),
  created_at: z.number(),
  updated_at: z.number(),
  started_at: z.number().nullable(),
  ended_at: z.number().nullable(),
});

/** The same with what can be long: the state and the result, as JSON values. */
export const jobDetails = jobSummary.extend({ state: z.unknown(), result: z.unknown() });

/** Guests write 64-bit integers beyond what a number holds as strings, and may write all of them so. */
function orText<Schema extends z.ZodNumber>(schema: Schema) {
  return z.preprocess(
    (value) => (typeof value === "string" && /^-?\d{1,20}$/.test(value) ? Number(value) : value),
    schema,
  );
}

const jobParams = {
  params: z.unknown().optional(),
  priority: orText(z.int()).optional(),
  deadline_ms: orText(z.int().min(1).max(MAX_DELAY_MS)).optional(),
};
const jobType = z.string().min(1);
const eventName = z.string().min(1);

export const dispatchJob = defineAction({
  name: "jobs.dispatch",
  scope: "library",
  description: "Queues a job. An extension names its own jobs, with or without its id in front.",
  input: z.object({ job_type: jobType, ...jobParams }),
  output: z.object({ job_id: z.uuid() }),
});

export const spawnJob = defineAction({
  name: "jobs.spawn",
  scope: "library",
  description: "Queues a child of the calling job, which it can wait for, and which is cancelled with it.",
  input: z.object({ job_type: jobType, ...jobParams }),
  output: z.object({ job_id: z.uuid() }),
});

export const spawnJobs = defineAction({
  name: "jobs.spawn_many",
  scope: "library",
  description: "Queues children of the calling job in one transaction: one for each of params.",
  input: z.object({ job_type: jobType, ...jobParams, params: z.array(z.unknown()).min(1).max(1_000) }),
  output: z.object({ job_ids: z.array(z.uuid()) }),
});

export const wakeWhen = defineAction({
  name: "jobs.wake_when",
  scope: "library",
  description:
    "Says what wakes the calling job once it is suspended: the first of these to come. Checkpoint then, and end as suspended.",
  input: z.object({
    children: z.union([z.literal("ended"), z.array(z.uuid()).min(1).max(MAX_AWAITED)]).optional(),
    at_unix_ms: orText(z.number().min(-MAX_UNIX_MS).max(MAX_UNIX_MS)).optional(),
    after_ms: orText(z.number().min(0).max(MAX_DELAY_MS)).optional(),
    event: z.union([eventName, z.object({ name: eventName, after: orText(z.int().min(0)).optional() })]).optional(),
  }),
  output: z.object({}),
});

export const emitEvent = defineAction({
  name: "jobs.emit_event",
  scope: "library",
  description:
    "Tells the library that something has happened, and wakes the jobs that wait for it. An extension names its own events.",
  input: z.object({ name: eventName, payload: z.unknown().optional() }),
  output: z.object({ number: z.int() }),
});

export const getLastEvent = defineQuery({
  name: "jobs.last_event",
  scope: "library",
  description: "The last event of a name; number 0 where there was none yet.",
  input: z.object({ name: eventName }),
  output: z.object({ number: z.int(), payload: z.unknown(), at_unix_ms: z.number() }),
});

export const countChildren = defineQuery({
  name: "jobs.count_children",
  scope: "library",
  description: "How many children a job has, in all and by their status.",
  input: jobId,
  output: z.object({ total: z.int(), by_status: z.partialRecord(status, z.int()) }),
});

export const getJobStatus = defineQuery({
  name: "jobs.get_status",
  scope: "library",
  description: "How a job stands, with its state and result.",
  input: jobId,
  output: jobDetails,
});

const code = z.string().nullable();

export const getJobHistory = defineQuery({
  name: "jobs.history",
  scope: "library",
  description: "What a job did: its states, attempts, checkpoints, calls and warnings, oldest first.",
  input: jobId,
  output: z.object({
    entries: z.array(
      z.discriminatedUnion("kind", [
        z.object({
          kind: z.literal("status"),
          at: z.number(),
          status,
          attempt: z.int(),
          code,
          message: z.string(),
        }),
        z.object({ kind: z.literal("checkpoint"), at: z.number(), checkpoint: z.int(), bytes: z.int() }),
        z.object({
          kind: z.literal("call"),
          at: z.number(),
          method: z.string(),
          duration_ms: z.number(),
          code,
          replayed: z.boolean(),
        }),
        z.object({ kind: z.literal("warning"), at: z.number(), message: z.string() }),
      ]),
    ),
    /** Older entries that were not kept. */
    dropped: z.int(),
  }),
});

export const listJobs = defineQuery({
  name: "jobs.list",
  scope: "library",
  description: "The library's jobs, newest first.",
  input: z.object({
    status: z.union([status, z.array(status).min(1)]).optional(),
    job_type: z.string().optional(),
    /** The beginning of a job's id, as people type it. */
    id_prefix: z
      .string()
      .regex(/^[0-9a-f-]{1,36}$/i)
      .optional(),
    limit: z.int().min(1).max(1_000).default(100),
  }),
  output: z.object({ jobs: z.array(jobSummary) }),
});

export const pauseJob = defineAction({
  name: "jobs.pause",
  scope: "library",
  description: "Stops a job so that resume goes on from its last checkpoint.",
  input: jobId,
  output: jobStatus,
});

export const resumeJob = defineAction({
  name: "jobs.resume",
  scope: "library",
  description: "Queues a paused job again.",
  input: jobId,
  output: jobStatus,
});

export const cancelJob = defineAction({
  name: "jobs.cancel",
  scope: "library",
  description: "Ends a job for good.",
  input: jobId,
  output: jobStatus,
});

export const retryJob = defineAction({
  name: "jobs.retry",
  scope: "library",
  description: "Queues a failed job again, from its last checkpoint.",
  input: jobId,
  output: jobStatus,
});
