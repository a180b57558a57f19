// For those who define and call operations.
export { createWire, type Wire, type WireOptions } from "./wire.js";
export type { CallOptions } from "./dispatch.js";
export { defineAction, defineQuery, implement, DEFAULT_OPERATION_TIMEOUT_MS } from "./operation.js";
export type {
  CommitHandler,
  LibraryOperationContext,
  Operation,
  OperationContext,
  OperationDefinition,
  OperationScope,
  RunHandler,
} from "./operation.js";
export { type Caller, describeCaller, type JobIdentity, jobOf, localUser } from "./caller.js";
export { ERROR_CODES, isErrorCode, isSpacedriveError, SpacedriveError, toSpacedriveError } from "./errors.js";
export type { ErrorCode, ErrorCodeEntry, SpacedriveErrorOptions } from "./errors.js";
export {
  createEntryId,
  createJobId,
  createLibraryId,
  type EntryId,
  type JobId,
  type LibraryId,
  parseEntryId,
  parseJobId,
  parseLibraryId,
  uuidFromBytes,
  uuidToBytes,
} from "./ids.js";
export { type Logger, silentLogger } from "./logger.js";
export type { LibraryDirectory } from "./libraries.js";
export type { SqlRow, SqlValue, Transaction } from "./transaction.js";

// For those who build hosts on Wire.
export { type Clock, systemClock } from "./clock.js";
export { steadyClock } from "./steady-clock.js";
export { OccasionalLine } from "./occasional-line.js";
export { checkNumber, COUNT, type NumberRange, WAIT_MS } from "./check-number.js";
export {
  envelopeJson,
  type ErrorEnvelope,
  fromEnvelope,
  isEnvelope,
  type JsonLimits,
  parseJson,
  toEnvelope,
  toJson,
} from "./envelope.js";
export { hasMoreJsonValues } from "./count-json-values.js";
export type { Gate, GateRequest, MissedCall } from "./gate.js";
export { describeIssues, formatPath } from "./issues.js";
export {
  formatMethod,
  isExtensionId,
  isOperationName,
  type Method,
  type OperationKind,
  parseMethod,
} from "./method.js";
export { printableLine, printableText } from "./printable.js";
export type { BegunCall, CallOutcome, OpenRecord, RecordableCall, Recorder } from "./recorder.js";
export type { Registration } from "./registry.js";
export { toldError, toldReason } from "./told-error.js";
