// For those who run and watch jobs.
export { JobManager } from "./manager/job-manager.js";
export type {
  AttachedJobs,
  DispatchOptions,
  JobManagerOptions,
  JobRegistration,
} from "./manager/job-manager-options.js";
export type { OrderName } from "./manager/job-orders.js";
export type { PreparedJob } from "./manager/prepared-job.js";
export type { PreparedOrder } from "./manager/prepared-order.js";
export type { PreparedWake } from "./manager/prepared-wake.js";
export type { Job } from "./manager/job-handle.js";
export { defineJob, type NativeJob, type NativeJobContext, type SpawnOptions } from "./define-job.js";
export { MAX_AWAITED, type WakeWhen } from "./wake-when.js";
export { MAX_STATE_BYTES } from "./state-limit.js";
export { MAX_DELAY_MS } from "./time-limits.js";
export { type AwaitedEvent, type LibraryEvent, MAX_EVENT_NAMES, MAX_EVENT_PAYLOAD_BYTES } from "./library-event.js";
export type { EmitOptions, LibraryEvents, PreparedEvent } from "./manager/library-events.js";
export { jobOperations } from "./operations/job-operations.js";
export {
  cancelJob,
  getJobHistory,
  getJobStatus,
  listJobs,
  pauseJob,
  resumeJob,
  retryJob,
} from "./operations/definitions.js";
export { MAX_WARNINGS } from "./job.js";
export {
  type HistoryEntry,
  type HistoryLimits,
  type HistoryNotes,
  type JobHistory,
  MAX_HISTORY,
  MAX_HISTORY_BYTES,
} from "./history.js";
export type {
  JobFailure,
  JobFilter,
  JobInfo,
  JobMetrics,
  JobRecord,
  JobStatus,
  JobUpdate,
  JobVitals,
  StandingOrder,
  WakeCondition,
  WakeRequest,
} from "./job.js";
export type { Interrupt, JobContext } from "./job-context.js";
export type { JobHandler, JobOutcome } from "./job-handler.js";

// For those who build hosts and stores.
export type { JobContextRegistry } from "./manager/context-registry.js";
export { isEnded, JOB_STATUSES, type JobStep, nextStatus, TRANSITIONS } from "./transitions.js";
export { checkpointJob, type JobReport, type JobSnapshot } from "./job-steps.js";
export type { CallRecord, RecordContent, RecordPlace } from "./call-record.js";
export type { HostRecords } from "./store/host-records.js";
export type { StoreWatcher } from "./store-watcher.js";
export type {
  ChildCounts,
  DueJob,
  EmittedEvent,
  JobStore,
  JobStoreOptions,
  Moment,
  NewEvent,
  QueuedJob,
} from "./store/job-store.js";
export { MemoryJobStore } from "./store/memory-job-store.js";
export { SqliteHostRecords } from "./store/sqlite-host-records.js";
export { SqliteJobStore } from "./store/sqlite-job-store.js";
export type { Migration } from "./database/migration.js";
export type { DatabaseWatcher } from "./database/database-watcher.js";
export { SqliteDatabase, type SqliteDatabaseOptions } from "./database/sqlite-database.js";
export type { ScanOptions } from "./database/scan.js";
export {
  failStore,
  type PlannedFault,
  type StoreFault,
  type StoreFaults,
  type StoreOperation,
  type StoreStep,
  systemFault,
} from "./database/store-faults.js";
