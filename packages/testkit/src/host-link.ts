import type { DispatchOptions, JobFilter, JobUpdate } from "@spacedrive/jobs";
import type { GuestLimits } from "@spacedrive/runtime";
import {
  type ErrorEnvelope,
  fromEnvelope,
  isSpacedriveError,
  type SpacedriveError,
  toEnvelope,
} from "@spacedrive/wire";
import type { PlannedFault } from "./fault.js";

/** What a host of the testkit is opened with; plain data, so that it can cross to another process. */
export interface HostSettings {
  readonly dataDir: string;
  readonly library: string;
  /** Their folders, absolute, in the order in which they are loaded. */
  readonly extensions: readonly string[];
  /** Method grants; null: what each manifest asks. */
  readonly grants: readonly string[] | null;
  readonly limits: Partial<GuestLimits>;
  /** File URL of a module whose exports are operations; null: none. */
  readonly operationsModule: string | null;
  readonly faults: FaultSettings;
}

/** What goes wrong under a host from its start on. */
export interface FaultSettings {
  readonly plan: readonly PlannedFault[];
  /** How far its clock is behind. */
  readonly clockBackMs: number;
  /** File in which it notes each fault that strikes. */
  readonly log: string;
}

export type JobStepName = "pause" | "resume" | "cancel" | "retry";

/** How a job is started. */
export type StartOptions = Pick<DispatchOptions, "deadlineMs" | "priority">;

/** What a test asks of the host. */
export type HostRequest =
  | { readonly kind: "call"; readonly method: string; readonly input: unknown }
  | { readonly kind: "call-export"; readonly extension: string; readonly exportName: string }
  | { readonly kind: "reload"; readonly extension: string }
  | { readonly kind: "set-faults"; readonly plan: readonly PlannedFault[] }
  | { readonly kind: "dispatch"; readonly type: string; readonly state: unknown; readonly options: StartOptions }
  | { readonly kind: "job"; readonly id: string }
  | { readonly kind: "jobs"; readonly filter: Omit<JobFilter, "library"> }
  | { readonly kind: "job-done"; readonly id: string }
  | { readonly kind: "job-step"; readonly id: string; readonly step: JobStepName }
  /** Sends the job's updates as events, until `unfollow` or its end. */
  | { readonly kind: "follow"; readonly id: string; readonly subscription: number }
  | { readonly kind: "unfollow"; readonly subscription: number };

/** One line that the host or an extension logged. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  /** Null: the host itself. */
  readonly extension: string | null;
  /** Id of the job that logged it, or null. */
  readonly job: string | null;
  readonly message: string;
}

/** What the host tells without being asked. */
export type HostEvent =
  | { readonly type: "log"; readonly line: LogLine }
  | { readonly type: "update"; readonly subscription: number; readonly update: JobUpdate }
  | { readonly type: "updates-ended"; readonly subscription: number; readonly error: ErrorEnvelope | null };

/** A way to a running host: in this process, or in a child process. */
export interface HostLink {
  request(request: HostRequest): Promise<unknown>;
  /** Ends the host as an orderly shutdown does. Harmless twice. */
  close(): Promise<void>;
  /** Resolves once the host has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends it with SIGKILL; null where it shares the test's own process. */
  readonly kill: (() => Promise<void>) | null;
}

/** Tests are told everything, internals included. */
export function faultEnvelope(thrown: unknown): ErrorEnvelope {
  if (isSpacedriveError(thrown)) return toEnvelope(thrown);
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return { error: text, code: "INTERNAL", retryable: false };
}

/** The error as the test sees it. */
export function faultOf(envelope: ErrorEnvelope): SpacedriveError {
  return fromEnvelope(envelope);
}
