// For those who load extensions.
export { PluginManager } from "./plugins/plugin-manager.js";
export type { ExtensionOptions, PluginManagerOptions } from "./plugins/plugin-manager-options.js";
export type { ReloadAfterFault, RestartPolicy } from "./plugins/restart-policy.js";
export type { Plugin, PluginCallOptions } from "./plugins/plugin.js";
export type { PluginEvents } from "./plugins/plugin-events.js";
export { grantOnly, grantWhatManifestAsks } from "./permissions/grants.js";
export type { Grants, GrantsOfExtension, GrantsPolicy } from "./permissions/grants.js";
export type { Decision } from "./permissions/decision.js";
export { DEFAULT_GUEST_LIMITS, type GuestLimits } from "./guest/limits.js";

// What they need of Wire and of jobs.
export {
  createLibraryId,
  createWire,
  defineAction,
  defineQuery,
  implement,
  isSpacedriveError,
  localUser,
  parseJobId,
  parseLibraryId,
  silentLogger,
  SpacedriveError,
  toEnvelope,
} from "@spacedrive/wire";
export type {
  Caller,
  CallOptions,
  ErrorCode,
  ErrorEnvelope,
  JobId,
  LibraryDirectory,
  LibraryId,
  Logger,
  Operation,
  OperationContext,
  Wire,
  WireOptions,
} from "@spacedrive/wire";
export { defineJob, JobManager, jobOperations, MemoryJobStore, SqliteDatabase, SqliteJobStore } from "@spacedrive/jobs";
export type {
  Job,
  JobContext,
  JobHandler,
  JobInfo,
  JobManagerOptions,
  JobRecord,
  JobStatus,
  JobUpdate,
} from "@spacedrive/jobs";

// For tools that read manifests.
export { describeModule } from "./abi/describe-module.js";
export { readManifest, readWasmFile } from "./plugins/manifest/read-manifest.js";
export { type ManifestProblem, parseManifest } from "./plugins/manifest/parse-manifest.js";
export {
  manifestSchema,
  type Manifest,
  type ManifestJob,
  type ManifestOperation,
  type ManifestPermissions,
} from "./plugins/manifest/manifest-schema.js";
export { manifestJsonSchema } from "./plugins/manifest/manifest-json-schema.js";
export { matchesMethod, type MethodGrant, parseMethodGrant } from "./permissions/method-grant.js";
export { printableLine, printableText } from "@spacedrive/wire";

// For those who bring an engine, or wrap the default one.
export { createWorkerEngine, type WorkerEngineOptions } from "./guest/worker/worker-engine.js";
export type {
  CallLimits,
  Guest,
  GuestDescription,
  GuestEngine,
  GuestExport,
  GuestImport,
  GuestModule,
  GuestRegistration,
  HostCallRequest,
  HostCalls,
  JobCalls,
  JobExit,
  LogLevel,
} from "./guest/guest.js";
