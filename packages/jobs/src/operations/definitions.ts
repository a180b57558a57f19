import { defineAction, defineQuery } from "@spacedrive/wire";
import { z } from "zod";
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
  created_at: z.number(),
  updated_at: z.number(),
  started_at: z.number().nullable(),
  ended_at: z.number().nullable(),
});

/** The same with what can be long: the state and the result, as JSON values. */
export const jobDetails = jobSummary.extend({ state: z.unknown(), result: z.unknown() });

export const dispatchJob = defineAction({
  name: "jobs.dispatch",
  scope: "library",
  description: "Queues a job. An extension names its own jobs, with or without its id in front.",
  input: z.object({ job_type: z.string().min(1), params: z.unknown().optional(), priority: z.int().optional() }),
  output: z.object({ job_id: z.uuid() }),
});

export const getJobStatus = defineQuery({
  name: "jobs.get_status",
  scope: "library",
  description: "How a job stands, with its state and result.",
  input: jobId,
  output: jobDetails,
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
