// For those who run and watch jobs.
export { MAX_WARNINGS } from "./job.js";
export type { JobFailure, JobFilter, JobInfo, JobMetrics, JobRecord, JobStatus, JobUpdate, JobVitals } from "./job.js";
export type { Interrupt, JobContext } from "./job-context.js";
export type { JobHandler, JobOutcome } from "./job-handler.js";

// For those who build hosts and stores.
export { isEnded, JOB_STATUSES, type JobStep, nextStatus, TRANSITIONS } from "./transitions.js";
export type { Migration } from "./database/migration.js";
export { SqliteDatabase, type SqliteDatabaseOptions } from "./database/sqlite-database.js";
