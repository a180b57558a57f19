// For those who run and watch jobs.
export { JobManager } from "./manager/job-manager.js";
export type { AttachedJobs, DispatchOptions, JobManagerOptions, JobRegistration } from "./manager/job-manager.js";
export type { Job } from "./manager/job-handle.js";
export { defineJob, type NativeJob, type NativeJobContext } from "./define-job.js";
export { jobOperations } from "./operations/job-operations.js";
export { cancelJob, getJobStatus, listJobs, pauseJob, resumeJob, retryJob } from "./operations/definitions.js";
export { MAX_WARNINGS } from "./job.js";
export type { JobFailure, JobFilter, JobInfo, JobMetrics, JobRecord, JobStatus, JobUpdate, JobVitals } from "./job.js";
export type { Interrupt, JobContext } from "./job-context.js";
export type { JobHandler, JobOutcome } from "./job-handler.js";

// For those who build hosts and stores.
export type { JobContextRegistry } from "./manager/context-registry.js";
export { isEnded, JOB_STATUSES, type JobStep, nextStatus, TRANSITIONS } from "./transitions.js";
export { checkpointJob, type JobReport, type JobSnapshot } from "./job-steps.js";
export type { JobStore, QueuedJob } from "./store/job-store.js";
export { MemoryJobStore } from "./store/memory-job-store.js";
export { SqliteJobStore } from "./store/sqlite-job-store.js";
export type { Migration } from "./database/migration.js";
export { SqliteDatabase, type SqliteDatabaseOptions } from "./database/sqlite-database.js";
