import type { JobHandler } from "@spacedrive/jobs";
import type { Clock, Logger, Wire } from "@spacedrive/wire";
import type { GuestEngine } from "../guest/guest.js";
import type { GuestLimits } from "../guest/limits.js";
import type { Decision } from "../permissions/decision.js";
import type { GrantsPolicy } from "../permissions/grants.js";

/** The part of a `JobManager` by which an extension's jobs are registered. */
export interface JobRegistrar {
  /** `unregister` interrupts what runs, and resolves when nothing does. */
  register(type: string, handler: JobHandler): { unregister(): Promise<void> };
}

/** What every plugin of one manager shares. */
export interface PluginHost {
  readonly wire: Wire;
  /** Null: this host runs no jobs. */
  readonly jobs: JobRegistrar | null;
  /** By what a manifest's `engine` says. Null: this host has none. */
  readonly engines: { readonly wasm: GuestEngine; readonly wasi: GuestEngine | null };
  readonly grants: GrantsPolicy;
  readonly limits: GuestLimits;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly idleMs: number;
  readonly maxQueuedCalls: number;
  readonly maxNestedCalls: number;
  readonly cleanupTimeoutMs: number;
  readonly shutdownMs: number;
  /** Does not throw. */
  readonly onDecision: (decision: Decision) => void;
}
